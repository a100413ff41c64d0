// Elements made from plain data: text stays text, and never becomes markup.

export function make(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  set(node, given);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function set(node, given) {
  for (const [name, value] of Object.entries(given)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, given = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function key(text) {
  return make("kbd", { "aria-hidden": "true" }, text);
}

/** A button that shows its words and, where it has one, its key. */
export function button(words, act, { hotkey = "", class: kind = "", ...rest } = {}) {
  const given = { type: "button", class: kind, "aria-keyshortcuts": spoken(hotkey), on: { click: act }, ...rest };
  return make("button", given, make("span", {}, words), hotkey && key(shown(hotkey)));
}

const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Backspace: "⌫", Delete: "Del", " ": "Space" };

/** How a key is written on a button. */
export function shown(hotkey) {
  return hotkey
    .split(/(?<=.)\+/)
    .map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}

function spoken(hotkey) {
  return hotkey ? hotkey.replace("Ctrl", "Control") : null;
}

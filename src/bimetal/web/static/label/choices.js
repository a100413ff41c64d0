// Labels as large buttons with their keys: one for single choice, many for several, a palette for marks.

import { make, key, shown } from "./dom.js";
import { nameOf } from "./words.js";

const MANY = 12;

/** Which key stands for each label: its own, else its number. */
export function keysOf(labels) {
  return new Map(labels.map((label, n) => [label.value, label.key || (n < 9 ? String(n + 1) : "")]));
}

/** Make a group of labels to choose from; `role` is radio or checkbox, and `chosen(value)` says which are pressed. */
export function choices(labels, { language, first = "", words, title, role, act }) {
  const hotkeys = keysOf(labels);
  const buttons = new Map(labels.map((label) => [label.value, choice(label, hotkeys.get(label.value))]));

  function choice(label, hotkey) {
    const about = label.about?.[language] ?? label.about?.[language.split("-")[0]];
    const name = make("span", { class: "name", dir: "auto", lang: label.names?.[language] ? language : null }, nameOf(label, language, first));
    const given = { type: "button", role, class: "choice", "data-choice": label.value, "aria-checked": "false", title: about || null };
    return make("button", { ...given, "aria-keyshortcuts": hotkey || null, on: { click: () => act(label.value) } }, hotkey && key(shown(hotkey)), name);
  }

  const group = role === "radio" ? "radiogroup" : "group";
  const root = make("div", { class: "choices", role: group, "aria-label": title }, ...buttons.values());
  if (labels.length > MANY) root.prepend(filter(labels, buttons, language, words));
  return {
    root,
    mark(values) {
      for (const [value, node] of buttons) node.setAttribute("aria-checked", String(values.includes(value)));
    },
    focus: () => buttons.values().next().value?.focus(),
  };
}

function filter(labels, buttons, language, words) {
  const look = (event) => {
    const sought = event.target.value.trim().toLowerCase();
    for (const label of labels) buttons.get(label.value).hidden = !`${nameOf(label, language)} ${label.value}`.toLowerCase().includes(sought);
  };
  return make("input", { type: "search", class: "filter", placeholder: words["label.filter"], "aria-label": words["label.filter"], on: { input: look } });
}

// Keys and what they do: as usual, or as a person set them; any keyboard layout's number row counts as numbers.

export const USUAL = {
  submit: "Enter",
  undo: "Ctrl+z",
  skip: "s",
  previous: "ArrowLeft",
  next: "ArrowRight",
  accept: "a",
  guideline: "g",
  comment: "c",
  lists: "l",
  settings: ",",
  help: "?",
  remove: "Delete",
  blur: "v",
  play: " ",
  zoom_in: "+",
  zoom_out: "-",
  zoom_fit: "f",
};

/** Where an action's words stand in the catalogue. */
export function wordOf(action) {
  return { previous: "label.previous", next: "label.next" }[action] ?? `keys.${action}`;
}

/** Name the key that was pressed: Ctrl+z, Shift+Enter, s, 3. */
export function pressed(event) {
  const character = event.key.length === 1;
  // A Thai or Khmer layout gives other characters: the key's place then says which letter is meant.
  const plain = character && !/[\x20-\x7e]/.test(event.key) ? fromPlace(event.code) : event.key;
  const held = [event.ctrlKey || event.metaKey ? "Ctrl+" : "", event.altKey ? "Alt+" : ""];
  held.push(event.shiftKey && (!character || /^(Digit|Key)/.test(event.code)) ? "Shift+" : "");
  return held.join("") + (plain.length === 1 ? plain.toLowerCase() : plain);
}

/** Which number the key stands for, 0 to 9, whatever the layout; null for none. */
export function digit(event) {
  const found = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (found) return Number(found[1]);
  return /^\d$/.test(event.key) ? Number(event.key) : null;
}

function fromPlace(code) {
  const letter = /^Key([A-Z])$/.exec(code) ?? /^Digit(\d)$/.exec(code);
  return letter ? letter[1] : ({ Comma: ",", Period: ".", Slash: "/", Minus: "-", Equal: "+" }[code] ?? code);
}

/** Say whether somebody is writing, so that letters are letters. */
export function writing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=range], [type=checkbox], [type=radio]), textarea, select"));
}

export class Keys {
  constructor(own = {}) {
    this.set(own);
  }

  set(own) {
    this.own = own;
    this.bound = { ...USUAL, ...own };
    this.actions = new Map(Object.entries(this.bound).map(([action, hotkey]) => [hotkey, action]));
  }

  of(action) {
    return this.bound[action] ?? "";
  }

  /** Say what a key press asks for; while somebody writes, only keys with Ctrl and Enter count. */
  action(event) {
    const name = pressed(event);
    if (!writing(event.target)) return this.actions.get(name) ?? (event.shiftKey ? this.actions.get(event.key) : undefined) ?? "";
    if (name === "Ctrl+Enter") return "submit";
    if (event.target instanceof HTMLTextAreaElement || event.target.matches("select")) return "";
    return name === this.of("submit") ? "submit" : "";
  }
}

// The keys, as they are now, and a way to change each.

import { button, key, make, shown } from "./dom.js";
import { open } from "./dialog.js";
import { USUAL, pressed, wordOf } from "./keys.js";

const FIXED = [
  ["1 – 9", "keys.choose"],
  ["Ctrl Enter", "keys.submit"],
  ["Esc", "keys.cancel"],
];
const ALONE = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "Dead", "Tab", "Escape"]);

export function showHelp({ keys, say, changed, closed }) {
  const body = make("div", { class: "keys" });
  const said = make("p", { class: "note", "aria-live": "polite" });
  const node = open(say("keys.title"), [body, said], { say, name: "help", kind: "wide", closed });
  fill();

  function fill() {
    const fixed = FIXED.map(([hotkey, word]) => make("li", {}, key(hotkey), make("span", {}, say(word))));
    const own = Object.keys(USUAL).map((action) => {
      const change = button(shown(keys.of(action)) || "–", () => listen(action, change), { class: "key", "aria-label": `${say(wordOf(action))}: ${shown(keys.of(action))}. ${say("keys.remap")}`, "data-key": action });
      return make("li", {}, change, make("span", {}, say(wordOf(action))));
    });
    body.replaceChildren(make("ul", {}, ...fixed, ...own), button(say("keys.reset"), () => put({}), { class: "quiet" }));
  }

  function listen(action, place) {
    place.firstChild.textContent = "…";
    said.textContent = `${say(wordOf(action))}: ${say("keys.press")}`;
    place.addEventListener("keydown", taken);
    place.addEventListener("blur", fill, { once: true });

    function taken(event) {
      if (event.key === "Tab") return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") return place.blur();
      if (ALONE.has(event.key)) return;
      const hotkey = pressed(event);
      const other = Object.keys(USUAL).find((each) => each !== action && keys.of(each) === hotkey);
      if (other || /^\d$/.test(hotkey)) {
        said.textContent = say("keys.taken", { key: shown(hotkey), action: say(other ? wordOf(other) : "keys.choose") });
        return;
      }
      place.removeEventListener("keydown", taken);
      put({ ...keys.own, [action]: hotkey });
      said.textContent = `${say(wordOf(action))}: ${shown(hotkey)}`;
      node.querySelector(`[data-key="${action}"]`)?.focus();
    }
  }

  function put(own) {
    keys.set(own);
    changed(own);
    fill();
  }
}

// Options side by side, in the order the server drew: what pairs, rankings and best-worst choices are made on.

import { make } from "./dom.js";
import { asked, reading } from "./viewer.js";

/** Show each option as a card; `controls(option, n)` gives the buttons under it. */
export function cards(item, words, controls) {
  const { options, prompt } = item.payload;
  const made = new Map(options.map((option, n) => [option.key, card(option, n)]));

  function card(option, n) {
    const title = words["pair.option"].replace("{n}", n + 1);
    const head = make("header", {}, make("h3", {}, title), make("span", { class: "place", "aria-live": "polite" }));
    const text = make("div", { class: "said", tabindex: "0", role: "group", "aria-label": title }, reading(option.text ?? "", item));
    return make("article", { class: "option", "data-option": option.key }, head, text, make("footer", {}, ...controls(option, n)));
  }

  const row = make("div", { class: `options of-${Math.min(options.length, 4)}` }, ...made.values());
  const root = make("div", { class: "compare" }, prompt && asked(prompt, item, (name) => words[name]), row);
  return { root, made };
}

/** A control under an option, pressed or not. */
export function control(words, hotkey, act, kind = "") {
  const given = { type: "button", class: `choice ${kind}`, "aria-pressed": "false", "data-choice": words, on: { click: act } };
  return make("button", given, hotkey && make("kbd", { "aria-hidden": "true" }, hotkey), make("span", { class: "name" }, words));
}

// Why an item is skipped: a reason from the list by its number, or one's own words.

import { button, make } from "./dom.js";
import { open } from "./dialog.js";
import { digit, writing } from "./keys.js";

export const REASONS = ["unclear", "broken", "language", "expertise", "harmful", "guideline"];

/** Say a reason in the person's language; one's own words stay as they are. */
export function saidReason(reason, say) {
  if (REASONS.includes(reason)) return say(`skip.${reason}`);
  const word = `reason.${reason.replaceAll(" ", "_")}`;
  return say(word) === word ? reason : say(word);
}

export function askWhy({ say, skip, closed }) {
  const give = (reason) => {
    node.close();
    skip(reason);
  };
  const listed = REASONS.map((reason, n) => button(say(`skip.${reason}`), () => give(reason), { hotkey: String(n + 1), class: "choice" }));
  for (const each of listed) each.prepend(each.lastChild);
  const own = make("input", { type: "text", maxlength: "60", required: true, "aria-label": say("skip.say_why"), placeholder: say("skip.other") });
  const submit = (event) => {
    event.preventDefault();
    if (own.value.trim()) give(own.value.trim());
  };
  const form = make("form", { class: "row", on: { submit } }, own, make("button", { type: "submit" }, say("skip.confirm")));
  const node = open(say("skip.title"), make("div", { class: "choices" }, ...listed, form), { say, name: "skip", closed, first: listed[0] });
  node.addEventListener("keydown", (event) => {
    const n = writing(event.target) ? null : digit(event);
    if (n && listed[n - 1]) listed[n - 1].click();
  });
}

// What a person may set for themselves: language, colours, size of text, suggestions, submitting at once.

import { button, make } from "./dom.js";
import { open } from "./dialog.js";
import { remember } from "./settings.js";

export function showSettings({ settings, language, languages, say, changed, keysShown, closed }) {
  const box = (name, word) => {
    const input = make("input", { type: "checkbox", on: { change: () => (settings.put(name, input.checked), changed(name)) } });
    input.checked = settings.get(name);
    return make("label", { class: "check" }, input, make("span", {}, say(word)));
  };
  const pick = (word, options, value, act) => {
    const select = make("select", { on: { change: () => act(select.value) } }, ...options.map(([each, words]) => make("option", { value: each, lang: word === "settings.language" ? each : null }, words)));
    select.value = value;
    return make("label", {}, make("span", {}, say(word)), select);
  };
  const themes = [["", "settings.theme_system"], ["light", "settings.theme_light"], ["dark", "settings.theme_dark"]].map(([value, word]) => [value, say(word)]);
  const size = make("input", { type: "range", min: 80, max: 200, step: 10, on: { input: () => settings.put("size", size.valueAsNumber) } });
  size.value = settings.get("size");
  const paint = (value) => {
    remember("theme", value);
    document.documentElement.dataset.theme = value;
  };
  const speak = (value) => {
    remember("language", value);
    location.reload();
  };
  const reset = () => {
    settings.reset();
    node.close();
    changed("");
  };
  const body = [
    languages.length > 1 && pick("settings.language", languages.map(({ tag, name }) => [tag, name]), language, speak),
    languages.some(({ tag, drafted }) => drafted && tag === language) && make("p", { class: "note" }, say("page.drafted")),
    pick("settings.theme", themes, document.documentElement.dataset.theme ?? "", paint),
    make("label", {}, make("span", {}, say("settings.size")), size),
    box("advance", "settings.advance"),
    box("suggestions", "settings.suggestions"),
    make("p", { class: "note" }, say("suggestion.shares")),
    box("blur", "settings.blur"),
    make("div", { class: "row" }, button(say("keys.remap"), () => (node.close(), keysShown())), button(say("settings.reset"), reset, { class: "quiet" })),
    make("p", { class: "note" }, say("settings.on_device")),
  ];
  const node = open(say("settings.title"), make("div", { class: "settings" }, body), { say, name: "settings", closed });
}

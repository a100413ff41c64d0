// Which of the options is better, or a tie: the value is the item's own key, whatever order it is shown in.

import { make } from "../label/dom.js";
import { cards, control } from "../label/options.js";

export function mount(root, { item, value, words, change }) {
  const { options } = item.payload;
  let chosen = value ?? null;
  const buttons = new Map();
  const shown = cards(item, words, (option, n) => {
    const said = words["pair.prefer"].replace("{n}", n + 1);
    buttons.set(option.key, control(said, String(n + 1), () => choose(option.key)));
    return [buttons.get(option.key)];
  });
  buttons.set("tie", control(words["pair.tie"], String(options.length + 1), () => choose("tie"), "tie"));
  root.append(shown.root, make("div", { class: "between" }, buttons.get("tie")));
  show();

  function choose(option) {
    chosen = option;
    show();
    change(chosen);
  }

  function show() {
    for (const [option, node] of buttons) node.setAttribute("aria-pressed", String(option === chosen));
    for (const [option, node] of shown.made) node.classList.toggle("chosen", option === chosen);
  }

  return {
    get value() {
      return chosen;
    },
    set(next) {
      chosen = next;
      show();
    },
    choose,
    digit(n) {
      const option = n === options.length + 1 || n === 0 ? "tie" : options[n - 1]?.key;
      if (option) choose(option);
      return Boolean(option);
    },
    remove: () => choose(null),
    focus: () => buttons.values().next().value.focus(),
    destroy() {},
  };
}

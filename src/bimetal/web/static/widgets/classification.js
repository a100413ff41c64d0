// One label for an item: the value is the label's own.

import { choices } from "../label/choices.js";

export function mount(root, { sheet, value, language, words, change }) {
  let chosen = value ?? null;
  const group = choices(sheet.labels, { language, first: sheet.language, words, title: words["label.choose_one"], role: "radio", act: choose });
  root.append(group.root);
  show();

  function choose(label) {
    chosen = label;
    show();
    change(chosen);
  }

  function show() {
    group.mark(chosen === null ? [] : [chosen]);
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
    remove: () => choose(null),
    focus: group.focus,
    destroy() {},
  };
}

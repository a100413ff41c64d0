// Every label that fits: the value is a JSON array, sorted; an empty one says that none does.

import { button } from "../label/dom.js";
import { choices } from "../label/choices.js";

export function mount(root, { sheet, value, language, words, change }) {
  let chosen = read(value);
  const group = choices(sheet.labels, { language, first: sheet.language, words, title: words["label.choose_many"], role: "checkbox", act: choose });
  const none = button(words["label.none_of_these"], () => put([]), { class: "choice none", hotkey: "0", "aria-pressed": "false", "data-choice": "" });
  none.prepend(none.lastChild);
  root.append(group.root, none);
  show();

  function choose(label) {
    const before = chosen ?? [];
    put(before.includes(label) ? before.filter((each) => each !== label) : [...before, label]);
  }

  function put(next) {
    chosen = next && [...new Set(next)].sort();
    show();
    change(written());
  }

  function written() {
    return chosen && JSON.stringify(chosen);
  }

  function show() {
    group.mark(chosen ?? []);
    none.setAttribute("aria-pressed", String(chosen?.length === 0));
  }

  return {
    get value() {
      return written();
    },
    set(next) {
      chosen = read(next);
      show();
    },
    choose,
    digit: (n) => n === 0 && (put([]), true),
    remove: () => put(null),
    focus: group.focus,
    destroy() {},
  };
}

function read(value) {
  return value ? JSON.parse(value) : null;
}

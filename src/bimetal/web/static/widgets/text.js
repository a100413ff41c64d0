// Words of one's own: the value is what was written, composed (NFC); Ctrl+Enter submits.

import { make } from "../label/dom.js";

export function mount(root, { item, value, words, change }) {
  const wrote = () => {
    count();
    change(written());
  };
  const given = { class: "own", rows: "6", lang: item.language || null, dir: item.dir || "auto", placeholder: words["text.placeholder"], "aria-label": words["text.title"] };
  const field = make("textarea", { ...given, on: { input: wrote } });
  const length = make("p", { class: "note" });
  field.value = value ?? "";
  root.append(field, length);
  count();

  function written() {
    return field.value.trim() ? field.value.normalize("NFC") : null;
  }

  function count() {
    length.textContent = words["text.length"].replace("{n}", [...field.value].length);
  }

  return {
    get value() {
      return written();
    },
    set(next) {
      field.value = next ?? "";
      count();
    },
    choose() {},
    remove() {},
    focus: () => field.focus(),
    destroy() {},
  };
}

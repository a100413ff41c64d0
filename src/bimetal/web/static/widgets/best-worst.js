// The best and the worst of several options: the first key chooses the best, the second the worst.

import { make } from "../label/dom.js";
import { cards, control } from "../label/options.js";

export function mount(root, { item, value, words, change, report }) {
  const keys = item.payload.options.map((option) => option.key);
  let chosen = read(value);
  const buttons = new Map();
  const shown = cards(item, words, (option, n) => {
    const best = control(words["best.best"], String(n + 1), () => put("best", option.key));
    const worst = control(words["best.worst"], `⇧${n + 1}`, () => put("worst", option.key), "worst");
    buttons.set(option.key, { best, worst });
    return [best, worst];
  });
  root.append(make("h2", {}, words["best.question"]), shown.root);
  show();

  function put(end, key) {
    const other = end === "best" ? "worst" : "best";
    if (chosen[other] === key) report?.(words["best.same"]);
    chosen = { ...chosen, [end]: chosen[end] === key ? null : key, [other]: chosen[other] === key ? null : chosen[other] };
    show();
    change(written());
  }

  function written() {
    return chosen.best && chosen.worst ? JSON.stringify({ best: chosen.best, worst: chosen.worst }) : null;
  }

  function show() {
    for (const [key, pair] of buttons) {
      for (const end of ["best", "worst"]) pair[end].setAttribute("aria-pressed", String(chosen[end] === key));
      const card = shown.made.get(key);
      card.classList.toggle("chosen", chosen.best === key);
      card.classList.toggle("least", chosen.worst === key);
    }
  }

  /** The best first, then the worst; a key pressed again takes its choice back. */
  function choose(key) {
    if (chosen.worst === key) put("worst", key);
    else put(chosen.best && chosen.best !== key ? "worst" : "best", key);
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
    digit(n, event) {
      const key = keys[n - 1];
      if (key) event?.shiftKey ? put("worst", key) : choose(key);
      return Boolean(key);
    },
    remove() {
      chosen = read(null);
      show();
      change(null);
    },
    focus: () => buttons.values().next().value.best.focus(),
    destroy() {},
  };
}

function read(value) {
  return value ? JSON.parse(value) : { best: null, worst: null };
}

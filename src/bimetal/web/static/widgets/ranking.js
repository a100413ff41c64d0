// Options put in order, best first: each one chosen takes the next place; ties share a place.

import { make } from "../label/dom.js";
import { cards, control } from "../label/options.js";

export function mount(root, { item, value, words, change }) {
  const keys = item.payload.options.map((option) => option.key);
  let tiers = read(value);
  const buttons = new Map();
  const shown = cards(item, words, (option, n) => {
    const place = control(words["rank.put"], String(n + 1), () => choose(option.key));
    const tie = control(words["rank.tie"], `⇧${n + 1}`, () => tied(option.key), "tie");
    buttons.set(option.key, { place, tie });
    return [place, tie];
  });
  root.append(make("h2", {}, words["rank.title"]), shown.root);
  show();

  /** Give an option the next place, or take its place away again. */
  function choose(key) {
    put(placed(key) ? without(key) : [...tiers, [key]]);
  }

  /** Let an option share the place given last. */
  function tied(key) {
    const others = without(key);
    put(others.length ? [...others.slice(0, -1), [...others.at(-1), key].sort()] : [[key]]);
  }

  function placed(key) {
    return tiers.some((tier) => tier.includes(key));
  }

  function without(key) {
    return tiers.map((tier) => tier.filter((each) => each !== key)).filter((tier) => tier.length);
  }

  function put(next) {
    tiers = next;
    show();
    change(written());
  }

  function written() {
    return tiers.flat().length === keys.length ? JSON.stringify(tiers) : null;
  }

  function show() {
    for (const key of keys) {
      const n = tiers.findIndex((tier) => tier.includes(key));
      const card = shown.made.get(key);
      card.classList.toggle("chosen", n >= 0);
      card.querySelector(".place").textContent = n < 0 ? "" : words["rank.place"].replace("{n}", n + 1);
      buttons.get(key).place.setAttribute("aria-pressed", String(n >= 0));
      buttons.get(key).tie.disabled = !tiers.length || (n >= 0 && n === tiers.length - 1);
    }
  }

  return {
    get value() {
      return written();
    },
    set(next) {
      tiers = read(next);
      show();
    },
    choose,
    digit(n, event) {
      const key = keys[n - 1];
      if (key) (event?.shiftKey ? tied : choose)(key);
      return Boolean(key);
    },
    remove: () => put(tiers.slice(0, -1)),
    focus: () => buttons.values().next().value.place.focus(),
    destroy() {},
  };
}

function read(value) {
  return value ? JSON.parse(value) : [];
}

// A number on a scale: buttons where the steps are few, a slider and a field where they are many.

import { make } from "../label/dom.js";

const FEW = 11;

export function mount(root, { sheet, value, words, change }) {
  const [low, high, step] = sheet.scale ?? [1, 5, 1];
  const places = decimals(step);
  const count = Math.round((high - low) / step) + 1;
  let chosen = value ?? null;
  const face = count <= FEW ? few() : many();
  const ends = make("p", { class: "ends" }, make("span", {}, said("score.low", low)), make("span", {}, said("score.high", high)));
  root.append(make("div", { class: "score" }, face.root, ends));
  face.show();

  function said(name, n) {
    return words[name].replace("{n}", written(n));
  }

  function written(n) {
    return String(Number(n.toFixed(places)));
  }

  function put(next) {
    chosen = next;
    face.show();
    change(chosen);
  }

  function few() {
    const steps = Array.from({ length: count }, (_, n) => written(low + n * step));
    const buttons = steps.map((each) =>
      make("button", { type: "button", role: "radio", class: "choice step", "data-choice": each, on: { click: () => put(each) } }, make("span", { class: "name" }, each)),
    );
    const show = () => buttons.forEach((node) => node.setAttribute("aria-checked", String(node.dataset.choice === chosen)));
    return { root: make("div", { class: "steps", role: "radiogroup", "aria-label": words["score.title"] }, ...buttons), show, focus: () => buttons[0].focus(), steps };
  }

  function many() {
    const given = { min: low, max: high, step, "aria-label": words["score.title"] };
    const slider = make("input", { type: "range", ...given, on: { input: () => put(written(slider.valueAsNumber)) } });
    const field = make("input", { type: "number", ...given, on: { input: () => field.validity.valid && field.value !== "" && put(written(field.valueAsNumber)) } });
    const show = () => {
      slider.value = chosen ?? (low + high) / 2;
      slider.classList.toggle("unset", chosen === null);
      if (document.activeElement !== field) field.value = chosen ?? "";
    };
    return { root: make("div", { class: "slide" }, slider, field), show, focus: () => slider.focus(), steps: [] };
  }

  return {
    get value() {
      return chosen;
    },
    set(next) {
      chosen = next;
      face.show();
    },
    choose: put,
    /** A digit means that number where the scale has it, else the step in that place. */
    digit(n) {
      const found = face.steps.includes(String(n)) ? String(n) : face.steps[n - 1];
      if (found) put(found);
      return Boolean(found);
    },
    move(dx, dy) {
      const from = chosen === null ? (dx - dy > 0 ? low - step : high + step) : Number(chosen);
      put(written(Math.min(Math.max(from + Math.sign(dx - dy) * step, low), high)));
      return true;
    },
    remove: () => put(null),
    focus: face.focus,
    destroy() {},
  };
}

function decimals(step) {
  return (String(step).split(".")[1] ?? "").length;
}

// Points of a figure, placed one after the other by click or by keys: arrows move a cross, Space sets a point, N says it is not visible.

import { button, draw, make } from "../label/dom.js";
import { pressed } from "../label/keys.js";
import { nameOf } from "../label/words.js";
import { arrow, clamp, easel, hueOf, legend, spoken } from "./_easel.js";

export function mount(root, { item, sheet, value, language, words, change, report }) {
  const say = spoken(words);
  const named = (label) => nameOf(sheet.labels.find((each) => each.value === label) ?? { value: label }, language);
  const names = sheet.points ?? [];
  let figures = read(value); // [{label, points: {name: [x, y]}}]
  let label = sheet.labels[0]?.value ?? "";
  let drawing = null; // {figure, next}: whose next point is being set
  let at = null; // {figure, name}: the selected point
  let aim = null; // where the keys' cross stands

  const add = button(say("shape.add_instance"), () => (board.frame.focus(), begin()), { hotkey: "k" });
  const board = easel(root, {
    url: item.payload.image, image: item.picture, words, name: say("task.keypoints"), keys, tools: [add],
  });
  const hint = make("p", { class: "easel-hint", "aria-live": "off" });
  const list = make("ol", { class: "easel-list", "aria-label": say("label.title") });
  const cross = draw("path", { class: "easel-cross" });
  const layer = draw("svg", { class: "easel-layer", "aria-hidden": "true" }, cross);
  const dots = make("div", { class: "easel-dots" });
  board.stage.append(dots, layer);
  const known = [["k", "shape.add_instance"], ["←→", "keys.move"], [" ", "shape.add_keypoint"], ["n", "shape.not_visible"], ["Tab", "shape.next"], ["Delete", "shape.remove"]];
  board.whole.append(hint, legend(say, known), list);
  board.stage.addEventListener("click", (event) => event.detail && !moved && put(board.pixel(event)));
  board.loaded.then(() => {
    layer.setAttribute("viewBox", `0 0 ${board.size.join(" ")}`);
    shown();
  });
  let moved = false; // the click that ends a drag sets no point

  function begin() {
    drawing = { figure: null, next: 0 };
    at = null;
    const { x, y } = board.seen();
    aim = [Math.round(x), Math.round(y)];
    shown();
    report(waitsFor());
  }

  function waitsFor() {
    return drawing ? `${say("shape.add_keypoint")}: ${names[drawing.next]}` : say("shape.add_instance");
  }

  function put(point) {
    drawing ??= { figure: null, next: 0 };
    if (!drawing.figure) figures.push((drawing.figure = { label, points: {} }));
    const name = names[drawing.next];
    drawing.figure.points[name] = tidy(point);
    at = { figure: drawing.figure, name };
    passed();
    changed();
    report(`${told(at)}. ${waitsFor()}`);
  }

  function pass() {
    const name = names[drawing.next];
    passed();
    shown();
    report(`${name}: ${say("shape.not_visible")}. ${waitsFor()}`);
  }

  function passed() {
    drawing.next += 1;
    if (drawing.next < names.length) return;
    drawing = null;
    aim = null;
  }

  function tidy(point) {
    return point.map((each, axis) => Math.round(clamp(each, 0, board.size[axis]) * 10) / 10);
  }

  function told({ figure, name }) {
    const [x, y] = figure.points[name].map(Math.round);
    return `${say("shape.instance", { n: figures.indexOf(figure) + 1 })}, ${named(figure.label)}: ${name}, ${say("shape.at", { x, y })}`;
  }

  function changed() {
    shown();
    change(JSON.stringify(figures));
  }

  function shown() {
    hint.textContent = waitsFor();
    list.replaceChildren(...figures.map(line));
    if (!board.size[0]) return;
    dots.replaceChildren(...places().map(dot));
    const arm = Math.max(1, board.size[0] / 40);
    cross.setAttribute("d", aim ? `M${aim[0] - arm} ${aim[1]}h${2 * arm}M${aim[0]} ${aim[1] - arm}v${2 * arm}` : "");
  }

  function places() {
    return figures.flatMap((figure) => names.filter((name) => figure.points[name]).map((name) => ({ figure, name })));
  }

  function same(place) {
    return at !== null && place.figure === at.figure && place.name === at.name;
  }

  function dot(place) {
    const [x, y] = place.figure.points[place.name];
    const node = make("span", { class: `easel-dot${same(place) ? " chosen" : ""}` }, make("span", {}, place.name));
    node.style.setProperty("--hue", hueOf(sheet, place.figure.label));
    node.style.left = `${(x / board.size[0]) * 100}%`;
    node.style.top = `${(y / board.size[1]) * 100}%`;
    node.addEventListener("pointerdown", (event) => grab(event, place));
    return node;
  }

  function grab(event, place) {
    event.preventDefault();
    board.frame.focus();
    at = place;
    moved = true;
    const follow = (event) => {
      place.figure.points[place.name] = tidy(board.pixel(event));
      shown();
    };
    const drop = () => {
      window.removeEventListener("pointermove", follow);
      changed();
      report(told(place));
      setTimeout(() => (moved = false));
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", drop, { once: true });
    shown();
  }

  function line(figure, n) {
    const set = Object.keys(figure.points).length;
    const words = `${say("shape.instance", { n: n + 1 })}: ${named(figure.label)} (${set}/${names.length})`;
    const pressed = String(at?.figure === figure);
    const chip = make("button", { type: "button", "aria-pressed": pressed, on: { click: () => select(figure) } }, words);
    chip.style.setProperty("--hue", hueOf(sheet, figure.label));
    return make("li", {}, chip);
  }

  function select(figure) {
    at = places().find((place) => place.figure === figure) ?? null;
    shown();
    if (at) report(told(at));
  }

  function cycle(step) {
    const all = places();
    const now = all.findIndex(same);
    at = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step] ?? null;
    shown();
    if (at) report(told(at));
    return at !== null;
  }

  function remove() {
    if (!at) return;
    delete at.figure.points[at.name];
    figures = figures.filter((figure) => Object.keys(figure.points).length);
    if (drawing && !figures.includes(drawing.figure)) drawing = null;
    if (!drawing) aim = null;
    report(`${at.name}: ${say("shape.not_visible")}`);
    at = null;
    changed();
  }

  function choose(chosen) {
    label = chosen;
    const figure = at?.figure ?? drawing?.figure;
    if (!figure) return report(named(label));
    figure.label = label;
    changed();
    return report(`${say("shape.instance", { n: figures.indexOf(figure) + 1 })}: ${named(label)}`);
  }

  function move(dx, dy) {
    const from = aim ?? at?.figure.points[at.name];
    if (!from) return;
    const [x, y] = tidy([from[0] + dx, from[1] + dy]);
    if (aim) {
      aim = [x, y];
      shown();
      report(say("shape.at", { x: Math.round(x), y: Math.round(y) }));
      return;
    }
    at.figure.points[at.name] = [x, y];
    changed();
    report(told(at));
  }

  function keys(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (key === "Tab") return cycle(event.shiftKey ? -1 : 1);
    if (pressed(event) === "k") return begin(), true;
    if (drawing && aim === null && key === " ") return (aim = middle()), shown(), true;
    if (drawing && key === " ") return put(aim), true;
    if (drawing && pressed(event) === "n") return pass(), true;
    if (key === "Escape" && (drawing || at)) return (drawing = aim = at = null), shown(), true;
    if (at && (key === "Delete" || key === "Backspace")) return remove(), true;
    const way = (aim || at) && arrow(event, board.size);
    if (way) return move(...way.map((each) => each * (event.shiftKey ? 10 : 1))), true;
    return false;
  }

  function middle() {
    const { x, y } = board.seen();
    return [Math.round(x), Math.round(y)];
  }

  return {
    get value() {
      return JSON.stringify(figures);
    },
    set(text) {
      figures = read(text);
      drawing = aim = at = null;
      shown();
    },
    choose,
    remove,
    move,
    focus: () => board.frame.focus(),
    destroy: board.destroy,
  };
}

function read(text) {
  return text ? JSON.parse(text) : [];
}

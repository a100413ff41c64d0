// Shapes on a picture through annotorious: drawn by mouse or finger, made, moved, sized and labelled by keys.

import { button, make } from "../label/dom.js";
import { pressed } from "../label/keys.js";
import { nameOf } from "../label/words.js";
import { arrow, clamp, easel, hueOf, legend, spoken, styled } from "./_easel.js";

/** Mount a widget for one kind of shape; `kind` says how it is read, written, moved and sized. */
export function shapes(root, { item, sheet, value, language, words, change, report }, kind) {
  const say = spoken(words);
  const named = (label) => nameOf(sheet.labels.find((each) => each.value === label) ?? { value: label }, language);
  let marks = read(value); // [{id, label, points}], what is drawn here follows it
  let at = null; // the id of the selected mark
  let label = sheet.labels[0]?.value ?? "";
  let tool = null; // annotorious, once it is here
  let dead = false;
  let silent = false; // while marks are drawn from here, what the library tells is no news

  styled("../built/annotorious.css");
  const add = button(say(kind.add), () => (board.frame.focus(), begin()), { hotkey: kind.key });
  const board = easel(root, { url: item.payload.image, image: item.picture, words, name: say(`task.${kind.task}`), keys, tools: [add] });
  const list = make("ol", { class: "easel-list", "aria-label": say("label.title") });
  board.whole.append(legend(say, [...kind.legend, ["Tab", "shape.next"], ["Delete", "shape.remove"]]), list);
  const own = kind.keyboard?.({ board, say, report, done: made, marked: current, edited });
  Promise.all([import("../built/annotorious.js"), board.loaded]).then(([library]) => dead || begun(library), missing);

  /** Without the library nothing can be seen of what is drawn, so nothing is taken for an answer. */
  function missing() {
    dead = true;
    add.disabled = true;
    board.whole.append(make("p", { class: "fault", role: "alert" }, say("shape.not_built")));
  }

  function begun({ createImageAnnotator }) {
    tool = createImageAnnotator(board.image, {
      drawingEnabled: true,
      drawingMode: kind.mode,
      style: (annotation, state) => {
        const hue = hueOf(sheet, annotation.bodies[0]?.value ?? label);
        const strong = state ? state.selected : true; // what is being dragged comes without a state
        return { fill: hue, fillOpacity: strong ? 0.35 : 0.15, stroke: hue, strokeWidth: strong ? 4 : 2.5 };
      },
    });
    tool.setDrawingTool(kind.tool);
    tool.state.store.observe(seen);
    // Its lifecycle events come late, when more may have happened; its state tells at once.
    silent = true;
    tool.state.selection.subscribe(({ selected: [chosen] }) => select(chosen?.id ?? null, "tool"));
    draw();
  }

  /** Follow what was drawn or dragged with a pointer; what keys do goes the other way. */
  function seen({ changes }) {
    if (silent) return;
    for (const made of changes.created ?? []) drawn(made);
    for (const { newValue } of changes.updated ?? []) {
      const mark = marks.find(({ id }) => id === newValue.id);
      if (mark) mark.points = kind.fromShape(newValue.target.selector.geometry);
    }
    if (changes.updated?.length) settle();
  }

  function drawn(annotation) {
    const points = kind.tidy(kind.fromShape(annotation.target.selector.geometry), board.size);
    // Annotorious selects what it made once this returns; then the shape is drawn again, tidied and labelled.
    setTimeout(() => {
      if (points) made(points);
      else draw();
    });
  }

  let waiting = 0;
  function settle() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const mark of marks) mark.points = kind.tidy(mark.points, board.size) ?? mark.points;
      changed();
    }, 60);
  }

  function made(points) {
    const mark = { id: crypto.randomUUID(), label, points };
    marks.push(mark);
    at = mark.id;
    draw();
    changed();
    report(told(mark));
  }

  function told(mark) {
    return say(kind.named, { n: marks.indexOf(mark) + 1, label: named(mark.label) });
  }

  function annotation({ id, label: tagged, points }) {
    const selector = { type: kind.type, geometry: kind.toShape(points) };
    return { id, bodies: [{ id: `${id}-label`, annotation: id, purpose: "tagging", value: tagged }], target: { annotation: id, selector } };
  }

  /** Draw every mark again from what is held here. */
  function draw() {
    listed();
    if (!tool) return;
    silent = true;
    tool.setAnnotations(marks.map(annotation), true);
    tool.setSelected(at ?? undefined, false);
    silent = false;
  }

  function listed() {
    const lines = marks.map((mark) => {
      const chip = make("button", { type: "button", "aria-pressed": String(mark.id === at), on: { click: () => select(mark.id) } }, told(mark));
      chip.style.setProperty("--hue", hueOf(sheet, mark.label));
      return make("li", {}, chip);
    });
    list.replaceChildren(...lines);
  }

  function select(id, from = "keys") {
    if (silent || at === id) return;
    own?.cancel();
    at = id;
    const mark = current();
    if (from === "tool") listed(); // its own selection stands, with handles to drag
    else draw();
    if (mark) report(told(mark));
  }

  function current() {
    return marks.find(({ id }) => id === at) ?? null;
  }

  function changed() {
    clearTimeout(waiting);
    listed();
    change(written());
  }

  function written() {
    return JSON.stringify(marks.map((mark) => kind.write(kind.tidy(mark.points, board.size) ?? mark.points, mark.label)));
  }

  function read(text) {
    return (text ? JSON.parse(text) : []).map((each) => ({ id: crypto.randomUUID(), label: each.label, points: kind.read(each) }));
  }

  function begin() {
    if (own) own.begin();
    else made(kind.tidy(kind.start(board.seen()), board.size));
  }

  function edited(points) {
    const mark = current();
    mark.points = kind.within(points, board.size);
    draw();
    changed();
    report(say("shape.at", { x: Math.round(mark.points[0][0]), y: Math.round(mark.points[0][1]) }));
  }

  function move(dx, dy) {
    if (current()) edited(kind.moved(current().points, dx, dy, board.size));
  }

  function remove() {
    const mark = current();
    if (!mark) return;
    marks = marks.filter((each) => each !== mark);
    own?.cancel();
    at = null;
    draw();
    changed();
    report(say("shape.count", { n: marks.length }));
  }

  function choose(chosen) {
    label = chosen;
    const mark = current();
    if (!mark) return report(named(label));
    mark.label = label;
    draw();
    changed();
    return report(told(mark));
  }

  /** Go to the next or previous mark; beyond the last, the focus moves on as Tab does anywhere. */
  function cycle(step) {
    const next = current() ? marks.indexOf(current()) + step : step > 0 ? 0 : marks.length - 1;
    select(marks[next]?.id ?? null);
    return Boolean(marks[next]);
  }

  function keys(event) {
    if (dead) return false;
    const { key } = event;
    if (own?.keys(event)) return true;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (key === "Tab") return cycle(event.shiftKey ? -1 : 1);
    if (pressed(event) === kind.key) return begin(), true;
    const mark = current();
    if (key === "Escape") return tool?.cancelDrawing(), select(null), mark !== null;
    if (!mark) return false;
    if (key === "Delete" || key === "Backspace") return remove(), true;
    const way = arrow(event, board.size);
    if (way) return edited((event.shiftKey ? kind.sized : kind.moved)(mark.points, ...way, board.size)), true;
    return false;
  }

  return {
    get value() {
      return dead ? "" : written();
    },
    set(text) {
      marks = read(text);
      own?.cancel();
      at = null;
      draw();
    },
    choose,
    remove,
    move,
    focus: () => board.frame.focus(),
    destroy() {
      dead = true;
      clearTimeout(waiting);
      own?.cancel();
      tool?.destroy();
      board.destroy();
    },
  };
}

export function bounds(points) {
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  return { minX: Math.min(...xs), minY: Math.min(...ys), maxX: Math.max(...xs), maxY: Math.max(...ys) };
}

/** Move points together, no further than the picture's edge. */
export function shifted(points, dx, dy, [width, height]) {
  const { minX, minY, maxX, maxY } = bounds(points);
  const [x, y] = [clamp(dx, -minX, width - maxX), clamp(dy, -minY, height - maxY)];
  return points.map((point) => [point[0] + x, point[1] + y]);
}

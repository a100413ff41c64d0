// Polygons on a picture: clicked corner by corner, or by keys: P for a cross that arrows move, Space for a corner, P to close.

import { arrow, clamp } from "./_easel.js";
import { draw } from "../label/dom.js";
import { bounds, shapes, shifted } from "./_shapes.js";

const POLYGON = {
  task: "polygons",
  tool: "polygon",
  type: "POLYGON",
  mode: "click",
  key: "p",
  add: "shape.add_polygon",
  named: "shape.polygon",
  legend: [["p", "shape.add_polygon"], [" ", "shape.add_keypoint"], ["Backspace", "shape.undo_point"], ["p", "shape.finish"], ["[ ]", "shape.select"], ["←→", "keys.move"]],
  read: ({ points }) => points,
  write: (points, label) => ({ points, label }),
  fromShape: ({ points }) => points.map(([x, y]) => [x, y]),
  toShape: (points) => ({ points, bounds: bounds(points) }),
  tidy(points, [width, height]) {
    const kept = points.map(([x, y]) => [tenth(clamp(x, 0, width)), tenth(clamp(y, 0, height))]);
    return kept.length > 2 && area(kept) > 0 ? kept : null;
  },
  within: (points) => points,
  moved: shifted,
  sized(points, dx, dy, [width, height]) {
    const { minX, minY, maxX, maxY } = bounds(points);
    const wide = Math.max(1, clamp(maxX + dx, minX + 1, width) - minX) / (maxX - minX || 1);
    const tall = Math.max(1, clamp(maxY + dy, minY + 1, height) - minY) / (maxY - minY || 1);
    return points.map(([x, y]) => [minX + (x - minX) * wide, minY + (y - minY) * tall]);
  },
  keyboard: cross,
};

export function mount(root, given) {
  return shapes(root, given, POLYGON);
}

/** Draw a polygon with keys alone: a cross, the corners set so far, and the line between them; later, move one corner. */
function cross({ board, say, report, done, marked, edited }) {
  let corner = null; // {mark, n}: the corner that brackets chose, for arrows to move
  let points = null;
  let at = [0, 0];
  const line = draw("polyline", { class: "easel-line" });
  const mark = draw("path", { class: "easel-cross" });
  const layer = draw("svg", { class: "easel-layer", "aria-hidden": "true" }, line, mark);

  function begin() {
    if (points) return finish();
    const { x, y } = board.seen();
    [points, at, corner] = [[], [Math.round(x), Math.round(y)], null];
    shown();
    return report(say("shape.add_polygon"));
  }

  function finish() {
    const made = POLYGON.tidy(points, board.size);
    cancel();
    if (made) done(made);
    else report(say("shape.cancel"));
  }

  function cancel() {
    points = corner = null;
    layer.remove();
  }

  function shown() {
    const arm = Math.max(1, board.size[0] / 40);
    layer.setAttribute("viewBox", `0 0 ${board.size.join(" ")}`);
    board.stage.append(layer);
    line.setAttribute("points", [...(points ?? []), at].map((point) => point.join(",")).join(" "));
    mark.setAttribute("d", `M${at[0] - arm} ${at[1]}h${2 * arm}M${at[0]} ${at[1] - arm}v${2 * arm}`);
  }

  /** Brackets go from corner to corner of the selected polygon; arrows then move that one, Delete takes it away. */
  function cornered(event, mark) {
    const step = { BracketLeft: -1, BracketRight: 1 }[event.code] ?? { "[": -1, "]": 1 }[event.key];
    if (corner && corner.mark !== mark) cancel();
    if (!mark || (!step && !corner)) return false;
    const many = mark.points.length;
    const way = arrow(event, board.size);
    if (step) corner = { mark, n: corner ? (corner.n + step + many) % many : step > 0 ? 0 : many - 1 };
    else if (way) edited(mark.points.map((point, n) => (n === corner.n ? within(point, way, event.shiftKey) : point)));
    else if ((event.key === "Delete" || event.key === "Backspace") && many > 3) {
      edited(mark.points.filter((_, n) => n !== corner.n));
      corner.n = Math.min(corner.n, many - 2);
    } else if (event.key === "Escape") return cancel(), true;
    else return false;
    at = mark.points[corner.n];
    shown();
    told(say("shape.keypoint", { name: corner.n + 1 }));
    return true;
  }

  function within(point, way, faster) {
    return [0, 1].map((axis) => clamp(point[axis] + way[axis] * (faster ? 10 : 1), 0, board.size[axis]));
  }

  function told(what = "") {
    report(`${what} ${say("shape.at", { x: Math.round(at[0]), y: Math.round(at[1]) })}`.trim());
  }

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (!points) return cornered(event, marked());
    const way = arrow(event, board.size);
    if (way) at = within(at, way, event.shiftKey);
    else if (event.key === " ") points.push(at);
    else if (event.key === "Backspace" || event.key === "Delete") points.pop();
    else if (event.key === "Enter") return finish(), true;
    else if (event.key === "Escape") return cancel(), report(say("shape.cancel")), true;
    else return false;
    shown();
    told();
    return true;
  }

  return { begin, keys, cancel };
}

function tenth(value) {
  return Math.round(value * 10) / 10;
}

function area(points) {
  return Math.abs(points.reduce((sum, [x, y], n) => sum + x * points.at(n - 1)[1] - points.at(n - 1)[0] * y, 0)) / 2;
}

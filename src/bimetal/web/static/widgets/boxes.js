// Boxes on a picture: dragged by mouse, or with B for a box at the centre, arrows to move it, Shift and arrows to size it.

import { clamp } from "./_easel.js";
import { bounds, shapes, shifted } from "./_shapes.js";

// A box is its two corners, in whole pixels of the picture; the second lies behind the last pixel.
const BOX = {
  task: "boxes",
  tool: "rectangle",
  type: "RECTANGLE",
  mode: "drag",
  key: "b",
  add: "shape.add_box",
  named: "shape.box",
  legend: [["b", "shape.add_box"], ["←→", "keys.move"], ["Shift+←→", "keys.resize"]],
  read: ({ x0, y0, x1, y1 }) => [[x0, y0], [x1, y1]],
  write: ([[x0, y0], [x1, y1]], label) => ({ x0, y0, x1, y1, label }),
  fromShape: ({ x, y, w, h }) => [[x, y], [x + w, y + h]],
  toShape: (points) => {
    const { minX, minY, maxX, maxY } = bounds(points);
    return { x: minX, y: minY, w: maxX - minX, h: maxY - minY, bounds: { minX, minY, maxX, maxY } };
  },
  tidy(points, [width, height]) {
    const { minX, minY, maxX, maxY } = bounds(points);
    const [x0, x1] = [minX, maxX].map((x) => clamp(Math.round(x), 0, width));
    const [y0, y1] = [minY, maxY].map((y) => clamp(Math.round(y), 0, height));
    return x1 > x0 && y1 > y0 ? [[x0, y0], [x1, y1]] : null;
  },
  within: (points) => points,
  start: ({ x, y, width, height }) => [[x - width / 8, y - height / 8], [x + width / 8, y + height / 8]],
  moved: shifted,
  sized: ([[x0, y0], [x1, y1]], dx, dy, [width, height]) => [
    [x0, y0],
    [clamp(x1 + dx, x0 + 1, width), clamp(y1 + dy, y0 + 1, height)],
  ],
};

export function mount(root, given) {
  return shapes(root, given, BOX);
}

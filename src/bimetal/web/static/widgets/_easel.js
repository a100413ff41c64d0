// A picture to draw on: fitted to its room, enlarged by keys, buttons or Ctrl and wheel, moved by scrolling or dragging.

import { button, key as cap, make, shown as written } from "../label/dom.js";
import { speaker } from "../label/words.js";

export const HUES = ["#e69f00", "#56b4e9", "#00b386", "#f0e442", "#3d8bfd", "#ff6a3d", "#e377c2", "#b8c400", "#c7a1ff", "#ff9896"];
const MOST = 32;
const STEP = 1.25;

/** Link a style sheet that stands beside the widgets, once; works under `style-src 'self'`. */
export function styled(path) {
  const { href } = new URL(path, import.meta.url);
  if (![...document.querySelectorAll("link[rel=stylesheet]")].some((each) => each.href === href)) {
    document.head.append(make("link", { rel: "stylesheet", href }));
  }
}

/** Catalogue words as a function, whether given as one or as a table. */
export function spoken(words) {
  return typeof words === "function" ? words : speaker(words ?? {});
}

export function hueOf(sheet, value) {
  return HUES[Math.max(0, sheet.labels.findIndex((label) => label.value === value)) % HUES.length];
}

/** Say which keys do what: [["b", "shape.add_box"], ...]. */
export function legend(say, pairs) {
  return make("p", { class: "easel-legend" }, ...pairs.map(([key, words]) => make("span", {}, cap(written(key)), ` ${say(words)}`)));
}

/** Set up a picture in `root`; `keys(event)` says true for a key it used. */
export function easel(root, { url, image: ready, words, name, keys, tools = [] }) {
  styled("../widgets.css");
  const say = spoken(words);
  const image = ready ?? make("img", { src: url });
  image.alt = "";
  image.draggable = false;
  const stage = make("div", { class: "easel-stage" }, image);
  const frame = make("div", { class: "easel-frame", tabindex: "0", role: "application", "aria-label": name }, stage);
  const bar = make("div", { class: "easel-bar", role: "toolbar", "aria-label": name });
  const whole = make("div", { class: "easel" }, bar, frame);
  const hand = button(say("shape.pan"), () => panning(hand.getAttribute("aria-pressed") !== "true"), { "aria-pressed": "false" });
  bar.append(
    ...tools,
    make("span", { class: "easel-gap" }),
    button(say("shape.zoom_out"), () => zoom(1 / STEP), { hotkey: "-" }),
    button(say("shape.zoom_fit"), fit, { hotkey: "0" }),
    button(say("shape.zoom_in"), () => zoom(STEP), { hotkey: "+" }),
    hand,
  );
  root.append(whole);
  let scale = 1;
  let held = null;
  let pan = false;

  const watch = new ResizeObserver(place);
  watch.observe(frame);
  const loaded = image.complete && image.naturalWidth ? Promise.resolve() : image.decode().catch(() => failed());
  loaded.then(place);

  function failed() {
    whole.replaceChildren(make("p", { class: "fault", role: "alert" }, say("error.media")));
  }

  function place() {
    if (!image.naturalWidth) return;
    const tall = Math.max(240, window.innerHeight * 0.68);
    const fitted = Math.min(frame.clientWidth / image.naturalWidth, tall / image.naturalHeight);
    const width = Math.max(1, Math.floor(image.naturalWidth * fitted * scale));
    stage.style.width = `${width}px`;
    image.classList.toggle("dots", width / image.naturalWidth > 2);
    frame.classList.toggle("zoomed", scale > 1);
  }

  function zoom(by, at = null) {
    const before = stage.getBoundingClientRect();
    const room = frame.getBoundingClientRect();
    const [x, y] = at ?? [room.left + room.width / 2, room.top + room.height / 2];
    const share = [(x - before.left) / before.width, (y - before.top) / before.height];
    scale = Math.min(Math.max(scale * by, 1), MOST);
    place();
    const after = stage.getBoundingClientRect();
    frame.scrollLeft += after.left + share[0] * after.width - x;
    frame.scrollTop += after.top + share[1] * after.height - y;
  }

  function fit() {
    scale = 1;
    place();
  }

  function panning(on) {
    pan = on;
    hand.setAttribute("aria-pressed", String(on));
    frame.classList.toggle("pan", on);
  }

  /** Where a pointer stands in the picture's own pixels. */
  function pixel(event) {
    const box = image.getBoundingClientRect();
    return [
      clamp(((event.clientX - box.left) / box.width) * image.naturalWidth, 0, image.naturalWidth),
      clamp(((event.clientY - box.top) / box.height) * image.naturalHeight, 0, image.naturalHeight),
    ];
  }

  /** The middle of what is seen of the picture, and how much of it is seen. */
  function seen() {
    const box = image.getBoundingClientRect();
    const room = frame.getBoundingClientRect();
    const left = Math.max(box.left, room.left), right = Math.min(box.right, room.right);
    const top = Math.max(box.top, room.top), bottom = Math.min(box.bottom, room.bottom);
    const [x, y] = pixel({ clientX: (left + right) / 2, clientY: (top + bottom) / 2 });
    const dots = image.naturalWidth / box.width;
    return { x, y, width: (right - left) * dots, height: (bottom - top) * dots };
  }

  frame.addEventListener(
    "keydown",
    (event) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const used = keys(event) || (plain && (zoomed(event.key) || scrolled(event)));
      if (used) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );

  function zoomed(key) {
    const act = { "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: fit, f: fit }[key];
    act?.();
    return Boolean(act);
  }

  function scrolled(event) {
    const way = scale > 1 && arrow(event, [0]);
    if (way) frame.scrollBy(way[0] * 60, way[1] * 60);
    return Boolean(way);
  }

  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // plain wheels scroll
    event.preventDefault();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, [event.clientX, event.clientY]);
  });
  // Before any drawing tool: a drag with the hand, or with the middle button, moves the picture.
  frame.addEventListener("pointerdown", (event) => (pan || event.button === 1) && grab(event), true);
  for (const type of ["pointermove", "pointerup", "pointercancel"]) frame.addEventListener(type, (event) => held && drag(event), true);

  function grab(event) {
    held = event;
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.stopPropagation();
  }

  function drag(event) {
    event.stopPropagation();
    frame.scrollLeft += held.clientX - event.clientX;
    frame.scrollTop += held.clientY - event.clientY;
    held = event.type === "pointermove" ? event : null;
  }

  return {
    frame,
    stage,
    image,
    whole,
    loaded,
    say,
    zoom,
    fit,
    pixel,
    seen,
    get size() {
      return [image.naturalWidth, image.naturalHeight];
    },
    destroy() {
      watch.disconnect();
      whole.remove();
    },
  };
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Which way an arrow key points, one pixel at a tap and faster when held; null for any other key. */
export function arrow(event, [width]) {
  const way = WAYS[event.key];
  if (!way || event.ctrlKey || event.metaKey || event.altKey) return null;
  const step = event.repeat ? Math.max(1, Math.round(width / 100)) : 1;
  return way.map((each) => each * step);
}

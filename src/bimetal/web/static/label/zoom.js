// A picture to look into: fitted to its frame, enlarged by wheel, pinch or keys, and moved by dragging.

const MOST = 16;

export function zoomable(frame, image) {
  let scale = 1;
  let at = { x: 0, y: 0 };
  const held = new Map();

  function place() {
    const room = frame.getBoundingClientRect();
    const limit = { x: (room.width * (scale - 1)) / 2, y: (room.height * (scale - 1)) / 2 };
    at = { x: clamp(at.x, limit.x), y: clamp(at.y, limit.y) };
    image.style.transform = scale === 1 ? "" : `translate(${at.x}px, ${at.y}px) scale(${scale})`;
    frame.classList.toggle("zoomed", scale > 1);
    // Small pictures are looked at dot by dot, not as a blur.
    image.classList.toggle("dots", Boolean(image.naturalWidth) && (image.width * scale) / image.naturalWidth > 4);
  }

  function zoom(by, centre = { x: 0, y: 0 }) {
    const next = Math.min(Math.max(scale * by, 1), MOST);
    const grown = next / scale;
    at = { x: centre.x - (centre.x - at.x) * grown, y: centre.y - (centre.y - at.y) * grown };
    scale = next;
    place();
  }

  function from(event) {
    const room = frame.getBoundingClientRect();
    return { x: event.clientX - room.left - room.width / 2, y: event.clientY - room.top - room.height / 2 };
  }

  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && scale === 1 && event.deltaY > 0) return; // the page may scroll on
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, from(event));
  });
  frame.addEventListener("dblclick", (event) => (scale > 1 ? fit() : zoom(2.5, from(event))));
  frame.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, event);
    if (scale > 1 || held.size > 1) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const other = [...held.values()].find((each) => each.pointerId !== event.pointerId);
    if (other) zoom(distance(event, other) / (distance(before, other) || 1), from(other));
    else if (scale > 1) {
      at = { x: at.x + event.clientX - before.clientX, y: at.y + event.clientY - before.clientY };
      place();
    }
    held.set(event.pointerId, event);
  });
  for (const over of ["pointerup", "pointercancel"]) frame.addEventListener(over, (event) => held.delete(event.pointerId));

  function fit() {
    scale = 1;
    at = { x: 0, y: 0 };
    place();
  }

  if (image.complete) requestAnimationFrame(place);
  else image.addEventListener("load", place, { once: true });
  return { zoom_in: () => zoom(1.5), zoom_out: () => zoom(1 / 1.5), zoom_fit: fit };
}

function clamp(value, limit) {
  return Math.min(Math.max(value, -limit), limit);
}

function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

// Windows over the page: a title, a way to close, focus that returns to where it was.

import { button, make } from "./dom.js";

let count = 0;

/** Open a window; `name` is the action whose key closes it again. `modal: false` leaves the page usable beside it. */
export function open(title, body, { say, name = "", kind = "", modal = true, closed = () => {}, first = null }) {
  const before = document.activeElement;
  const id = `window-${(count += 1)}`;
  const shut = button(say("page.close"), () => node.close(), { class: "quiet" });
  const head = make("div", { class: "head" }, make("h2", { id, tabindex: "-1" }, title), shut);
  const node = make("dialog", { class: kind, "aria-labelledby": id, "data-action": name }, head, make("div", { class: "body" }, body));
  node.addEventListener("close", () => {
    node.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
    closed();
  });
  node.addEventListener("click", (event) => event.target === node && modal && node.close());
  document.body.append(node);
  if (modal) node.showModal();
  else node.show();
  (first ?? head.firstChild).focus();
  return node;
}

/** The window the keys belong to while it is open. */
export function modal() {
  return document.querySelector("dialog:modal");
}

export function opened(name) {
  return document.querySelector(`dialog[data-action="${name}"]`);
}

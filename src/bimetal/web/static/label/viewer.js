// What is judged, as its payload asks: a picture to zoom, text in its own script, sound, or a row of a table.

import { make } from "./dom.js";
import { zoomable } from "./zoom.js";

/** Show an item's payload in `root`; returns what keys may do with it. */
export function view(root, item, say) {
  const { payload } = item;
  const acts = {};
  if (payload.prompt) root.append(asked(payload.prompt, item, say));
  if (payload.image) Object.assign(acts, picture(root, item, say));
  if (payload.audio) Object.assign(acts, sound(root, item, say));
  if (payload.text !== undefined) root.append(reading(payload.text, item));
  if (payload.columns) root.append(row(payload.columns, item));
  return acts;
}

export function reading(text, item, kind = "reading") {
  return make("p", { class: kind, lang: item.language || null, dir: item.dir || "auto" }, text);
}

export function asked(prompt, item, say) {
  return make("section", { class: "prompt" }, make("h3", {}, say("pair.prompt")), reading(prompt, item));
}

function picture(root, item, say) {
  const image = item.picture ?? make("img", { src: item.payload.image });
  image.alt = say("label.image");
  image.draggable = false;
  image.addEventListener("error", () => root.replaceChildren(make("p", { class: "fault" }, say("error.media"))));
  const frame = make("div", { class: "picture" }, image);
  root.append(frame);
  return zoomable(frame, image);
}

function sound(root, item, say) {
  const place = make("div", { class: "sound" });
  root.append(place);
  const acts = {};
  import("../widgets/audio.js")
    .then(({ mount }) => Object.assign(acts, mount(place, { item, words: say.table })))
    .catch(() => {
      const player = make("audio", { controls: true, src: item.payload.audio, "aria-label": say("label.sound") });
      place.replaceChildren(player);
      acts.play = () => (player.paused ? player.play() : player.pause());
    });
  return { play: () => acts.play?.(), back: () => acts.back?.(), forward: () => acts.forward?.(), destroy: () => acts.destroy?.() };
}

function row(columns, item) {
  const lines = Object.entries(columns).map(([name, value]) =>
    make("tr", {}, make("th", { scope: "row" }, name), make("td", { dir: "auto", lang: item.language || null }, written(value))),
  );
  return make("table", { class: "columns" }, make("tbody", {}, ...lines));
}

function written(value) {
  if (value === null) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// An item put on the stage: its payload, the widget that answers it, and the curtain before disturbing content.

import { button, make } from "./dom.js";
import { choices, keysOf } from "./choices.js";
import { view } from "./viewer.js";

/** Tasks that are answered on the item itself; the others have their widget beside it. */
const ON_ITEM = new Set(["spans", "boxes", "polygons", "keypoints", "pairs", "ranking", "best-worst"]);
const MARKS = new Set(["spans", "boxes", "polygons", "keypoints"]);

const loaded = new Map();

/** Load the widget of a task once. */
export function widgetOf(task) {
  if (!loaded.has(task)) loaded.set(task, import(`../widgets/${task}.js`));
  return loaded.get(task);
}

/** Put an entry on stage; returns what the keys reach: widget, viewer, palette, reveal. */
export function perform(entry, widget, { item: stage, answer: panel }, { sheet, language, words, say, change, report, blur }) {
  const { item } = entry;
  const onItem = ON_ITEM.has(sheet.task);
  const show = make("div", { class: `item ${onItem ? "worked" : "shown"}` });
  const place = make("div", { class: `widget ${sheet.task}` });
  const label = onItem && MARKS.has(sheet.task) ? palette() : null;
  stage.replaceChildren(show);
  panel.replaceChildren(...(onItem ? (label ? [label.root] : []) : [place]));
  const seen = onItem ? {} : view(show, item, say);
  if (onItem) show.append(place);
  const warning = item.warning || sheet.warning;
  const curtain = warning && blur && !entry.revealed ? covered(stage, show, warning) : null;
  const made = widget.mount(place, { item, sheet, value: entry.value, language, words, change, report });

  function palette() {
    const chosen = (value) => {
      made.choose(value);
      label.mark([value]);
    };
    return choices(sheet.labels, { language, first: sheet.language, words, title: say("guideline.labels"), role: "radio", act: chosen });
  }

  function covered(root, hidden, text) {
    hidden.inert = true;
    root.classList.add("covered");
    const said = make("p", {}, say("warning.text", { warning: text }));
    const cover = make("div", { class: "curtain", role: "group", "aria-label": say("warning.title") }, make("h2", {}, say("warning.title")), said, button(say("warning.show"), reveal, { hotkey: "v", class: "primary" }));
    root.append(cover);
    return cover;
  }

  function reveal() {
    entry.revealed = true;
    show.inert = false;
    stage.classList.remove("covered");
    curtain?.remove();
    made.focus?.();
  }

  if (!curtain) stage.classList.remove("covered");
  const byKey = new Map([...keysOf(sheet.labels)].map(([value, hotkey]) => [hotkey, value]));
  return {
    widget: made,
    view: seen,
    covered: () => Boolean(curtain?.isConnected),
    reveal,
    /** Choose by a label's own key or number; says whether it meant anything. */
    choose(hotkey, n, event) {
      if (made.digit && n !== null && made.digit(n, event)) return true;
      const value = byKey.get(hotkey) ?? (n === null ? undefined : byKey.get(String(n)));
      if (value === undefined || value === "") return false;
      made.choose(value);
      label?.mark([value]);
      return true;
    },
    destroy() {
      made.destroy?.();
      seen.destroy?.();
    },
  };
}

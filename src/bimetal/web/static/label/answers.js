// What others answered, for who decides between them: rater by rater, without names, shapes drawn over the item.

import { button, draw, make } from "./dom.js";
import { saidReason } from "./skip.js";
import { told } from "./words.js";

/** List the others' answers; `take` gives one of them to the widget. */
export function answersOf(item, { sheet, language, say, take }) {
  const each = item.answers ?? [];
  const agreed = tally(each);
  const cards = each.map((answer, n) => {
    const skipped = answer.status === "skipped";
    const name = say("adjudicate.rater", { n: n + 1 });
    const use = button(say("adjudicate.take"), () => take(answer.value), { hotkey: `Shift+${n + 1}`, class: "quiet", "aria-describedby": `rater-${n + 1}` });
    const body = skipped ? say("adjudicate.skipped", { reason: saidReason(answer.reason, say) }) : told(sheet, answer.value, language, say);
    return make(
      "li",
      {},
      make("h3", { id: `rater-${n + 1}` }, name),
      make("p", { class: "value", dir: "auto" }, body),
      !skipped && drawn(item, sheet.task, answer.value),
      answer.comment && make("blockquote", { dir: "auto" }, answer.comment),
      !skipped && use,
    );
  });
  const head = make("header", {}, make("h2", {}, say("adjudicate.answers")), make("p", { class: "note" }, agreed ? say("adjudicate.agree", agreed) : ""));
  return make("section", { class: "others" }, head, make("ol", {}, ...cards), make("p", { class: "note" }, say("adjudicate.hidden")));
}

function tally(answers) {
  const counts = new Map();
  for (const { value, status } of answers) if (status !== "skipped") counts.set(value, (counts.get(value) ?? 0) + 1);
  const n = Math.max(0, ...counts.values());
  return n > 1 ? { n, total: answers.length } : null;
}

const SHAPES = {
  boxes: ({ x0, y0, x1, y1 }) => [draw("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0 })],
  polygons: ({ points }) => [draw("polygon", { points: points.map((point) => point.join(",")).join(" ") })],
  keypoints: ({ points }) => Object.values(points).map(([cx, cy]) => draw("circle", { cx, cy, r: "1.5%" })),
};

/** Draw what was marked, small, on a copy of the item; nothing for answers that words say in full. */
function drawn(item, task, value) {
  if (task === "spans") return marked(item, JSON.parse(value));
  if (!SHAPES[task] || !item.payload.image) return null;
  const image = make("img", { src: item.payload.image, alt: "" });
  const over = draw("svg", { "aria-hidden": "true" }, ...JSON.parse(value).flatMap(SHAPES[task]));
  const fit = () => over.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`);
  if (image.complete && image.naturalWidth) fit();
  else image.addEventListener("load", fit);
  return make("figure", { class: "drawn" }, image, over);
}

function marked(item, spans) {
  const letters = [...(item.payload.text ?? "")]; // offsets count code points
  const parts = [];
  let from = 0;
  for (const { start, end, label } of spans) {
    if (start < from) continue;
    parts.push(letters.slice(from, start).join(""), make("mark", { title: label }, letters.slice(start, end).join("")));
    from = end;
  }
  parts.push(letters.slice(from).join(""));
  return make("p", { class: "reading small", lang: item.language || null, dir: item.dir || "auto" }, ...parts);
}

/** Ask why the raters differed; the number of a reason chooses it. */
export function reasonsOf(sheet, entry, say, decided) {
  const buttons = sheet.reasons.map((reason, n) => {
    const node = button(saidReason(reason, say), () => choose(reason), { hotkey: String(n + 1), class: "choice", role: "radio" });
    node.prepend(node.lastChild);
    return [reason, node];
  });
  const show = () => buttons.forEach(([reason, node]) => node.setAttribute("aria-checked", String(entry.reason === reason)));
  const root = make("fieldset", { class: "reasons" }, make("legend", {}, say("adjudicate.reason")), make("div", { class: "choices", role: "radiogroup", "aria-label": say("adjudicate.reason") }, ...buttons.map(([, node]) => node)));
  show();

  function choose(reason) {
    entry.reason = reason;
    show();
    decided();
  }

  return { root, focus: () => buttons[0]?.[1].focus(), digit: (n) => buttons[n - 1]?.[1].click() };
}

// Spans of a text: selected by mouse, finger or keys, snapped to words, kept as code points of the text as stored.

import { make } from "../label/dom.js";
import { nameOf } from "../label/words.js";
import { fromCodePoints, nextCharacter, previousWord, segments, snap, toCodePoints, whole, wordEnd } from "../snap.js";
import { hueOf, legend, spoken, styled } from "./_easel.js";

const KNOWN = [
  ["→", "span.word_next"], ["←", "span.word_previous"], ["Shift+→", "span.extend"], ["Shift+←", "span.shrink"],
  ["Ctrl+Shift+→", "span.by_character"], ["Tab", "shape.next"], ["Delete", "shape.remove"],
];

export function mount(root, { item, sheet, value, language, words, change, report, snapping = true }) {
  styled("../widgets.css");
  const say = spoken(words);
  const named = (label) => nameOf(sheet.labels.find((each) => each.value === label) ?? { value: label }, language);
  const { text } = item.payload;
  const tongue = item.language ?? "";
  const wordly = segments(text, tongue).filter(({ word }) => word);
  let marks = read(value); // [{start, end, label}] in UTF-16 units; written in code points
  let range = null; // {anchor, head}: what is selected and not yet labelled
  let at = null; // the selected mark

  const page = make("div", {
    class: "spans-text", tabindex: "0", role: "application", lang: item.language || null, dir: item.dir || "auto",
    "aria-label": say("task.spans"),
  });
  const hint = make("p", { class: "easel-hint" }, say("span.select"));
  const list = make("ol", { class: "easel-list", "aria-label": say("label.title") });
  const board = make("div", { class: "spans" }, page, hint, legend(say, KNOWN), list);
  root.append(board);
  page.addEventListener("keydown", (event) => {
    if (!keys(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  page.addEventListener("pointerup", (event) => event.pointerType !== "touch" && setTimeout(() => picked(event)));
  // A finger sets a selection with handles that no page hears of: it is taken over once it rests.
  const leaving = new AbortController();
  let resting = 0;
  let touched = false;
  page.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"));
  document.addEventListener("selectionchange", (event) => {
    clearTimeout(resting);
    if (touched) resting = setTimeout(() => picked(event), 700);
  }, { signal: leaving.signal });
  shown();

  /** Take over what the browser selected, or the mark that was clicked. */
  function picked(event) {
    const chosen = window.getSelection();
    if (!chosen.rangeCount || !page.contains(chosen.anchorNode) || !page.contains(chosen.focusNode)) return;
    const { startContainer, startOffset, endContainer, endOffset, collapsed } = chosen.getRangeAt(0);
    const [start, end] = [offsetOf(startContainer, startOffset), offsetOf(endContainer, endOffset)];
    if (collapsed) {
      range = null;
      at = under(start);
      shown();
      if (at) report(told(at));
      return;
    }
    chosen.removeAllRanges();
    take(...(snapping && !event.altKey ? snap : whole)(text, start, end, tongue));
  }

  function offsetOf(node, offset) {
    const before = document.createRange();
    before.setStart(page, 0);
    before.setEnd(node, offset);
    return before.toString().length;
  }

  function under(offset) {
    const holding = marks.filter(({ start, end }) => start <= offset && offset < end);
    return holding.sort((one, other) => one.end - one.start - (other.end - other.start))[0] ?? null;
  }

  function take(start, end) {
    if (end <= start) return;
    range = { anchor: start, head: end };
    at = null;
    if (sheet.labels.length === 1) return choose(sheet.labels[0].value);
    shown();
    return report(quoted(start, end));
  }

  function quoted(start, end) {
    return text.slice(start, end);
  }

  function told({ start, end, label }) {
    return say("span.marked", { label: named(label), text: quoted(start, end) });
  }

  function choose(label) {
    if (range) {
      const [start, end] = ends();
      at = marks.find((each) => each.start === start && each.end === end && each.label === label) ?? { start, end, label };
      if (!marks.includes(at)) marks.push(at);
      range = null;
    } else if (at) {
      at.label = label;
      marks = marks.filter((each) => each === at || !(each.start === at.start && each.end === at.end && each.label === label));
    } else return report(say("span.select"));
    marks.sort((one, other) => one.start - other.start || one.end - other.end || (one.label < other.label ? -1 : 1));
    changed();
    return report(told(at));
  }

  function ends() {
    return [Math.min(range.anchor, range.head), Math.max(range.anchor, range.head)];
  }

  function remove() {
    if (!at) return;
    marks = marks.filter((each) => each !== at);
    range = { anchor: at.start, head: at.end };
    at = null;
    changed();
    report(say("shape.count", { n: marks.length }));
  }

  function changed() {
    shown();
    change(written());
  }

  function written() {
    return JSON.stringify(marks.map(({ start, end, label }) => ({ start: toCodePoints(text, start), end: toCodePoints(text, end), label })));
  }

  function read(said) {
    return (said ? JSON.parse(said) : []).map(({ start, end, label }) => ({ start: fromCodePoints(text, start), end: fromCodePoints(text, end), label }));
  }

  /** Draw the text in pieces, cut wherever a mark or the selection begins or ends. */
  function shown() {
    const [low, high] = range ? ends() : [-1, -1];
    const cuts = new Set([0, text.length, ...marks.flatMap(({ start, end }) => [start, end]), ...(range ? [low, high] : [])]);
    const sorted = [...cuts].sort((one, other) => one - other);
    page.replaceChildren(...sorted.slice(0, -1).map((start, n) => piece(start, sorted[n + 1], low <= start && start < high)));
    list.replaceChildren(...marks.map(chip));
    page.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  }

  function piece(start, end, chosen) {
    const over = marks.filter((each) => each.start <= start && end <= each.end);
    over.sort((one, other) => one.end - one.start - (other.end - other.start)); // the innermost colours the ground
    if (!over.length && !chosen) return document.createTextNode(text.slice(start, end));
    const node = make("mark", { class: `${chosen || over.includes(at) ? "chosen" : ""}` }, text.slice(start, end));
    if (over.length) {
      const hues = over.map(({ label }) => hueOf(sheet, label));
      node.style.setProperty("--hue", hues[0]);
      node.style.boxShadow = hues.map((hue, n) => `inset 0 -${3 * (n + 1)}px 0 ${hue}`).join(", ");
    } else node.classList.add("range");
    const ending = over.filter((each) => each.end === end).map(({ label }) => label);
    if (ending.length) {
      node.dataset.label = ending.map(named).join(", ");
      node.style.setProperty("--tag", hueOf(sheet, ending[0]));
    }
    return node;
  }

  function chip(mark) {
    const node = make(
      "button",
      { type: "button", "aria-pressed": String(mark === at), on: { click: () => select(mark) } },
      `${named(mark.label)}: `, make("q", { lang: item.language || null, dir: item.dir || "auto" }, quoted(mark.start, mark.end)),
    );
    node.style.setProperty("--hue", hueOf(sheet, mark.label));
    return make("li", {}, node);
  }

  function select(mark) {
    at = mark;
    range = null;
    shown();
    if (at) report(told(at));
  }

  function cycle(step) {
    const next = at ? marks[marks.indexOf(at) + step] : marks.at(step > 0 ? 0 : -1);
    const had = at !== null;
    select(next ?? null);
    return Boolean(next) && (had || marks.length > 0);
  }

  /** Go word by word; with Shift the selection grows or shrinks, with Ctrl too it does so by a character. */
  function step(forward, event) {
    const from = range ?? (at ? { anchor: at.start, head: at.end } : null);
    at = null;
    if (event.shiftKey && from) {
      const head = further(from.head, forward, event.ctrlKey || event.altKey);
      if (head !== from.anchor) range = { anchor: from.anchor, head };
    } else {
      const word = beside(from, forward);
      if (word) range = { anchor: word.start, head: word.end };
      else range = from;
    }
    shown();
    if (range) report(quoted(...ends()));
  }

  /** The word after what is selected, or before it; the first one where nothing is. */
  function beside(from, forward) {
    if (!from) return wordly[0];
    if (forward) return wordly.find(({ start }) => start >= Math.max(from.anchor, from.head));
    return wordly.findLast(({ end }) => end <= Math.min(from.anchor, from.head));
  }

  function further(place, forward, character) {
    if (character) return nextCharacter(text, place, forward ? 1 : -1, tongue);
    return (forward ? wordEnd : previousWord)(text, place, tongue);
  }

  function keys(event) {
    const { key } = event;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      if (event.metaKey || (event.ctrlKey && !event.shiftKey)) return false;
      const rtl = getComputedStyle(page).direction === "rtl";
      return step((key === "ArrowRight") !== rtl, event), true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (key === "Tab") return cycle(event.shiftKey ? -1 : 1);
    if (at && (key === "Delete" || key === "Backspace")) return remove(), true;
    if (key === "Escape" && (range || at)) return (range = null), select(null), true;
    return false;
  }

  return {
    get value() {
      return written();
    },
    set(said) {
      marks = read(said);
      range = at = null;
      shown();
    },
    choose,
    remove,
    focus: () => page.focus(),
    destroy() {
      clearTimeout(resting);
      leaving.abort();
      board.remove();
    },
  };
}

// Whole words and whole characters in any script: spans snapped to them, and offsets in code points.

const known = new Map();

function segmenter(language, granularity) {
  const name = `${granularity} ${language}`;
  if (!known.has(name)) {
    let made;
    try {
      made = new Intl.Segmenter(language || undefined, { granularity });
    } catch {
      made = new Intl.Segmenter(undefined, { granularity }); // a tag the browser does not know
    }
    known.set(name, made);
  }
  return known.get(name);
}

const within = (text, place) => Math.min(Math.max(place, 0), text.length);

/** Cut a text into words and what stands between them: [{start, end, word}] in UTF-16 units. */
export function segments(text, language = "") {
  return Array.from(segmenter(language, "word").segment(text), ({ segment, index, isWordLike }) => ({
    start: index,
    end: index + segment.length,
    word: Boolean(isWordLike),
  }));
}

/** Return the ends [start, end) of the whole character at a place; what a reader sees as one is never cut. */
export function character(text, place, language = "") {
  const at = within(text, place);
  if (at === text.length) return [at, at];
  const { segment, index } = segmenter(language, "grapheme").segment(text).containing(at);
  return [index, index + segment.length];
}

/** Widen a selection to whole characters, and no further. */
export function whole(text, start, end, language = "") {
  let [from, to] = [within(text, Math.min(start, end)), within(text, Math.max(start, end))];
  if (from === to) return [from, to];
  from = character(text, from, language)[0];
  to = character(text, to - 1, language)[1];
  return [from, to];
}

/**
 * Snap a selection to whole words: blanks at its ends are left out, words it touches are taken in.
 * A selection of nothing but blanks or marks keeps to whole characters; an empty one takes the word it stands in.
 */
export function snap(text, start, end, language = "") {
  const [low, high] = [within(text, Math.min(start, end)), within(text, Math.max(start, end))];
  const words = segments(text, language).filter(({ word }) => word);
  const touched = words.filter((each) =>
    low === high ? each.start <= low && low < each.end : each.start < high && low < each.end,
  );
  if (!touched.length) return trimmed(text, ...whole(text, low, high, language));
  const [first, last] = [touched[0], touched[touched.length - 1]];
  const [from, to] = trimmed(text, low, high);
  return whole(text, Math.min(first.start, from), Math.max(last.end, to), language);
}

function trimmed(text, start, end) {
  const part = text.slice(start, end);
  if (!part.trim()) return [start, end];
  return [start + part.length - part.trimStart().length, end - (part.length - part.trimEnd().length)];
}

/** Return where the next word begins behind a place, or the text's end. */
export function nextWord(text, place, language = "") {
  const next = segments(text, language).find(({ start, word }) => word && start > place);
  return next ? next.start : text.length;
}

/** Return where the word before a place begins, or 0. */
export function previousWord(text, place, language = "") {
  const before = segments(text, language).filter(({ start, word }) => word && start < place);
  return before.length ? before[before.length - 1].start : 0;
}

/** Return where the word at a place ends, or the next word's end: what extends a selection by a word. */
export function wordEnd(text, place, language = "") {
  const next = segments(text, language).find(({ end, word }) => word && end > place);
  return next ? next.end : text.length;
}

/** Return the whole character behind a place, or before it where `step` is -1: what moves a caret by the arrow keys. */
export function nextCharacter(text, place, step = 1, language = "") {
  if (step > 0) return character(text, place, language)[1];
  return place <= 0 ? 0 : character(text, place - 1, language)[0];
}

/** Count the code points before a place given in UTF-16 units; a place inside a pair counts as before it. */
export function toCodePoints(text, utf16) {
  let points = 0;
  for (let at = 0; at < within(text, utf16); points += 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
    if (at > utf16) break;
  }
  return points;
}

/** Return the place in UTF-16 units of a code point; past the end is the end. */
export function fromCodePoints(text, points) {
  let at = 0;
  for (let left = points; left > 0 && at < text.length; left -= 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

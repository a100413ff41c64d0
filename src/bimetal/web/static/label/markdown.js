// A guideline's Markdown as elements: headings, lists, quotes, bold, code; whatever else it holds stays text.

import { make } from "./dom.js";

/** Render Markdown; links show their address as text, since nothing leads away from here. */
export function markdown(source) {
  const root = document.createDocumentFragment();
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  while (lines.length) root.append(...block(lines));
  return root;
}

function block(lines) {
  const line = lines[0];
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (!line.trim()) return lines.shift() && [];
  if (heading) {
    lines.shift();
    return [make(`h${Math.min(heading[1].length + 2, 6)}`, { dir: "auto" }, ...inline(heading[2]))];
  }
  if (/^\s*(```|~~~)/.test(line)) return [fenced(lines)];
  if (/^\s*>\s?/.test(line)) return [make("blockquote", { dir: "auto" }, ...inline(taken(lines, /^\s*>\s?/).join(" ")))];
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return lines.shift() && [make("hr")];
  if (BULLET.test(line)) return [list("ul", lines, BULLET)];
  if (NUMBER.test(line)) return [list("ol", lines, NUMBER)];
  return [make("p", { dir: "auto" }, ...inline(paragraph(lines)))];
}

const BULLET = /^\s*[-*+]\s+/;
const NUMBER = /^\s*\d+[.)]\s+/;
const BEGINS = [BULLET, NUMBER, /^#{1,6}\s/, /^\s*>/, /^\s*(```|~~~)/];

function paragraph(lines) {
  const taken = [lines.shift()];
  while (lines.length && lines[0].trim() && !BEGINS.some((sign) => sign.test(lines[0]))) taken.push(lines.shift());
  return taken.join(" ");
}

function fenced(lines) {
  const fence = lines.shift().trim().slice(0, 3);
  const inside = [];
  while (lines.length && !lines[0].trim().startsWith(fence)) inside.push(lines.shift());
  lines.shift();
  return make("pre", { tabindex: "0" }, make("code", {}, inside.join("\n")));
}

function taken(lines, sign) {
  const found = [];
  while (lines.length && sign.test(lines[0])) found.push(lines.shift().replace(sign, ""));
  return found;
}

function list(tag, lines, sign) {
  const items = [];
  while (lines.length && (sign.test(lines[0]) || (items.length && /^\s+\S/.test(lines[0])))) {
    if (sign.test(lines[0])) items.push(lines.shift().replace(sign, ""));
    else items.push(`${items.pop()} ${lines.shift().trim()}`);
  }
  return make(tag, { dir: "auto" }, ...items.map((item) => make("li", { dir: "auto" }, ...inline(item))));
}

const MARKS = /(`[^`]+`)|(\*\*[^*]+\*\*|__[^_]+__)|(\*[^*\s][^*]*\*)|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(MARKS)) {
    parts.push(text.slice(from, found.index));
    const [whole, code, bold, slanted, words, address] = found;
    if (code) parts.push(make("code", {}, code.slice(1, -1)));
    else if (bold) parts.push(make("strong", {}, ...inline(bold.slice(2, -2))));
    else if (slanted) parts.push(make("em", {}, ...inline(slanted.slice(1, -1))));
    else parts.push(`${words} (${address})`);
    from = found.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts.filter(Boolean);
}

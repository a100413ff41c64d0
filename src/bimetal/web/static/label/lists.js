// One's own items: to do, drafts, submitted, skipped; open one to go on with it or to correct it.

import { button, make } from "./dom.js";
import { open } from "./dialog.js";
import { saidReason } from "./skip.js";
import { told } from "./words.js";

const LISTS = ["pending", "draft", "submitted", "discarded"];

export function showLists({ queue, sheet, language, say, bring, closed }) {
  const tabs = new Map(LISTS.map((which) => [which, make("button", { type: "button", role: "tab", id: `tab-${which}`, "aria-controls": "list-panel", on: { click: () => show(which) } }, say(`list.${which}`))]));
  const lines = make("ol", { class: "lines" });
  const panel = make("div", { id: "list-panel", role: "tabpanel" }, lines);
  const more = make("p");
  const bar = make("div", { class: "tabs", role: "tablist", on: { keydown: turn } }, ...tabs.values());
  const node = open(say("list.title"), [bar, panel, more], { say, name: "lists", kind: "side", closed, first: tabs.get("pending") });
  let chosen = "";
  show("pending");

  function show(which) {
    chosen = which;
    for (const [name, tab] of tabs) {
      tab.setAttribute("aria-selected", String(name === which));
      tab.tabIndex = name === which ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", `tab-${which}`);
    lines.replaceChildren();
    return page("");
  }

  async function page(after) {
    const which = chosen;
    more.replaceChildren(say("label.loading"));
    const found = await queue.list(which, after).catch((error) => ({ lines: [], next: null, error }));
    if (which !== chosen) return;
    lines.append(...found.lines.map(line));
    if (found.error) more.replaceChildren(make("span", { class: "fault" }, found.error.message));
    else if (!lines.children.length) more.replaceChildren(say("list.empty"));
    else more.replaceChildren(found.next ? button(say("list.more"), () => page(found.next)) : "");
  }

  function line(item) {
    const { answer, draft, payload } = item;
    const said = answer ? (answer.status === "skipped" ? saidReason(answer.reason, say) : told(sheet(), answer.value, language, say)) : draft ? told(sheet(), draft, language, say) : "";
    const hidden = item.warning || sheet().warning;
    const sight = payload.image && !hidden ? make("img", { src: payload.image, alt: "", loading: "lazy" }) : null;
    const text = hidden ? say("warning.title") : (payload.text ?? payload.options?.[0]?.text ?? Object.values(payload.columns ?? {}).join(" · "));
    const words = make("span", { class: "words" }, make("span", { class: "excerpt", lang: item.language || null, dir: item.dir || "auto" }, text.slice(0, 140) || item.item), said && make("span", { class: "value", dir: "auto" }, said));
    const act = () => {
      node.close();
      bring(item);
    };
    return make("li", {}, make("button", { type: "button", class: "line", on: { click: act } }, sight, words, make("span", { class: "note" }, say("list.open"))));
  }

  function turn(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const way = getComputedStyle(bar).direction === "rtl" ? -by : by;
    const next = LISTS[(LISTS.indexOf(chosen) + way + LISTS.length) % LISTS.length];
    show(next);
    tabs.get(next).focus();
  }
}

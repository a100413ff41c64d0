// The guideline beside the work: versions, labels, examples, and what changed since a person read it last.

import { button, make } from "./dom.js";
import { open } from "./dialog.js";
import { of } from "./api.js";
import { markdown } from "./markdown.js";
import { read, write } from "./settings.js";
import { inLanguage, nameOf, told } from "./words.js";

export class Guideline {
  constructor({ api, person, job, language, say }) {
    Object.assign(this, { api, job, language, say });
    this.place = `bimetal.read.${person}.${job}`;
    this.shownIn = language;
  }

  async load(version = "") {
    const sheet = await this.api.get(`${of(this.job)}/sheet${version ? `?version=${version}` : ""}`);
    if (!version) this.sheet = sheet;
    return sheet;
  }

  get seen() {
    return read(this.place).version ?? 0;
  }

  /** Say whether the guideline in force was never read on this device, though there is something to read. */
  get unread() {
    return this.sheet.version > this.seen && Boolean(Object.keys(this.sheet.guideline).length || this.sheet.examples.length);
  }

  toggle() {
    if (this.window?.open) return this.window.close();
    const body = make("div");
    this.#fill(body, this.sheet);
    this.window = open(this.say("guideline.title"), body, { say: this.say, name: "guideline", kind: "side guideline", modal: false });
  }

  /** Show the guideline until the person says they read it. */
  async acknowledge() {
    const before = this.seen && this.seen !== this.sheet.version ? await this.load(this.seen).catch(() => null) : null;
    const body = make("div");
    this.#fill(body, this.sheet, before);
    return new Promise((resolve) => {
      const done = () => {
        write(this.place, { version: this.sheet.version });
        node.removeEventListener("cancel", stay);
        node.close();
      };
      const stay = (event) => event.preventDefault();
      const agree = button(this.say("guideline.read"), done, { class: "primary" });
      const node = open(this.say("guideline.title"), [body, make("p", { class: "foot" }, agree)], { say: this.say, kind: "wide guideline must", closed: resolve, first: agree });
      node.addEventListener("cancel", stay);
    });
  }

  #fill(body, sheet, before = null) {
    const again = (next) => this.#fill(body, next, before);
    const parts = [this.#head(sheet, again)];
    if (before) parts.push(this.#changed(sheet, before));
    const text = inLanguage(sheet.guideline, this.shownIn, sheet.language);
    const lang = this.#languageOf(sheet);
    parts.push(make("article", { class: "prose", lang }, text ? markdown(text) : make("p", { class: "note" }, this.say("guideline.none"))));
    if (sheet.labels.some((label) => Object.keys(label.about).length)) parts.push(this.#labels(sheet));
    if (sheet.examples.length) parts.push(this.#examples(sheet));
    body.replaceChildren(...parts);
  }

  #languageOf(sheet) {
    const base = this.shownIn.split("-")[0];
    return [this.shownIn, base, sheet.language].find((each) => each in sheet.guideline) ?? null;
  }

  #head(sheet, again) {
    const { say } = this;
    const parts = [];
    const versions = this.sheet.versions ?? [];
    if (versions.length > 1) {
      const pick = make("select", { on: { change: (event) => this.load(event.target.value).then(again) } });
      for (const { version, at } of versions) {
        const words = `${say("guideline.version", { n: version })} · ${at.slice(0, 10)}${version === this.sheet.version ? ` · ${say("guideline.current")}` : ""}`;
        pick.append(make("option", { value: version, selected: version === sheet.version }, words));
      }
      pick.setAttribute("aria-label", say("guideline.versions"));
      parts.push(pick);
    } else parts.push(make("p", { class: "note" }, say("guideline.version", { n: sheet.version })));
    const spoken = Object.keys(sheet.guideline);
    if (spoken.length > 1) {
      const choose = (event) => {
        this.shownIn = event.target.value;
        again(sheet);
      };
      const pick = make("select", { on: { change: choose } });
      for (const each of spoken) pick.append(make("option", { value: each, selected: each === this.#languageOf(sheet) }, nameOfLanguage(each)));
      pick.setAttribute("aria-label", say("page.language"));
      parts.push(pick);
    }
    return make("div", { class: "row" }, ...parts);
  }

  /** Set what is new apart: lines the version read last did not have, and those that are gone. */
  #changed(sheet, before) {
    const [now, then] = [sheet, before].map((each) => inLanguage(each.guideline, this.shownIn, each.language).split("\n").map(plain).filter(Boolean));
    const added = now.filter((line) => !then.includes(line)).map((line) => make("ins", { dir: "auto" }, line));
    const gone = then.filter((line) => !now.includes(line)).map((line) => make("del", { dir: "auto" }, line));
    const labels = [sheet, before].map((each) => each.labels.map((label) => label.value));
    added.push(...labels[0].filter((each) => !labels[1].includes(each)).map((each) => make("ins", {}, each)));
    gone.push(...labels[1].filter((each) => !labels[0].includes(each)).map((each) => make("del", {}, each)));
    return make("section", { class: "changed" }, make("h3", {}, this.say("guideline.changed_from", { n: before.version })), ...added, ...gone);
  }

  #labels(sheet) {
    const lines = sheet.labels.flatMap((label) => [
      make("dt", { dir: "auto" }, nameOf(label, this.shownIn, sheet.language)),
      make("dd", { dir: "auto" }, inLanguage(label.about, this.shownIn, sheet.language)),
    ]);
    return make("section", {}, make("h3", {}, this.say("guideline.labels")), make("dl", { class: "about" }, ...lines));
  }

  #examples(sheet) {
    const lines = sheet.examples.map((example) =>
      make(
        "li",
        {},
        make("blockquote", { dir: "auto" }, example.text),
        make("p", { class: "value" }, told(sheet, example.value, this.shownIn, this.say)),
        make("p", { class: "note", dir: "auto" }, inLanguage(example.why, this.shownIn, sheet.language)),
      ),
    );
    return make("section", {}, make("h3", {}, this.say("guideline.examples")), make("ol", { class: "lines" }, ...lines));
  }
}

/** Leave out what marks a line of Markdown as a heading or of a list. */
function plain(line) {
  return line.replace(/^\s*(?:[-*+>]|#{1,6}|\d+[.)])\s+/, "").trim();
}

export function nameOfLanguage(tag) {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

// What lies in front of a rater: the item at hand, those before it, those put off; answers go to the outbox.

import { prepared } from "./queue.js";
import { read, write } from "./settings.js";
import { told } from "./words.js";

const LONG = 200;

export class Desk {
  current = null;
  past = [];
  later = [];
  given = 0;
  #noting = 0;

  constructor(parts) {
    Object.assign(this, parts);
    this.place = `bimetal.here.${this.person}.${this.job.name}`;
    addEventListener("pagehide", () => this.#note());
  }

  /** Begin where one was when the page closed, else with the next item. */
  async begin() {
    this.here = read(this.place);
    await this.queue.begin(this.here.lease).catch(() => {}); // asked again below, where trouble is told
    this.advance();
  }

  /** Say whether an item is at hand already, so that it is not put in line again. */
  holds(lease) {
    return [this.current, ...this.past, ...this.later].some((entry) => entry?.item.lease === lease);
  }

  edit(value) {
    Object.assign(this.current, { value, dirty: true });
    this.#noteSoon();
  }

  comment(words) {
    Object.assign(this.current, { comment: words, dirty: true });
    this.#noteSoon();
  }

  /** Give the answer at hand to the outbox, and bring the next item. */
  answer(status, reason = "") {
    const entry = this.current;
    const value = status === "submitted" ? entry.value : null;
    this.#send(entry, { status, value, reason });
    if (!entry.saved) this.given += 1;
    Object.assign(entry, { saved: { status, value, reason }, value, dirty: false, seconds: 0 });
    this.past.push(entry);
    if (this.past.length > LONG) this.past.shift();
    this.advance();
  }

  advance() {
    const next = this.later.pop() ?? this.#next();
    if (next) return this.#take(next);
    this.current = null;
    this.timer.start({ seconds: 0 });
    this.empty("loading");
    return this.queue.fill().then(
      () => (this.queue.ready.length ? this.#take(this.#next()) : this.empty("none")),
      (error) => this.empty("trouble", error),
    );
  }

  /** Go back, across submits: first to what was seen here, then to what was submitted before the page was opened. */
  async back() {
    const before = this.past.pop() ?? (await this.#submitted());
    if (!before) return false;
    this.#putOff();
    this.#take(before);
    return true;
  }

  /** Go on without an answer; what was begun is kept as a draft. */
  forward() {
    if (!this.current) return;
    this.#draft(this.current);
    this.past.push(this.current);
    this.advance();
  }

  /** Open an item of a list, and come back to the one at hand afterwards. */
  bring(item) {
    this.queue.without(item.lease);
    this.later = this.later.filter((entry) => entry.item.lease !== item.lease);
    this.past = this.past.filter((entry) => entry.item.lease !== item.lease);
    if (this.current?.item.lease === item.lease) return;
    this.#putOff();
    this.#take(entryOf(prepared(item)));
  }

  #putOff() {
    if (!this.current) return;
    this.#draft(this.current);
    this.later.push(this.current);
  }

  #next() {
    const item = this.queue.take();
    return item && entryOf(item, this.here?.lease === item.lease ? this.here : null);
  }

  async #submitted() {
    const { lines } = await this.queue.list("submitted").catch(() => ({ lines: [] }));
    const line = lines.find((item) => !this.holds(item.lease));
    return line ? entryOf(prepared(line)) : null;
  }

  #take(entry) {
    this.current = entry;
    this.timer.start(entry);
    this.#note();
    this.show(entry);
  }

  #draft(entry) {
    if (!entry.dirty || entry.saved || entry.value === null) return;
    entry.dirty = false;
    this.#send(entry, { status: "draft", value: entry.value, reason: "" });
  }

  #send(entry, said) {
    const { item } = entry;
    if (entry === this.current) this.timer.read();
    const suggestion = entry.suggested ? item.suggestion : null;
    const seconds = Math.round(entry.seconds * 10) / 10;
    const answer = { lease: item.lease, ...said, seconds, suggestion, comment: entry.comment };
    this.outbox.add(answer, { job: this.job.name, item: item.item, told: told(this.sheet(), said.value, this.language, this.say) });
  }

  #noteSoon() {
    clearTimeout(this.#noting);
    this.#noting = setTimeout(() => this.#note(), 300);
  }

  /** Remember what is at hand, for when the page is opened again. */
  #note() {
    clearTimeout(this.#noting);
    const entry = this.current;
    if (!entry || entry.saved) return write(this.place, {});
    const { value, comment, seconds, dirty, suggested } = entry;
    write(this.place, { lease: entry.item.lease, value, comment, seconds, dirty, suggested });
  }
}

function entryOf(item, noted = null) {
  const { answer = null, draft } = item;
  const begun = { value: answer?.value ?? draft ?? null, comment: answer?.comment ?? "", seconds: 0 };
  const state = { saved: answer, dirty: false, revealed: false, suggested: false, reason: answer?.reason ?? "" };
  return { item, ...begun, ...state, ...noted };
}

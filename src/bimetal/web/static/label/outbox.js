// Answers on their way: kept here before they are sent, sent again with the same key until the server has them.

import { LoggedOut, Refused, Unreachable } from "./api.js";
import { openDrawer } from "./storage.js";

const FIRST = 1_000;
const LONGEST = 30_000;

export class Outbox extends EventTarget {
  #drawer;
  #wake = () => {};
  #others = new BroadcastChannel("bimetal.outbox");
  #running = false;

  constructor(api, person) {
    super();
    Object.assign(this, { api, person, waiting: [], refused: [], trouble: "" });
    this.#others.onmessage = () => this.#read();
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => this.#say("offline"));
  }

  async open() {
    this.#drawer = await openDrawer();
    await this.#read();
    this.send();
    return this;
  }

  /** Keep an answer; resolves once it is in the browser's own storage. */
  async add(answer, shown) {
    const entry = { key: crypto.randomUUID(), person: this.person, n: order(), shown, state: "waiting", answer };
    entry.answer.key = entry.key;
    const putting = this.#drawer.put(entry);
    entry.unkept = true; // until it is stored, reading the store must not lose it
    this.waiting.push(entry);
    this.#changed();
    try {
      await putting;
      entry.unkept = false;
      this.#others.postMessage("");
    } catch {
      this.dispatchEvent(new Event("unkept"));
    }
    this.send();
    return entry;
  }

  /** Let go of an answer the server will never take. */
  async forget(key) {
    await this.#drawer.remove(key);
    await this.#read();
    this.#others.postMessage("");
  }

  /** Send what waits, in order; of several tabs one sends at a time. */
  async send() {
    if (this.#running) return this.#wake();
    this.#running = true;
    const work = () => this.#sendAll();
    try {
      await (navigator.locks ? navigator.locks.request(`bimetal.outbox.${this.person}`, work) : work());
    } finally {
      this.#running = false;
    }
    if (this.waiting.length && !this.trouble) this.send();
  }

  resume() {
    this.#say("");
    this.send();
  }

  async #sendAll() {
    await this.#read();
    let pause = FIRST;
    while (this.waiting.length) {
      const [entry] = this.waiting;
      const trouble = await this.#sendOne(entry);
      if (!trouble) {
        pause = FIRST;
        this.#say("");
        continue;
      }
      this.#say(trouble);
      if (trouble !== "offline") return;
      await this.#sleep(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST);
      await this.#read();
    }
  }

  async #sendOne(entry) {
    try {
      const receipt = await this.#post(entry);
      await this.#done(entry);
      this.dispatchEvent(new CustomEvent("kept", { detail: { entry, receipt } }));
    } catch (error) {
      if (error instanceof LoggedOut) return "logged-out";
      if (error instanceof Unreachable) return "offline";
      if (error instanceof Other) return "other-person";
      if (!(error instanceof Refused)) throw error;
      await this.#refuse(entry, error);
    }
    return "";
  }

  /** A lease may have run out and a token been renewed meanwhile: both are tried before a refusal is believed. */
  async #post(entry) {
    try {
      return await this.api.post("/api/answers", entry.answer);
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 409 || error.status === 413) throw error;
      const token = this.api.csrf;
      const me = await this.api.me();
      if (me.person !== this.person) throw new Other();
      if (error.status === 403 && me.csrf === token) throw error;
      if (error.status === 400) await this.#renewed(entry.answer.lease, error);
      return this.api.post("/api/answers", entry.answer);
    }
  }

  async #renewed(lease, refusal) {
    try {
      await this.api.post("/api/leases/renew", { leases: [lease] });
    } catch (error) {
      throw error instanceof Refused ? refusal : error;
    }
  }

  async #done(entry) {
    await this.#drawer.remove(entry.key).catch(() => {});
    this.waiting = this.waiting.filter((each) => each.key !== entry.key);
    this.#others.postMessage("");
    this.#changed();
  }

  async #refuse(entry, error) {
    Object.assign(entry, { state: "refused", error: error.message, hint: error.hint });
    await this.#drawer.put(entry).catch(() => {});
    this.waiting = this.waiting.filter((each) => each.key !== entry.key);
    this.refused = [...this.refused, entry];
    this.#others.postMessage("");
    this.#changed();
    this.dispatchEvent(new CustomEvent("refused", { detail: entry }));
  }

  async #read() {
    const kept = await this.#drawer.all(this.person);
    const known = new Set(kept.map((entry) => entry.key));
    const unkept = this.waiting.filter((entry) => entry.unkept && !known.has(entry.key));
    this.waiting = [...kept.filter((entry) => entry.state === "waiting"), ...unkept];
    this.refused = kept.filter((entry) => entry.state === "refused");
    this.#changed();
  }

  #sleep(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #say(trouble) {
    this.trouble = trouble;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

class Other extends Error {}

let last = 0;

function order() {
  last = Math.max(last + 1, Date.now() * 1000);
  return last;
}

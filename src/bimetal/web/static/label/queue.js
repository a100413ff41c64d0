// The next items, leased a few ahead and made ready, so that one key brings the next picture at once.

import { Refused, of } from "./api.js";

const AHEAD = 6; // at usual speed, seconds of work; few enough to leave others some
const RENEWED_EVERY = 5 * 60_000;

export class Queue {
  ahead = AHEAD;
  ready = [];
  progress = null;
  #filling = null;
  #held = new Set();

  constructor(api, job, { held, told }) {
    Object.assign(this, { api, job, heldElsewhere: held, told });
    setInterval(() => document.visibilityState === "visible" && this.#renew(), RENEWED_EVERY);
  }

  /** Take up what is in one's hands already, the one seen last first; then lease more. */
  async begin(last) {
    const [pending, drafts] = await Promise.all(["pending", "draft"].map((list) => this.list(list)));
    const seen = drafts.lines.filter((item) => item.lease === last);
    this.#add([...seen, ...pending.lines].sort((one, other) => (other.lease === last) - (one.lease === last)));
    const filled = this.fill();
    if (this.ready.length) filled.catch(() => {});
    else await filled;
  }

  take() {
    const item = this.ready.shift() ?? null;
    if (this.ready.length <= this.ahead / 2) this.fill().catch(() => {});
    return item;
  }

  /** Lease until enough are ready; calls made meanwhile wait for the same. */
  fill() {
    this.#filling ??= this.#lease().finally(() => (this.#filling = null));
    return this.#filling;
  }

  list(which, after = "") {
    const page = after ? `?after=${encodeURIComponent(after)}` : "";
    return this.api.get(`${of(this.job)}/list/${which}${page}`);
  }

  /** Give back what was made ready and not looked at. */
  async letGo() {
    const leases = this.ready.map((item) => item.lease);
    this.ready = [];
    if (leases.length) await this.api.post("/api/leases/release", { leases }, { keepalive: true }).catch(() => {});
  }

  /** Forget what is ready, because the guideline changed under it. */
  async again() {
    await this.letGo();
    this.#held.clear();
    await this.fill();
  }

  /** Let an item be taken out of what is ready, because it was opened from a list. */
  without(lease) {
    this.ready = this.ready.filter((item) => item.lease !== lease);
  }

  async #lease() {
    const n = this.ahead - this.ready.length;
    if (n < 1) return;
    const given = await this.api.post(`${of(this.job)}/lease`, { n });
    this.progress = given.progress;
    this.#add(given.leases);
    this.told(given);
  }

  #add(items) {
    for (const item of items) {
      if (this.#held.has(item.lease) || this.heldElsewhere(item.lease)) continue;
      this.#held.add(item.lease);
      this.ready.push(prepared(item));
    }
  }

  forget(lease) {
    this.#held.delete(lease);
  }

  async #renew() {
    for (const item of [...this.ready]) {
      await this.api.post("/api/leases/renew", { leases: [item.lease] }).catch((error) => {
        if (error instanceof Refused) this.without(item.lease);
      });
    }
  }
}

/** Load and decode what an item shows before anybody looks at it. */
export function prepared(item) {
  const { image, audio } = item.payload;
  if (image) {
    item.picture = new Image();
    item.picture.src = image;
    item.picture.decode().catch(() => {});
  }
  if (audio) fetch(audio, { priority: "low" }).then((answer) => answer.arrayBuffer(), () => {});
  return item;
}

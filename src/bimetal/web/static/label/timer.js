// Active seconds on an item: counted while the page is looked at and something was done within the last half minute.

const IDLE = 30_000;
const ACTS = ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart", "input"];

export class Timer {
  #since = performance.now();
  #acted = performance.now();
  #paused = false;
  #of = { seconds: 0 };

  constructor(shown) {
    this.shown = shown;
    for (const act of ACTS) addEventListener(act, () => this.#touch(), { passive: true, capture: true });
    for (const turn of ["focus", "blur"]) addEventListener(turn, () => this.#settle());
    document.addEventListener("visibilitychange", () => this.#settle());
    setInterval(() => this.#settle(), 1000);
    this.looked = attended();
  }

  /** Count for this entry from now on; what it took before stays. */
  start(entry) {
    this.#settle();
    this.#of = entry;
    this.#acted = performance.now();
    this.shown(entry.seconds, true);
  }

  /** Say how long the entry took until now. */
  read() {
    this.#settle();
    return Math.round(this.#of.seconds * 10) / 10;
  }

  pause(paused) {
    this.#settle();
    this.#paused = paused;
  }

  #touch() {
    this.#settle();
    this.#acted = performance.now();
  }

  #settle() {
    const now = performance.now();
    const until = Math.min(now, this.#acted + IDLE);
    if (this.looked && !this.#paused) this.#of.seconds += Math.max(0, until - this.#since) / 1000;
    this.#since = now;
    this.looked = attended();
    this.shown(this.#of.seconds, this.looked && !this.#paused && now <= this.#acted + IDLE);
  }
}

function attended() {
  return document.visibilityState === "visible" && document.hasFocus();
}

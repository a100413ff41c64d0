// The screen a rater works on: the item first, its answer beside it, everything by a key.

import { LoggedOut, Unreachable } from "./api.js";
import { answersOf, reasonsOf } from "./answers.js";
import { Desk } from "./desk.js";
import { modal, opened } from "./dialog.js";
import { button, make, shown } from "./dom.js";
import { Guideline } from "./guideline.js";
import { showHelp } from "./help.js";
import { Keys, digit, pressed, writing } from "./keys.js";
import { showLists } from "./lists.js";
import { showSettings } from "./preferences.js";
import { Queue } from "./queue.js";
import { askWhy } from "./skip.js";
import { perform, widgetOf } from "./stage.js";
import { Timer } from "./timer.js";
import { told } from "./words.js";

const at = (id) => document.getElementById(id);

export class Screen {
  constructor({ api, boot, job, outbox, settings, say }) {
    Object.assign(this, { api, boot, job, outbox, settings, say, language: boot.language });
    this.keys = new Keys(settings.get("keys"));
    this.guide = new Guideline({ api, person: boot.person, job: job.name, language: boot.language, say });
    this.timer = new Timer((seconds, running) => this.#time(seconds, running));
    this.queue = new Queue(api, job.name, { held: (lease) => this.desk.holds(lease), told: (given) => this.#progress(given.progress) });
    this.desk = new Desk({
      queue: this.queue,
      outbox,
      timer: this.timer,
      person: boot.person,
      job,
      language: boot.language,
      say,
      sheet: () => this.guide.sheet,
      show: (entry) => this.#show(entry),
      empty: (why, error) => this.#empty(why, error),
    });
    this.deciding = job.kind === "adjudicate";
  }

  async begin() {
    this.widget = widgetOf(this.job.task);
    this.#furnish();
    const [, widget] = await Promise.all([this.guide.load(), this.widget, this.#progress({ own: this.job.own, job: this.job.items })]);
    this.widget = widget;
    if (this.guide.sheet.warning) this.queue.ahead = 2; // what is leased counts against the day's cap
    const ready = this.desk.begin();
    if (this.guide.unread) await this.guide.acknowledge();
    await ready;
    this.outbox.addEventListener("kept", (event) => (this.#again(), this.#learned(event.detail)));
    addEventListener("online", () => this.#again());
  }

  #furnish() {
    const { say } = this;
    document.body.dataset.task = this.job.task;
    document.body.dataset.kind = this.job.kind;
    at("job").textContent = this.job.name;
    document.title = `${this.job.name} · ${document.title}`;
    const acts = ["lists", "guideline", "settings", "help"];
    const words = { lists: "list.title", guideline: "guideline.title", settings: "settings.title", help: "keys.title" };
    at("tools").replaceChildren(...acts.map((act) => button(say(words[act]), () => this.act(act), { class: "tool", "data-tool": act, title: say(words[act]) })));
    this.comment = make("textarea", { id: "comment", rows: 2, maxlength: 1000, dir: "auto", placeholder: say("comment.placeholder"), "aria-label": say("comment.title"), hidden: true });
    this.comment.addEventListener("input", () => this.desk.current && this.desk.comment(this.comment.value));
    this.actions = {
      submit: button(say("label.submit"), () => this.act("submit"), { class: "primary", hotkey: this.keys.of("submit") }),
      skip: button(say("label.skip"), () => this.act("skip"), { hotkey: this.keys.of("skip") }),
      undo: button(say("label.undo"), () => this.act("undo"), { class: "quiet", hotkey: this.keys.of("undo") }),
      comment: button(say("comment.add"), () => this.act("comment"), { class: "quiet", hotkey: this.keys.of("comment") }),
    };
    at("actions").replaceChildren(this.comment, ...Object.values(this.actions));
    document.addEventListener("keydown", (event) => this.#key(event));
    at("home").addEventListener("click", () => this.queue.letGo());
  }

  // ---- one item

  async #show(entry) {
    const { item } = entry;
    if (item.guideline > this.guide.sheet.version) {
      await this.guide.load();
      if (this.guide.unread) await this.guide.acknowledge();
      if (this.desk.current !== entry) return;
    }
    this.stage?.destroy();
    const place = { item: at("item"), answer: at("answer") };
    this.blank = "";
    document.body.classList.remove("empty");
    at("desk").lang = item.language || "";
    this.stage = perform(entry, this.widget, place, {
      sheet: this.guide.sheet,
      language: this.language,
      words: this.boot.words,
      say: this.say,
      blur: this.settings.get("blur"),
      change: (value) => this.#changed(value),
      report: (words) => this.report(words),
    });
    this.#suggestion();
    this.#others();
    this.comment.value = entry.comment;
    this.comment.hidden = !entry.comment;
    this.actions.submit.firstChild.textContent = this.say(entry.saved ? "label.resubmit" : this.deciding ? "adjudicate.decide" : "label.submit");
    at("state").textContent = entry.saved ? this.say(entry.saved.status === "skipped" ? "label.skipped" : "label.submitted") : entry.value ? this.say("label.draft_kept") : "";
    this.report(`${this.say("label.item")} ${this.desk.given + 1}`);
    scrollTo({ top: 0, behavior: "instant" });
    if (document.activeElement === document.body || !document.activeElement?.isConnected) at("item").focus({ preventScroll: true });
    if (this.job.task === "text" && !this.stage.covered()) this.stage.widget.focus();
  }

  #changed(value) {
    this.desk.edit(value);
    if (this.settings.get("advance") && value !== null && ["classification", "pairs"].includes(this.job.task) && !this.deciding) this.act("submit");
  }

  #suggestion() {
    const entry = this.desk.current;
    const offered = entry.item.suggestion ?? null;
    const place = at("suggestion");
    place.hidden = offered === null || !this.settings.get("suggestions");
    if (place.hidden) return place.replaceChildren();
    entry.suggested = true;
    const said = make("strong", { dir: "auto" }, told(this.guide.sheet, offered, this.language, this.say));
    const take = button(this.say("suggestion.accept"), () => this.act("accept"), { hotkey: this.keys.of("accept"), class: "quiet" });
    return place.replaceChildren(make("p", {}, make("span", { class: "mark" }, this.say("suggestion.mark")), " ", said), take);
  }

  #others() {
    const place = at("others");
    place.hidden = at("reasons").hidden = !this.deciding;
    if (!this.deciding) return;
    const entry = this.desk.current;
    const { sheet } = this.guide;
    const answers = answersOf(entry.item, { sheet, language: this.language, say: this.say, take: (value) => this.#take(value) });
    this.reasons = reasonsOf(sheet, entry, this.say, () => entry.value !== null && this.asked && this.act("submit"));
    this.asked = false;
    place.replaceChildren(answers);
    at("reasons").replaceChildren(this.reasons.root);
  }

  #take(value) {
    this.stage.widget.set(value);
    this.#changed(value);
    this.report(told(this.guide.sheet, value, this.language, this.say));
  }

  #empty(why, error) {
    this.blank = why;
    document.body.classList.add("empty");
    this.stage?.destroy();
    this.stage = null;
    for (const id of ["answer", "others", "reasons", "suggestion"]) at(id).replaceChildren();
    const { say } = this;
    const again = button(say("none.again"), () => this.desk.advance(), { class: "primary" });
    const blank = {
      loading: [make("p", { class: "note" }, say("label.loading"))],
      none: [make("h2", {}, say("none.title")), make("p", {}, say("none.text")), make("p", { class: "note" }, say("none.later")), again],
      trouble: [make("h2", {}, say("error.title")), make("p", {}, this.#trouble(error)), make("p", { class: "note" }, error?.hint ?? ""), again],
    };
    const warning = why === "trouble" && error?.warning;
    at("item").replaceChildren(make("div", { class: "blank" }, ...(warning ? this.#consent(warning) : blank[why])));
    at("state").textContent = "";
    if (why !== "loading") this.report(say(why === "none" ? "none.title" : "error.title"));
  }

  #trouble(error) {
    if (error instanceof LoggedOut) return this.say("error.session");
    return error instanceof Unreachable ? this.say("outbox.offline", { n: this.outbox.waiting.length }) : (error?.message ?? "");
  }

  /** Ask once whether somebody is willing to see what a warning names. */
  #consent(warning) {
    const { say } = this;
    const agree = () => this.api.post("/api/warnings", { warning }).then(() => this.desk.advance(), (error) => this.#empty("trouble", error));
    const away = make("a", { class: "button quiet", href: "/label" }, say("label.back"));
    return [make("h2", {}, say("warning.title")), make("p", {}, say("warning.consent", { warning })), button(say("warning.agree"), agree, { class: "primary" }), away];
  }

  // ---- what is done

  act(action, event) {
    const entry = this.desk.current;
    const { say } = this;
    const pause = { say, closed: () => this.timer.pause(false) };
    const acts = {
      submit: () => entry && this.#submit(entry),
      skip: () => entry && askWhy({ ...pause, skip: (reason) => this.#answer("skipped", reason) }),
      undo: () => this.stage?.widget.undo?.() || this.desk.back().then((moved) => moved && this.report(say("label.undone"))),
      previous: () => this.#arrow(event, -1, 0) || this.desk.back(),
      next: () => this.#arrow(event, 1, 0) || this.desk.forward(),
      accept: () => entry && !at("suggestion").hidden && this.#take(entry.item.suggestion),
      guideline: () => this.guide.toggle(),
      comment: () => entry && this.#comment(),
      lists: () => (this.timer.pause(true), showLists({ ...pause, queue: this.queue, sheet: () => this.guide.sheet, language: this.language, bring: (item) => this.desk.bring(item) })),
      settings: () => (this.timer.pause(true), showSettings({ ...pause, settings: this.settings, language: this.language, languages: this.boot.languages ?? [], changed: () => this.#resettle(), keysShown: () => this.act("help") })),
      help: () => (this.timer.pause(true), showHelp({ ...pause, keys: this.keys, changed: (own) => (this.settings.put("keys", own), this.#rename()) })),
      remove: () => this.stage?.widget.remove?.(),
      blur: () => this.stage?.reveal(),
      play: () => this.stage?.view.play?.(),
      zoom_in: () => this.stage?.view.zoom_in?.(),
      zoom_out: () => this.stage?.view.zoom_out?.(),
      zoom_fit: () => this.stage?.view.zoom_fit?.(),
    };
    return acts[action]?.();
  }

  #submit(entry) {
    if (this.stage.covered()) return this.report(this.say("warning.title"));
    const marks = ["spans", "boxes", "polygons", "keypoints"].includes(this.job.task);
    const value = entry.value ?? (marks ? (this.stage.widget.value ?? "[]") : null);
    if (value === null) return this.report(this.say("label.nothing_chosen"), true);
    if (this.deciding && !entry.reason) {
      this.asked = true;
      this.reasons.focus();
      return this.report(this.say("adjudicate.reason_needed"), true);
    }
    entry.value = value;
    return this.#answer("submitted", this.deciding ? entry.reason : "");
  }

  #answer(status, reason) {
    at("learned").hidden = true;
    return this.desk.answer(status, reason);
  }

  #comment() {
    this.comment.hidden = false;
    this.comment.focus();
  }

  #arrow(event, dx, dy) {
    return event ? this.stage?.widget.move?.(dx, dy) : false;
  }

  // ---- keys

  #key(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const action = this.keys.action(event);
    const window = modal();
    if (window) {
      if (action && window.dataset.action === action) (event.preventDefault(), window.close());
      return;
    }
    if (event.key === "Escape") return this.#escape(event);
    const control = event.target.closest?.("button, a, summary, input, select");
    const own = control && !control.matches("[data-choice]") && (event.key === "Enter" || event.key === " ");
    if (own || (control?.matches("[data-choice]") && event.key === " ")) return;
    if (this.#answered(event) || (action && this.#done(action, event))) event.preventDefault();
  }

  /** Choose by a number or a label's own key; in a list of reasons a number is a reason. */
  #answered(event) {
    if (!this.stage || this.stage.covered() || writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return false;
    const n = digit(event);
    if (this.deciding && n && event.target.closest?.(".reasons")) return this.reasons.digit(n), true;
    if (this.deciding && n && event.shiftKey) {
      const answer = this.desk.current.item.answers?.[n - 1];
      if (answer && answer.value !== null) this.#take(answer.value);
      return Boolean(answer);
    }
    return this.stage.choose(pressed(event), n, event);
  }

  #done(action, event) {
    if (event.repeat && ["submit", "skip", "accept"].includes(action)) return true;
    if (action === "play" && !this.stage?.view.play) return false;
    if (["previous", "next"].includes(action) && event.target.closest?.("[role=tablist], [type=range]")) return false;
    this.act(action, event);
    return true;
  }

  #escape(event) {
    const open = opened("guideline");
    if (open) return open.close();
    if (writing(event.target)) {
      event.target.blur();
      at("item").focus({ preventScroll: true });
    }
    return undefined;
  }

  // ---- what is said

  /** Say something to whoever looks or listens. */
  report(words, aloud = false) {
    at("live").textContent = words;
    if (!aloud) return;
    const note = at("hint");
    note.textContent = words;
    note.hidden = false;
    clearTimeout(this.hinting);
    this.hinting = setTimeout(() => (note.hidden = true), 3000);
  }

  #progress({ own, job }) {
    this.own = own;
    this.all = job;
    this.#tally();
  }

  /** Say beside the next item how the last answer of an exam compares with the known one. */
  #learned({ entry, receipt }) {
    if (!receipt?.feedback || entry.shown.job !== this.job.name) return;
    const { right, known } = receipt.feedback;
    const label = told(this.guide.sheet, known, this.language, this.say);
    Object.assign(at("learned"), { hidden: false, className: `learned ${right ? "pass" : "warn"}` });
    at("learned").textContent = this.say(right ? "feedback.right" : "feedback.wrong", { label });
  }

  /** Go on by itself once the server is there again. */
  #again() {
    this.#tally();
    if (this.blank === "trouble") this.desk.advance();
  }

  #tally() {
    const mine = Math.max((this.own.submitted ?? 0) + (this.own.discarded ?? 0), (this.job.own.submitted ?? 0) + (this.job.own.discarded ?? 0) + this.desk.given);
    const total = Object.values(this.all).reduce((sum, n) => sum + n, 0);
    const settled = (this.all.settled ?? 0) + (this.all.resolved ?? 0);
    at("mine").textContent = this.say("progress.own", { n: mine });
    at("all").textContent = total ? this.say("progress.all", { n: settled, total }) : "";
    at("bar").hidden = !total;
    Object.assign(at("bar"), { max: Math.max(total, 1), value: settled });
    at("bar").setAttribute("aria-label", this.say("progress.all", { n: settled, total }));
  }

  #time(seconds, running) {
    const whole = Math.floor(seconds);
    const place = at("timer");
    const words = whole < 60 ? this.say("timer.active", { n: whole }) : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("idle", !running);
    place.title = this.say(running ? "timer.about" : "timer.idle");
  }

  #resettle() {
    this.keys.set(this.settings.get("keys"));
    this.#rename();
    if (this.stage) this.#suggestion();
  }

  #rename() {
    for (const [action, node] of Object.entries(this.actions)) node.querySelector("kbd").textContent = shown(this.keys.of(action));
  }
}

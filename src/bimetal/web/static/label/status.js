// Whether everything is saved, in words and colour; what was refused stays in sight until a person lets it go.

import { button, make } from "./dom.js";
import { open } from "./dialog.js";

export class Status {
  #window = null;

  constructor(outbox, { state, banner, aloud, say }) {
    Object.assign(this, { outbox, state, banner, aloud, say });
    state.addEventListener("click", () => this.list());
    outbox.addEventListener("change", () => this.show());
    outbox.addEventListener("unkept", () => this.#warn(say("outbox.no_storage")));
    addEventListener("beforeunload", (event) => outbox.waiting.length && event.preventDefault());
    this.show();
  }

  show() {
    const { waiting, refused, trouble } = this.outbox;
    const n = waiting.length;
    const offline = trouble === "offline" || !navigator.onLine;
    const [kind, words] = refused.length
      ? ["fail", this.say("outbox.refused_count", { n: refused.length })]
      : trouble === "logged-out" || trouble === "other-person"
        ? ["fail", this.say("outbox.unsaved", { n })]
        : offline
          ? ["warn", this.say("outbox.offline", { n })]
          : n > 1
            ? ["busy", this.say("outbox.unsaved", { n })]
            : n
              ? ["busy", this.say("outbox.sending")]
              : ["pass", this.say("outbox.all_saved")];
    this.#tell(kind, words);
    this.#block(trouble);
    if (this.#window?.open) this.#fill();
  }

  list() {
    this.body = make("div");
    this.#fill();
    this.#window = open(this.say("outbox.title"), this.body, { say: this.say, name: "outbox", kind: "side" });
  }

  #tell(kind, words) {
    const { state: before } = this.state.dataset;
    this.state.dataset.state = kind;
    // Each answer on its way is no news to a listener; trouble, and its end, are.
    if (kind !== before && [kind, before].some((each) => ["warn", "fail"].includes(each))) this.aloud(words);
    if (this.state.lastElementChild.textContent !== words) this.state.lastElementChild.textContent = words;
  }

  #fill() {
    const { waiting, refused } = this.outbox;
    const parts = [];
    if (!waiting.length && !refused.length) parts.push(make("p", {}, this.say("outbox.all_saved")));
    if (waiting.length) {
      const now = button(this.say("outbox.retry"), () => this.outbox.resume());
      parts.push(make("p", {}, this.state.lastElementChild.textContent));
      parts.push(make("ol", { class: "lines" }, ...waiting.map((entry) => this.#line(entry))), make("p", {}, now));
    }
    if (refused.length) {
      parts.push(make("h3", {}, this.say("outbox.refused_title")), make("ol", { class: "lines" }, ...refused.map((entry) => this.#line(entry))));
    }
    this.body.replaceChildren(...parts);
  }

  #line(entry) {
    const { shown, answer, state, error, hint } = entry;
    const said = make("p", { class: "value", dir: "auto" }, shown.told ?? "");
    const head = make("p", { class: "note" }, make("bdi", {}, shown.job), " · ", make("bdi", {}, shown.item));
    if (state !== "refused") return make("li", {}, said, head);
    const why = make("p", { class: "fault" }, this.say("outbox.refused", { reason: error }), hint && ` (${hint})`);
    const exact = make("details", {}, make("summary", {}, this.say("outbox.answer")), make("pre", { tabindex: "0" }, JSON.stringify(answer, null, 1)));
    const drop = button(this.say("outbox.drop"), () => this.outbox.forget(entry.key), { class: "quiet" });
    return make("li", {}, said, head, why, exact, drop);
  }

  /** Say across the page what stops everything: nobody is logged in, or somebody else is. */
  #block(trouble) {
    const stopped = trouble === "logged-out" || trouble === "other-person";
    if (this.banner.dataset.trouble === trouble) return;
    this.banner.dataset.trouble = trouble;
    this.banner.hidden = !stopped;
    if (!stopped) return;
    const again = button(this.say("error.again"), () => this.outbox.resume());
    const where = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    const login = make("a", { class: "button", href: where, target: "_blank" }, this.say("error.log_in"));
    const words = this.say(trouble === "logged-out" ? "error.session" : "error.other_person");
    this.banner.replaceChildren(make("p", {}, words), login, again);
  }

  #warn(words) {
    this.banner.hidden = false;
    this.banner.replaceChildren(make("p", {}, words));
  }
}

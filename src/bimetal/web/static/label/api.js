// Talking to the server: every call ends in JSON, or in one of three errors that say what to do next.

export class Refused extends Error {
  constructor(status, { error, hint = "", warning = "" }) {
    super(error ?? String(status));
    Object.assign(this, { status, hint, warning });
  }
}
export class LoggedOut extends Error {}
export class Unreachable extends Error {}

const WAIT = 20_000;

export class Api {
  constructor(csrf = "") {
    this.csrf = csrf;
  }

  get(path) {
    return this.#call("GET", path);
  }

  post(path, body, more = {}) {
    return this.#call("POST", path, { body: JSON.stringify(body), ...more });
  }

  /** Who is logged in now; the token for what follows comes with it. */
  async me() {
    const me = await this.get("/api/me");
    this.csrf = me.csrf;
    return me;
  }

  async #call(method, path, more = {}) {
    const headers = { Accept: "application/json" };
    if (more.body) Object.assign(headers, { "Content-Type": "application/json", "X-CSRF": this.csrf });
    const sent = { method, headers, credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(WAIT) };
    const answer = await fetch(path, { ...sent, ...more }).catch((error) => {
      throw new Unreachable(error.message);
    });
    if (answer.status === 401) throw new LoggedOut("the session ended");
    if (answer.status === 429 || answer.status >= 500) throw new Unreachable(`the server said ${answer.status}`);
    const told = await answer.json().catch(() => {
      throw new Unreachable("the server sent no JSON");
    });
    if (!answer.ok) throw new Refused(answer.status, told);
    return told;
  }
}

export function of(job) {
  return `/api/jobs/${encodeURIComponent(job)}`;
}

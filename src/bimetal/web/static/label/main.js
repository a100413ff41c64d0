// The labelling screen begins here: which job, then the desk with its item, answer and keys.

import { Api, Unreachable } from "./api.js";
import { make } from "./dom.js";
import { showJobs } from "./jobs.js";
import { Outbox } from "./outbox.js";
import { Screen } from "./screen.js";
import { Settings } from "./settings.js";
import { Status } from "./status.js";
import { speaker } from "./words.js";

const boot = JSON.parse(document.getElementById("boot").textContent);
const say = speaker(boot.words);
const api = new Api(boot.csrf);
const settings = new Settings(boot.person);
settings.apply();

async function begin() {
  const outbox = await new Outbox(api, boot.person).open();
  const aloud = (words) => (document.getElementById("live").textContent = words);
  new Status(outbox, { state: document.getElementById("saved"), banner: document.getElementById("banner"), aloud, say });
  const stage = document.getElementById("item");
  try {
    const name = new URLSearchParams(location.search).get("job");
    const { jobs } = await api.get("/api/jobs");
    const open = jobs.filter((job) => !job.refusal);
    const job = name ? jobs.find((each) => each.name === name) : open.length === 1 && jobs.length === 1 ? open[0] : null;
    if (!job || job.refusal) return showJobs(stage, jobs, say);
    await new Screen({ api, boot, job, outbox, settings, say }).begin();
  } catch (error) {
    const words = error instanceof Unreachable ? say("error.server") : error.message;
    const again = make("button", { type: "button", class: "primary", on: { click: () => location.reload() } }, say("error.again"));
    document.body.classList.add("empty");
    stage.replaceChildren(make("div", { class: "blank", role: "alert" }, make("h2", {}, say("error.title")), make("p", {}, words), again));
    throw error;
  }
}

begin();

// The jobs open to a person, to choose one from, with how far each is.

import { make } from "./dom.js";

export function showJobs(root, jobs, say) {
  document.body.classList.add("choosing");
  const lines = jobs.map((job) => make("li", { class: job.refusal ? "card shut" : "card" }, ...about(job, say)));
  const list = lines.length ? make("ul", { class: "jobs" }, ...lines) : make("p", {}, say("jobs.none"));
  root.replaceChildren(make("h1", {}, say("jobs.title")), list);
}

function about(job, say) {
  const { own, items } = job;
  const done = (own.submitted ?? 0) + (own.discarded ?? 0);
  const all = Object.values(items).reduce((sum, n) => sum + n, 0);
  const settled = (items.settled ?? 0) + (items.resolved ?? 0);
  const counted = all > 0; // an exam's items are not told apart from one another, nor counted
  const bar = counted && make("progress", { max: Math.max(all, 1), value: settled, "aria-label": say("progress.all", { n: settled, total: all }) });
  const kind = [say(`jobs.kind_${job.kind}`), say(`task.${job.task}`)].join(" · ");
  const languages = job.languages.length ? say("jobs.languages", { languages: job.languages.join(", ") }) : "";
  const facts = [say("progress.own", { n: done }), counted && say("progress.all", { n: settled, total: all }), languages].filter(Boolean).join(" · ");
  const go = job.refusal
    ? make("p", { class: "fault" }, say("jobs.refused", { reason: job.refusal }))
    : make("a", { class: "button primary", href: `/label?job=${encodeURIComponent(job.name)}` }, say(done ? "jobs.continue" : "jobs.start"));
  return [make("h2", { dir: "auto" }, job.name), make("p", { class: "note" }, kind), bar, make("p", { class: "note" }, facts), go];
}

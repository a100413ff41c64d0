"""Every page that each role can open, in a real browser: axe-core, keyboard, 360 px, 200 % zoom, and no word to another host."""

import io
import os
from pathlib import Path
from urllib.parse import quote, urlsplit

import pyarrow as pa
import pytest
from PIL import Image

from bimetal.annotation.sheet import Example, Label, Sheet
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import invite, offer_reset
from bimetal.programme.work.handing import hand_out, take
from bimetal.store.queue import Item, Job, Submission
from bimetal.web.application import application

CHROMIUM = Path(os.environ.get("BIMETAL_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parents[2] / "assets" / "node_modules" / "axe-core" / "axe.min.js"
ROLES = ("", "annotator", "adjudicator", "lead", "auditor", "admin")
SAID = {
    "classification": ("praise", "complaint"),
    "tags": ('["praise"]', '["complaint"]'),
    "spans": ('[{"start": 0, "end": 3, "label": "praise"}]', "[]"),
    "boxes": ('[{"x0": 1, "y0": 1, "x1": 9, "y1": 9, "label": "praise"}]', "[]"),
    "polygons": ('[{"points": [[1, 1], [9, 1], [9, 9]], "label": "praise"}]', "[]"),
    "keypoints": ('[{"points": {"nose": [3, 4]}, "label": "praise"}]', "[]"),
    "pairs": ("a", "tie"),
    "ranking": ('[["a"], ["b", "c"]]', '[["c"], ["a", "b"]]'),
    "best-worst": ('{"best": "a", "worst": "c"}', '{"best": "b", "worst": "c"}'),
    "score": ("3", "5"),
    "text": ("The soup was cold.", "Cold soup."),
}
"""What two people say to the first items of a job of each kind."""

KINDS = tuple(SAID)
NO_PAGES = ("/api/", "/media", "/static", "/login/", "/jobs/{job}/items.csv")
"""Addresses that answer with no page of their own."""

RULES = "{resultTypes: ['violations']}"
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists() or not AXE.exists():
        lacking = CHROMIUM if not CHROMIUM.exists() else AXE
        if os.environ.get("CI"):
            pytest.fail(f"{lacking} is not there: run scripts/browser and scripts/assets")
        pytest.skip(f"{lacking} is not there: run scripts/browser and scripts/assets")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A browser of somebody's own that notes every fault it meets."""

    def __init__(self, chromium, served, token):
        self.served, self.faults = served, []
        self.context = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 800})
        if token:
            self.context.add_cookies([{"name": "bimetal", "value": token, "url": served}])
        self.page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self._note(f"script: {fault}"))
        self.page.on("request", self._asked)

    def open(self, url, ready=None):
        self.url = url
        answer = self.page.goto(url)
        self.page.wait_for_load_state("networkidle")
        if ready:
            self.page.wait_for_selector(ready)
        return answer

    def look(self):
        """Try the page in every look: dark and light, wide and narrow and enlarged, and with the Tab key alone."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        for look in ("light", "dark"):
            self.page.emulate_media(color_scheme=look)
            self._axe(look)
        self.page.emulate_media(color_scheme="light")
        self._tabs()
        for width, what in ((640, "at 200 % zoom of 1280 px"), (360, "at 360 px")):
            self.page.set_viewport_size({"width": width, "height": 740 if width == 360 else 400})
            self._fits(what)
        self._axe("at 360 px")
        self.page.set_viewport_size({"width": 1280, "height": 800})

    def _axe(self, look):
        found = self.page.evaluate(f"axe.run({RULES}).then(found => found.violations)")
        for each in found:
            if each["impact"] in SERIOUS:
                self._note(*(f"axe {look}: {each['id']}: {node['html'][:160]}" for node in each["nodes"][:3]))

    def _fits(self, what):
        self._note(*(f"{what}: {each}" for each in self.page.evaluate(CUT_OFF)))

    def _tabs(self):
        """Go through the page by the Tab key; what can be acted on and is not come by cannot be reached."""
        wanted = self.page.evaluate(ACTED_ON)
        self.page.evaluate(TO_THE_TOP)
        reached = set()
        for _ in range(len(wanted) + 30):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate("document.activeElement?.dataset?.tried ?? null")
            if here is None and len(reached) >= len(wanted):
                break
            if here is not None:
                reached.add(int(here))
        self._note(*(f"no Tab reaches {html}" for n, html in enumerate(wanted) if n not in reached))

    def _said(self, message):
        if message.type in {"error", "warning"} and "status of 40" not in message.text:
            self._note(f"console: {message.text[:300]}")

    def _asked(self, request):
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and f"{parts.scheme}://{parts.netloc}" != self.served:
            self._note(f"asks another host: {request.url[:200]}")

    def _note(self, *faults):
        self.faults += [f"{getattr(self, 'url', '')}: {each}" for each in faults]


CUT_OFF = """() => {
  const found = [], root = document.documentElement;
  const over = root.scrollWidth - root.clientWidth;
  if (over > 0) found.push(`the page scrolls sideways by ${over} px`);
  const scrolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement) {
    const how = getComputedStyle(p).overflowX; if (how === 'auto' || how === 'scroll') return true; } return false; };
  for (const e of document.body.querySelectorAll('*')) {
    if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || e.closest('.unseen, .skip')) continue;
    const hides = ['hidden', 'clip'].includes(style.overflowX) && style.textOverflow !== 'ellipsis';
    if (hides && e.scrollWidth > e.clientWidth + 1 && e.innerText?.trim() && !e.querySelector('img, canvas, svg'))
      found.push(`cut off: ${e.outerHTML.slice(0, 120)}`);
    if (e.matches('a, button, input, select, textarea, summary') && !scrolls(e) && (box.right > innerWidth + 1 || box.left < -1))
      found.push(`beside the page: ${e.outerHTML.slice(0, 120)}`);
  }
  return found.slice(0, 5);
}"""
TO_THE_TOP = """() => {
  const top = document.querySelector('dialog[open]') ?? document.body;
  top.tabIndex = -1;
  top.focus();
}"""
ACTED_ON = """() => {
  const found = [], groups = new Set(), dialog = document.querySelector('dialog[open]');
  document.querySelectorAll('[data-tried]').forEach((e) => delete e.dataset.tried);
  for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]')) {
    if (e.disabled || e.tabIndex < 0 || e.type === 'hidden' || e.closest('[inert]') || (dialog && !dialog.contains(e))) continue;
    if (!e.checkVisibility({visibilityProperty: true})) continue;
    if (e.type === 'radio') {
      const group = [...document.getElementsByName(e.name)], chosen = group.find((each) => each.checked);
      if (chosen ? chosen !== e : groups.has(e.name)) continue;
      groups.add(e.name);
    }
    e.dataset.tried = found.length;
    found.push(e.outerHTML.slice(0, 140));
  }
  return found;
}"""


def picture():
    held = io.BytesIO()
    Image.new("RGB", (160, 120), (200, 180, 160)).save(held, "PNG")
    return held.getvalue()


def rows(kind, n=4):
    ids = [f"{kind}-{k}" for k in range(n)]
    if kind in {"boxes", "polygons", "keypoints"}:
        return pa.table(
            {"id": ids, "image": pa.array([picture()[:-12] + b"" + picture()[-12:]] * n, pa.large_binary())}
        )
    if kind in {"pairs", "ranking", "best-worst"}:
        texts = {
            f"text_{key}": [f"Answer {key} to question {k}." for k in range(n)]
            for key in "abc"[: 2 if kind == "pairs" else 3]
        }
        return pa.table({"id": ids, "prompt": [f"Question {k}?" for k in range(n)], **texts})
    return pa.table({"id": ids, "text": [f"The soup was cold at table {k}. {'w' * 60}" for k in range(n)]})


def sheet(kind):
    labels = (Label("praise"), Label("complaint"), Label("question"))
    labelled = kind in {"classification", "tags", "spans", "boxes", "polygons", "keypoints"}
    more = (
        {"scale": (1.0, 5.0, 1.0)} if kind == "score" else {"points": ("nose", "tail")} if kind == "keypoints" else {}
    )
    told = {"en": "# Notes\n\nJudge what the guest **says**.\n\n- one\n- two"}
    return Sheet(kind, labels if labelled else (), told, (Example("so cold", "complaint"),) if labelled else (), **more)


@pytest.fixture
def worked(programme, people):
    """Open a job of every kind; two people answer its first items and differ on them."""
    for kind in KINDS:
        real = Declared("real", "undeclared")
        stored, _ = add(programme, Arrival(rows(kind), kind, "pool", "live", declared=real))
        ids = programme.snapshots.get(stored.digest, ["id"])["id"].to_pylist()
        job = Job(kind, dataset=kind, snapshot=stored.digest, task=kind, raters=2, extra=0)
        queue.open_job(programme, job, [Item(each, "asked") for each in ids], sheet(kind))
        for name, value in zip(("lead", "other"), SAID[kind], strict=True):
            who = people[name][0]
            for held in hand_out(programme, who, kind, 2, programme.now()):
                sent = Submission(held.id, held.id, value, seconds=4.0, comment="I was not sure.")
                take(programme, who, sent, programme.now()).receipt.result()


@pytest.fixture
def addresses(programme, people, worked, settings):
    """Spell the address of every page there is, found by walking the routes of the app."""
    at, admin = programme.now(), people["admin"][0]
    known = {
        "{person}": [people["annotator"][0].id],
        "{job}": ["classification"],
        "{item}": ["classification-0"],
        "{kind}": ["label", "panel", "calibrate"],
    }
    links = {"/join/{token}": invite(programme, admin, "annotator", at)}
    links["/reset/{token}"] = offer_reset(programme, admin, people["other"][0].id, at)
    found = []
    for path in pages(application(programme, settings)):
        spelled = [path.replace("{token}", links.get(path, "{token}"))]
        for place, names in known.items():
            spelled = [each.replace(place, quote(name, safe="")) for each in spelled for name in names]
        spelled = list(dict.fromkeys(spelled))
        assert not any("{" in each for each in spelled), f"say above what {path} is opened with"
        found += spelled
    return [*found, "/no-such-page"]


def pages(app):
    routes = app._app.routes
    paths = [each.path for each in routes if "GET" in (getattr(each, "methods", None) or ())]
    return [path for path in dict.fromkeys(paths) if not path.startswith(NO_PAGES)]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "nobody")
def test_every_page_of_a_role_can_be_seen_and_worked_by_everybody(chromium, served, people, addresses, role):
    visit = Visit(chromium, served, people[role][1] if role else "")
    opened = []
    for url in addresses:
        answer = visit.open(url)
        assert answer.status < 500, url
        if (answer.status == 403 and opened.count("refused")) or urlsplit(visit.page.url).path in opened:
            continue  # a page of its own, seen once
        opened.append("refused" if answer.status == 403 else urlsplit(visit.page.url).path)
        visit.look()
    visit.context.close()
    assert visit.faults == []
    assert len(opened) >= (15 if role == "lead" else 5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_can_be_given_by_everybody(chromium, served, people, worked, kind):
    visit = Visit(chromium, served, people["annotator"][1])
    visit.open(f"/label?job={kind}", "#actions button")
    visit.look()
    visit.page.keyboard.press("?")
    visit.page.wait_for_selector("dialog[open]")
    visit.url = f"{kind}: help"
    visit.look()
    visit.context.close()
    assert visit.faults == []


def test_a_decision_can_be_made_by_everybody(chromium, served, people, worked):
    visit = Visit(chromium, served, people["adjudicator"][1])
    visit.open("/label?job=classification/adjudication", "#actions button")
    visit.page.wait_for_selector("#others:not([hidden])")
    visit.look()
    visit.context.close()
    assert visit.faults == []


SPOILED = """() => {
  const put = (tag, how) => document.querySelector('main').appendChild(Object.assign(document.createElement(tag), how));
  put('img', {src: '/static/icon.svg'});
  put('input', {type: 'text'}).addEventListener('focus', (event) => event.target.blur());
  put('div', {textContent: 'wide'}).style.minWidth = '900px';
  put('p', {}).append(Object.assign(document.createElement('script'), {textContent: 'inline()'}));
  fetch('http://localhost:9/elsewhere').catch(() => {});
}"""


def test_a_spoiled_page_is_told_from_a_sound_one(chromium, served):
    visit = Visit(chromium, served, "")
    visit.open("/login")
    visit.page.evaluate(SPOILED)
    visit.look()
    visit.context.close()
    told = "\n".join(visit.faults)
    for each in ("image-alt", "label", "no Tab reaches", "scrolls sideways", "Content Security Policy", "localhost:9"):
        assert each in told, told

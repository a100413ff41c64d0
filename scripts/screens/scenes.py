"""Every picture: who looks, at which page, in which language, light or dark, on a desk or a phone, after doing what."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import drawn
import said
import town as towns
from town import EXAM, MESSAGES

from bimetal.programme import people, queue
from bimetal.store.queue import adjudication_of


@dataclass
class Scene:
    """One picture; `at` is an address or a job to label in, `opens` the value its first item opens with."""

    name: str
    who: str
    at: str
    do: Callable = lambda page, town: None
    language: str = "en"
    looks: str = ""
    opens: str | None = None
    before: Callable | None = None
    tall: int = 0
    marks: dict = field(default_factory=dict)
    read: bool = True

    @property
    def labels(self):
        return not self.at.startswith("/")

    def url(self, town):
        if self.before:
            return self.before(town)
        return f"/label?job={quote(self.at)}" if self.labels else self.at

    def remembered(self, town):
        if not self.labels:
            return {}
        read = {f"bimetal.read.{town.person(self.who).id}.{self.at}": json.dumps({"version": 1})} if self.read else {}
        return {**read, **towns.placed(town, self.who, self.at, self.opens)} if self.read else read

    def done(self, page, town):
        if self.labels:
            page.wait_for_selector(".stage .item, .stage .blank h2, dialog")
        self.do(page, town)
        page.wait_for_timeout(350)

    def crop(self, page, width, height):
        if not self.tall:
            return {}
        whole = page.evaluate("document.documentElement.scrollHeight")
        return {"full_page": True, "clip": {"x": 0, "y": 0, "width": width, "height": min(self.tall, whole)}}


def keys(*pressed):
    def do(page, town):
        for each in pressed:
            page.keyboard.press(each)

    return do


def places(*found):
    """Spell spans of the Thai sentence by the words they hold."""
    text = said.PLACES_THAI
    spans = [{"start": text.index(w), "end": text.index(w) + len(w), "label": label} for w, label in found]
    return json.dumps(sorted(spans, key=lambda each: each["start"]))


def arabic(*found):
    text = said.ARABIC[0]
    return json.dumps([{"start": text.index(w), "end": text.index(w) + len(w), "label": label} for w, label in found])


def offline(page, town):
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for each in ("7", "8", "4"):
        page.keyboard.press(each[0])
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
    page.click("#saved")


def not_taken(page, town):
    page.wait_for_load_state("networkidle")
    page.route(
        "**/api/answers",
        lambda route: route.fulfill(
            status=409,
            content_type="application/json",
            body=json.dumps({"error": "the item changed meanwhile", "hint": "look at it again, and answer anew"}),
        ),
    )
    keys("3", "Enter")(page, town)
    page.wait_for_selector("#saved[data-state=fail]")
    page.click("#saved")


def willing(page, town):
    page.click("text=I am willing to see it")
    page.wait_for_selector(".curtain")


def learned(page, town):
    keys("1", "Enter")(page, town)
    page.wait_for_selector("#saved[data-state=pass]")
    page.wait_for_timeout(300)


def changed(page, town):
    page.wait_for_selector("dialog .changed")


def raise_first(town):
    towns.raised(town)
    return f"/label?job={quote(MESSAGES)}"


def wrong_password(page, town):
    page.fill("#name", "ana")
    page.fill("#password", "not this one")
    page.click("form button[type=submit]")


def invited(town):
    return f"/join/{people.invite(town.programme, town.person('lee'), 'annotator', town.programme.now())}"


def decided(town):
    """Find a message that an adjudicator decided."""
    item = next(each["item"] for each in queue.queued(town.programme, MESSAGES) if each["state"] == "resolved")
    return f"/jobs/{JOB}/items/{item}"


def of_ana(town):
    return f"/people/{town.person('ana').id}"


STREET, SPANS_TH = (
    drawn.boxes(),
    places(("สถานีหัวลำโพง", "place"), ("ตลาดน้ำตลิ่งชัน", "place"), ("ทุกวันเสาร์", "time"), ("ป้าแดง", "person")),
)
SPANS_AR = arabic(("مدرسة النور", "place"), ("شارع النيل", "place"), ("يوم الاثنين", "time"))
DECIDING = adjudication_of(MESSAGES)
JOB = quote(MESSAGES, safe="")

SCENES = (
    Scene("my-jobs", "ana", "/label"),
    Scene("text", "ana", MESSAGES),
    Scene("text-dark", "ana", MESSAGES, keys("2"), looks="dark"),
    Scene("text-phone", "ana", MESSAGES, keys("2"), looks="phone"),
    Scene("thai", "ana", "ข้อความถึงเทศบาล", keys("4"), "th"),
    Scene("thai-phone", "ana", "ข้อความถึงเทศบาล", keys("4"), "th", "phone dark"),
    Scene("khmer", "ben", "សារទៅក្រុង", keys("4"), "km"),
    Scene("khmer-phone", "ben", "សារទៅក្រុង", keys("g"), "km", "phone"),
    Scene("tags", "ana", "Topics", keys("1", "6")),
    Scene("spans-thai", "ana", "Places in Thai", language="th", opens=SPANS_TH),
    Scene("spans-arabic", "ana", "Places in Arabic", opens=SPANS_AR),
    Scene("boxes", "ana", "Streets", opens=STREET),
    Scene("boxes-dark", "ana", "Streets", opens=STREET, looks="dark"),
    Scene("polygons", "ana", "Houses", opens=drawn.outlines()),
    Scene("keypoints", "ana", "Dancers", opens=drawn.posed()),
    Scene("digits", "ana", "Digits"),
    Scene("sound", "ana", "Bells", keys("2")),
    Scene("row", "ana", "Bookings", keys("2")),
    Scene("pairs", "ana", "Better answer", keys("1")),
    Scene("pairs-phone", "ana", "Better answer", looks="phone"),
    Scene("ranking", "ana", "Ranked answers", keys("1", "3")),
    Scene("best-worst", "ana", "Best and worst", keys("1", "3")),
    Scene("score", "ana", "Politeness", keys("5")),
    Scene("free-text", "ana", "Replies", lambda page, town: page.keyboard.type("I am glad you like them: they were built by pupils of the school.")),
    Scene("guideline-first", "chai", MESSAGES, read=False),
    Scene("guideline", "ana", MESSAGES, keys("g")),
    Scene("keys", "ana", MESSAGES, keys("?")),
    Scene("settings", "ana", "ข้อความถึงเทศบาล", keys(","), "th"),
    Scene("lists", "ana", MESSAGES, lambda page, town: (page.keyboard.press("l"), page.click("#tab-submitted"))),
    Scene("skip", "ana", MESSAGES, keys("s")),
    Scene("offline", "ana", "Topics", offline),
    Scene("not-accepted", "ana", MESSAGES, not_taken),
    Scene("warning", "ana", "Reported comments", willing, read=False),
    Scene("consent", "chai", "Reported comments", read=False),
    Scene("exam", "chai", EXAM, learned),
    Scene("deciding", "dara", DECIDING),
    Scene("deciding-dark", "dara", DECIDING, looks="dark"),
    Scene("login", "", "/login", wrong_password),
    Scene("login-thai-phone", "", "/login", language="th", looks="phone"),
    Scene("join", "", "/join", before=invited, tall=900),
    Scene("join-khmer-phone", "", "/join", before=invited, language="km", looks="phone"),
    Scene("account", "ana", "/account", tall=1100),
    Scene("people", "lee", "/people", tall=1000),
    Scene("person", "lee", "/people", before=of_ana, tall=1100),
    Scene("jobs", "lee", "/jobs", tall=900),
    Scene("job", "lee", f"/jobs/{JOB}", tall=1100),
    Scene("opening", "lee", "/open/label", tall=1300),
    Scene("editor", "lee", f"/jobs/{JOB}/guideline", tall=1300),
    Scene("gold", "lee", f"/jobs/{JOB}/gold", tall=900),
    Scene("quality", "lee", f"/quality?job={JOB}", tall=1500),
    Scene("quality-phone", "lee", f"/quality?job={JOB}", looks="phone"),
    Scene("quality-dark", "lee", f"/quality?job={JOB}", looks="dark"),
    Scene("items", "lee", f"/jobs/{JOB}/items", tall=900),
    Scene("item", "max", "/jobs", before=decided, tall=1200),
    Scene("log", "max", "/log", tall=900),
    Scene("guideline-changed", "ana", MESSAGES, changed, before=raise_first),
)  # fmt: skip

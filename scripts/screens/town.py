"""A programme to take pictures of: a city's messages and streets, people of every role, a week of answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest import mock

import drawn
import numpy as np
import pyarrow as pa
import said

from bimetal.annotation.sheet import Example, Label, Sheet
from bimetal.programme import create, opened, people, queue
from bimetal.programme import programme as made
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.work import gold, handing, sheets
from bimetal.programme.work.exams import Exam
from bimetal.store.queue import Item, Job, Submission, adjudication_of

HERE = people.Visitor("192.0.2.7", "Firefox on Linux")
PASSWORD = "four quiet otters swim"
CREW = {
    "sol": ("Sol", "admin"), "lee": ("Lee", "lead"), "max": ("Max", "auditor"), "dara": ("Dara", "adjudicator"),
    "ana": ("Ana", "annotator"), "ben": ("Ben", "annotator"), "chai": ("Chai", "annotator"),
}  # fmt: skip
SPOKEN = {"ana": ("en", "th", "ar"), "ben": ("en", "km"), "chai": ("en", "th"), "dara": ("en", "km")}
ANSWERED = 28
"""How many of the messages everybody has answered."""
MESSAGES, EXAM = "City messages", "Exam: city messages"
SALT = "5a17" * 8


class Clock:
    """A clock that moves a millisecond a look, and further where told to."""

    def __init__(self):
        self.moment = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self):
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def move(self, seconds):
        self.moment += timedelta(seconds=seconds)


class Town:
    """The open programme, and everybody in it by login name as (person, session token)."""

    def __init__(self, programme, clock):
        self.programme, self.clock, self.rng = programme, clock, np.random.default_rng(4)
        self.crew, self.held = {}, {}
        for login, (name, role) in CREW.items():
            self.crew[login] = self.joined(self.link(role), login, name)
        for login, languages in SPOKEN.items():
            self.qualified(login, languages)

    def link(self, role):
        at = self.programme.now()
        if "sol" not in self.crew:
            return people.first_admin(self.programme, at)
        return people.invite(self.programme, self.crew["sol"][0], role, at)

    def joined(self, link, login, name):
        wanted = people.Profile.read(login, name, f"{login}@example.org")
        token = people.join(self.programme, link, wanted, PASSWORD, HERE, self.programme.now())
        return people.whose(self.programme, token, self.programme.now()).person, token

    def qualified(self, login, languages):
        since = self.programme.now() - timedelta(days=21)
        for each in languages:
            wanted = people.Qualification(
                self.person(login).id, "classification", each, "exam 1", since, since + timedelta(days=180)
            )
            people.qualify(self.programme, self.person("lee"), wanted, self.programme.now())

    def person(self, login):
        return self.crew[login][0]

    def job(self, name, rows, sheet, items=None, **more):
        """Open a job on rows, under a sheet; `more` goes to the job."""
        dataset = more.pop("dataset", name.lower().replace(" ", "-").replace(":", ""))
        table = pa.table({"id": [f"{dataset}-{n:02}" for n in range(len(next(iter(rows.values()))))], **rows})
        stored, _ = add(
            self.programme, Arrival(table, dataset, "pool", "the city", declared=Declared("real", "undeclared"))
        )
        job = Job(name, dataset=dataset, snapshot=stored.digest, task=sheet.task, salt=SALT, **more)
        found = items or [Item(each, "asked", origin="real") for each in table["id"].to_pylist()]
        return queue.open_job(replace(self.programme, actor=self.person("lee").id), job, found, sheet)

    def answers(self, login, job, told, n=1):
        """Let a person answer up to `n` items, as `told(item)` says: a value, or a `Submission`'s parts."""
        who = self.person(login)
        for _ in range(n):
            for lease in handing.hand_out(self.programme, who, job, 1, self.programme.now()):
                seconds = round(float(self.rng.lognormal(1.7, 0.4)), 1)
                self.clock.move(seconds)
                given = told(lease)
                parts = given if isinstance(given, dict) else {"value": given}
                sent = Submission(lease.id, f"{login}-{lease.id}", **{"value": None, "seconds": seconds, **parts})
                taken = handing.take(self.programme, who, sent, self.programme.now())
                taken.receipt.result()
                handing.judge_by(self.programme, who, taken)


def begun(folder):
    """Make the programme in an empty folder; returns a context that holds it open."""
    labels = list(said.LABELS)
    about = {
        "name": "Riverside",
        "purpose": "Sort what people tell the city, and find what stands in its streets.",
        "rng_seed": 4,
    }
    clock = Clock()
    with mock.patch.object(made._remembering.__wrapped__, "__defaults__", (clock, "operator")):  # its first entry too
        create(folder, parse({"programme": about, "task": {"labels": labels}}))
    return opened(folder, now=clock, actor="operator"), clock


def furnished(programme, clock):
    """Open the jobs and answer part of them."""
    town = Town(programme, clock)
    messages(town)
    exam(town)
    languages(town)
    marks(town)
    others(town)
    return town


def guided(*languages, **more):
    spoken = languages or ("en",)
    labels = tuple(Label(each, said.NAMES[each], said.ABOUT[each]) for each in said.LABELS)
    text, value, why = said.EXAMPLE
    guide = {each: said.GUIDE[each] for each in spoken}
    return Sheet("classification", labels, guide, (Example(text, value, {"en": why}),), language=spoken[0], **more)


def messages(town):
    """Answer the first messages with three people, gold mixed in; where they differ, Dara decides."""
    truth = dict(said.MESSAGES + said.KNOWN)
    texts = {f"city-messages-{n:02}": text for n, (text, _) in enumerate(said.MESSAGES)}
    texts |= {f"known-{n:02}": text for n, (text, _) in enumerate(said.KNOWN)}
    items = [
        Item(
            f"city-messages-{n:02}",
            "asked",
            origin="real",
            language="en",
            suggestion=said.QUESTION if "?" in text else value,
        )
        for n, (text, value) in enumerate(said.MESSAGES)
    ]
    rows = {
        "text": [text for text, _ in said.MESSAGES],
        "district": ["North" if n % 3 else "South" for n in range(len(items))],
    }
    town.job(
        MESSAGES, rows, guided("en", "th", "km"), items, raters=3, extra=0, agreement=0.7, suggestions=True, hidden=0.2
    )
    known(town)
    terms = Exam(MESSAGES, town.person("lee").id)
    gold.mix(town.programme, town.person("lee"), terms, "known", share=0.15)
    slips = {"ana": 0.08, "ben": 0.2, "chai": 0.35}
    for login, slip in slips.items():
        town.answers(
            login, MESSAGES, lambda lease, slip=slip: judged(town.rng, truth[texts[lease.item]], slip), ANSWERED
        )
    reasons = ["slip", "item ambiguous", "guideline misread"]
    decided = lambda lease: {"value": truth[texts[lease.item]], "reason": reasons[town.rng.integers(3)]}  # noqa: E731  # said once
    town.answers("dara", adjudication_of(MESSAGES), decided, 3)


def judged(rng, value, slip):
    """Judge as somebody who slips now and then, and says so once in a while."""
    if rng.random() >= slip:
        return value
    wrong = str(rng.choice([each for each in said.LABELS if each != value]))
    return {"value": wrong, "comment": str(rng.choice(["", "Not sure: it also asks something.", "Could be both."]))}


def known(town):
    rows = pa.table(
        {
            "id": [f"known-{n:02}" for n in range(len(said.KNOWN))],
            "text": [text for text, _ in said.KNOWN],
            "label": [value for _, value in said.KNOWN],
        }
    )
    add(town.programme, Arrival(rows, "known", "gold", "the city", declared=Declared("real", "human")))


def exam(town):
    """Open a calibration in which people learn at once whether they were right."""
    lee = town.person("lee")
    gold.calibrate(town.programme, lee, Exam(EXAM, lee.id, "classification"), "known")
    sheets.write(town.programme, lee, EXAM, guided("en"))


def languages(town):
    thai = [Item(f"messages-th-{n:02}", "asked", language="th", origin="real") for n in range(len(said.THAI))]
    town.job("ข้อความถึงเทศบาล", {"text": list(said.THAI)}, guided("th", "en"), thai, dataset="messages-th")
    khmer = [Item(f"messages-km-{n:02}", "asked", language="km", origin="real") for n in range(len(said.KHMER))]
    town.job("សារទៅក្រុង", {"text": list(said.KHMER)}, guided("km", "en"), khmer, dataset="messages-km")
    town.job("Topics", {"text": [text for text, _ in said.MESSAGES[:8]]}, Sheet("tags", tuple(map(Label, said.TOPICS))))


def marks(town):
    kinds = {"place": ("Place", "สถานที่", "مكان"), "time": ("Time", "เวลา", "وقت"), "person": ("Person", "บุคคล", "شخص")}
    labels = tuple(Label(value, dict(zip(("en", "th", "ar"), names, strict=True))) for value, names in kinds.items())
    spans = Sheet("spans", labels)
    town.job("Places in Thai", {"text": [said.PLACES_THAI]}, spans, [Item("places-in-thai-00", "asked", language="th")])
    arabic = [Item(f"places-in-arabic-{n:02}", "asked", language="ar") for n in range(len(said.ARABIC))]
    town.job("Places in Arabic", {"text": list(said.ARABIC)}, spans, arabic)
    streets = {"image": pa.array([drawn.street(40 * n) for n in range(3)], pa.large_binary())}
    town.job("Streets", streets, Sheet("boxes", tuple(map(Label, ("car", "person", "bicycle")))))
    town.job("Houses", streets, Sheet("polygons", tuple(map(Label, ("house", "tree")))))
    figure = {"image": pa.array([drawn.dancer()], pa.large_binary())}
    town.job("Dancers", figure, Sheet("keypoints", (Label("dancer"),), points=tuple(drawn.JOINTS)))


def others(town):
    pictures, values = drawn.digits(10)
    items = [Item(f"digits-{n:02}", "asked", suggestion=value) for n, value in enumerate(values)]
    digits = Sheet("classification", tuple(Label(str(n), key=str(n)) for n in range(10)))
    town.job("Digits", {"image": pa.array(pictures, pa.large_binary())}, digits, items, suggestions=True, hidden=0.0)
    rung = Sheet("classification", tuple(map(Label, ("three strokes", "five strokes", "another number"))))
    town.job("Bells", {"audio": pa.array([drawn.bell()], pa.large_binary())}, rung)
    town.job(
        "Bookings",
        {name: [value] for name, value in said.BOOKING.items()},
        Sheet("classification", tuple(map(Label, said.ROWS_TOLD))),
    )
    replies = {f"text_{key}": [text] * 3 for key, text in zip("abc", said.REPLIES, strict=True)}
    two = {name: replies[name] for name in ("text_a", "text_b")}
    prompt = {"prompt": [said.PROMPT] * 3}
    town.job("Better answer", {**prompt, **two}, Sheet("pairs"))
    town.job("Ranked answers", {**prompt, **replies}, Sheet("ranking"))
    town.job("Best and worst", {**prompt, **replies}, Sheet("best-worst"))
    texts = {"text": [text for text, _ in said.MESSAGES]}
    town.job("Politeness", texts, Sheet("score", guideline={"en": "How polite is it?"}, scale=(1.0, 7.0, 1.0)))
    town.job("Replies", texts, Sheet("text", guideline={"en": "Write one friendly sentence to the writer."}))
    warned = Sheet("classification", tuple(map(Label, ("threat", "insult", "neither"))), warning="threats and insults")
    town.job("Reported comments", texts, warned)


def raised(town):
    """Write the next guideline and ask again about two messages."""
    before = sheets.sheet(town.programme, MESSAGES)
    guide = dict(before.guideline)
    guide["en"] = guide["en"].replace("- A question that", said.ADDED + "- A question that")
    sheets.write(
        town.programme,
        town.person("lee"),
        MESSAGES,
        replace(before, guideline=guide),
        ["city-messages-02", "city-messages-28"],
    )


def placed(town, login, job, value=None):
    """Lease a person an item, and say what their browser remembers of it, so that it opens with this value."""
    who = town.person(login)
    if (login, job) not in town.held:
        town.held[login, job] = handing.hand_out(town.programme, who, job, 1, town.programme.now())[0].id
    noted = {
        "lease": town.held[login, job],
        "value": value,
        "comment": "",
        "seconds": 14,
        "dirty": False,
        "suggested": False,
    }
    return {f"bimetal.here.{who.id}.{job}": json.dumps(noted)}

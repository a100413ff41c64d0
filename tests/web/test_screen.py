"""The labelling screen in a real browser, against the real server: keys, undo, lost connections, refusals, deciding."""

import io
import json
import statistics
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sql
from PIL import Image, ImageDraw

from bimetal.annotation.sheet import Example, Label, Sheet
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.work import gold, sheets
from bimetal.programme.work.exams import Exam
from bimetal.programme.work.raters import rater
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Item, Job, Submission

CHROMIUM = Path("/usr/bin/chromium")
TEXTS = (
    "The soup was cold and nobody said sorry.", "When do you open on Sundays?", "Thank you for everything!",
    "ร้านเปิดกี่โมงในวันอาทิตย์คะ", "ម្ហូបឆ្ងាញ់ណាស់ សូមអរគុណ!", "كان الحساء باردًا ولم يعتذر أحد.",
    "Too loud for me.", "Lovely, as ever.", "Is there a table for six?", "The waiter was rude.", "A fine evening.", "Never again.",
)  # fmt: skip
LANGUAGES = ("en", "en", "en", "th", "km", "ar", *["en"] * 6)
LABELS = (
    Label("praise", {"th": "คำชม", "km": "ការសរសើរ", "ar": "مدح"}, {"en": "The guest is content."}),
    Label("complaint", {"th": "คำร้องเรียน", "km": "ការតវ៉ា", "ar": "شكوى"}, {"en": "The guest is not content."}),
    Label("question", {"th": "คำถาม", "km": "សំណួរ", "ar": "سؤال"}, {"en": "The guest wants to know something."}),
)
GUIDE = """# Sorting notes

Judge what the guest **says**, not what you would feel.

- A thank-you is *praise*, also with a question after it.
- Irony counts as what it means: `Well done, again two hours` is a complaint.

1. Read the whole note.
2. Choose one label.

> <script>window.owned = 1</script> stays text, as does [a link](https://example.org).
"""


def sheet(task="classification", **more):
    given = {"labels": LABELS, "guideline": {}, **more}
    if task in {"pairs", "ranking", "best-worst", "score", "text"}:
        given["labels"] = ()
    return Sheet(task, **given)


def guided(**more):
    example = Example("Well done, two hours again", "complaint", {"en": "Irony means its contrary."})
    return sheet(guideline={"en": GUIDE, "th": "# การจัดหมวด\n\nอ่านข้อความทั้งหมดก่อนเลือก"}, examples=(example,), **more)


def notes(n=12):
    return pa.table({"id": [f"note-{k}" for k in range(n)], "text": [TEXTS[k % len(TEXTS)] for k in range(n)]})


def picture(k, size=(480, 360)):
    rng = np.random.default_rng(k)
    drawn = Image.new("RGB", size, tuple(int(each) for each in rng.integers(190, 240, 3)))
    pen = ImageDraw.Draw(drawn)
    for _ in range(6):
        x, y, r = rng.integers(40, 320, 3) * np.array([1, 0.8, 0.2])
        pen.ellipse((x - r, y - r, x + r, y + r), fill=tuple(int(each) for each in rng.integers(40, 200, 3)))
    held = io.BytesIO()
    drawn.save(held, "PNG")
    return held.getvalue()


def pictures(n=12):
    drawn = pa.array([picture(k) for k in range(n)], pa.large_binary())
    return pa.table({"id": [f"picture-{k}" for k in range(n)], "image": drawn})


def compared(n=3):
    options = {f"text_{key}": [f"{TEXTS[(k + place) % 3]} " * 3 for k in range(n)] for place, key in enumerate("abc")}
    return pa.table({"id": [f"pair-{k}" for k in range(n)], "prompt": ["Answer the guest."] * n, **options})


def opens(programme, name, rows, given, items=None, **more):
    """Open a job on rows; `more` goes to the job."""
    stored, _ = add(programme, Arrival(rows, name, "pool", "live", declared=Declared("real", "undeclared")))
    job = Job(name, dataset=name, snapshot=stored.digest, task=given.task, **more)
    return queue.open_job(programme, job, items or [Item(each, "asked") for each in rows["id"].to_pylist()], given)


class Desk:
    """A browser window on the labelling screen, with what a person does there."""

    def __init__(self, context, url, job):
        self.url, self.job, self.page = url, job, context.new_page()
        self.faults = []
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)

    def open(self):
        self.page.goto(f"{self.url}/label?job={quote(self.job)}")
        self.page.wait_for_selector(".stage .item, .stage .blank h2, dialog")
        return self

    def press(self, *keys):
        for each in keys:
            self.page.keyboard.press(each)

    def label(self, *keys):
        """Answer the item at hand, and wait for the next."""
        self.page.eval_on_selector(".stage .item", "item => item.dataset.seen = ''")
        self.press(*keys, "Enter")
        self.page.wait_for_selector(".stage .item:not([data-seen]), .stage .blank h2")

    def text(self, where):
        return self.page.locator(where).inner_text()

    def shows(self, where, words):
        self.page.locator(where, has_text=words).first.wait_for()

    def saved(self):
        self.page.wait_for_selector("#saved[data-state=pass]")


@pytest.fixture(scope="module")
def chromium():
    sync = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs a browser at /usr/bin/chromium")
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def seat(chromium, served, people):
    """Return a function that sits a person down at a job; what the page complained of fails the test."""
    contexts, desks = [], []

    def sit(job, who="annotator", language="en", **more):
        context = chromium.new_context(viewport=more.pop("viewport", {"width": 1280, "height": 800}), **more)
        context.add_cookies([{"name": "bimetal", "value": people[who][1], "url": served}])
        context.add_cookies([{"name": "language", "value": language, "url": served}])
        contexts.append(context)
        desks.append(Desk(context, served, job))
        return desks[-1]

    yield sit
    faults = [fault for desk in desks for fault in desk.faults]
    for each in contexts:
        each.close()
    assert faults == []


def kept(programme, job):
    """List the answers that stand in a job, as (item, value)."""
    return [(each.item, each.value) for each in given(programme, job)]


def given(programme, job):
    table = schema.annotations
    asked = sql.select(table).where(table.c.job == job, table.c.standing == 1).order_by(table.c.at)
    with programme.state.read() as connection:
        return list(connection.execute(asked))


def test_ten_items_by_keys_alone(programme, seat):
    opens(programme, "notes", notes(10), sheet())
    desk = seat("notes").open()
    for n in range(10):
        desk.label(str(n % 3 + 1))
    desk.shows(".blank h2", "No items left")
    desk.saved()
    values = [value for _, value in kept(programme, "notes")]
    assert sorted(values) == ["complaint"] * 3 + ["praise"] * 4 + ["question"] * 3
    assert all(each.seconds < 60 for each in given(programme, "notes"))


def test_undo_crosses_submits_and_corrects(programme, seat):
    opens(programme, "notes", notes(4), sheet())
    desk = seat("notes").open()
    desk.label("1")
    desk.label("2")
    first = desk.text(".reading")
    desk.press("Control+z", "Control+z")
    desk.shows("#state", "Submitted")
    assert desk.text(".reading") != first
    desk.press("3", "Enter")
    desk.press("Enter")  # the second one, as it stood, again
    desk.shows(".reading", first)
    desk.saved()
    assert sorted(value for _, value in kept(programme, "notes")) == ["complaint", "question"]


def test_answers_given_without_a_connection_arrive_once(programme, seat):
    opens(programme, "notes", notes(6), sheet())
    desk = seat("notes").open()
    desk.page.wait_for_load_state("networkidle")
    desk.page.context.set_offline(True)
    desk.press("1", "Enter", "2", "Enter", "3", "Enter")
    desk.shows("#saved", "No connection: 3")
    assert kept(programme, "notes") == []
    desk.page.context.set_offline(False)
    desk.saved()
    assert sorted(value for _, value in kept(programme, "notes")) == ["complaint", "praise", "question"]
    table = schema.annotations
    with programme.state.read() as connection:
        assert connection.execute(sql.select(sql.func.count()).select_from(table)).scalar() == 3


def test_a_reload_loses_no_answer_and_no_draft(programme, seat):
    opens(programme, "notes", notes(6), sheet())
    desk = seat("notes").open()
    desk.page.route("**/api/answers", lambda route: route.abort())
    desk.press("2", "Enter")
    desk.shows("#saved", "No connection: 1")
    desk.press("3", "c")
    desk.page.keyboard.type("what is this?")
    begun = desk.text(".reading")
    desk.page.once("dialog", lambda asked: asked.accept())
    desk.page.reload()
    desk.page.unroute("**/api/answers")
    desk.shows(".reading", begun)
    assert desk.page.locator("#comment").input_value() == "what is this?"
    assert desk.text("[aria-checked=true] .name") == "question"
    desk.press("Escape", "Enter")
    desk.saved()
    assert sorted((each.value, each.comment) for each in given(programme, "notes")) == [
        ("complaint", ""), ("question", "what is this?"),
    ]  # fmt: skip


def test_what_the_server_will_not_take_stays_in_sight(programme, seat):
    opens(programme, "notes", notes(3), sheet())
    desk = seat("notes").open()
    queue.close(programme, "notes")
    desk.press("1", "Enter")
    desk.shows("#saved", "1 not accepted")
    desk.page.click("#saved")
    desk.shows("dialog .fault", "Not accepted")
    desk.shows("dialog .value", "praise")
    desk.page.reload()
    desk.shows("#saved", "1 not accepted")
    desk.page.click("#saved")
    desk.page.click("dialog >> text=Remove from the list")
    desk.saved()


def test_an_ended_session_keeps_the_answer_and_another_person_never_sends_it(programme, seat, people, served):
    opens(programme, "notes", notes(3), sheet())
    desk = seat("notes").open()
    cookies = desk.page.context
    cookies.clear_cookies(name="bimetal")
    desk.press("1", "Enter")
    desk.shows("#banner", "Your session has ended")
    cookies.add_cookies([{"name": "bimetal", "value": people["other"][1], "url": served}])
    desk.page.click("#banner >> text=Try again")
    desk.shows("#banner", "Somebody else is logged in")
    assert kept(programme, "notes") == []
    cookies.add_cookies([{"name": "bimetal", "value": people["annotator"][1], "url": served}])
    desk.page.click("#banner >> text=Try again")
    desk.saved()
    assert [(each.annotator, each.value) for each in given(programme, "notes")] == [
        (people["annotator"][0].id, "praise")
    ]


def test_keys_are_changed_and_kept(programme, seat):
    opens(programme, "notes", notes(3), sheet())
    desk = seat("notes").open()
    desk.press("?")
    desk.page.click("[data-key=submit]")
    desk.press("s")
    desk.shows("dialog [aria-live]", "already used for")
    desk.press("x", "Escape", "1", "x", "2", "Enter")
    desk.saved()
    assert [value for _, value in kept(programme, "notes")] == ["praise"]
    desk.page.reload()
    desk.page.wait_for_selector(".stage .item")
    desk.press("2", "x")
    desk.saved()
    desk.page.wait_for_function("!document.querySelector('[aria-checked=true]')")
    assert sorted(value for _, value in kept(programme, "notes")) == ["complaint", "praise"]


def test_numbers_are_numbers_on_a_thai_keyboard(programme, seat):
    opens(programme, "notes", notes(2), sheet())
    desk = seat("notes").open()
    send = (
        "(key) => document.body.dispatchEvent(new KeyboardEvent('keydown', {...key, bubbles: true, cancelable: true}))"
    )
    desk.page.evaluate(send, {"key": "/", "code": "Digit2"})
    assert desk.text("[aria-checked=true] .name") == "complaint"
    desk.page.evaluate(send, {"key": "ห", "code": "KeyS"})
    desk.shows("dialog h2", "Why skip")


def test_a_skip_says_why_and_lists_hold_everything(programme, seat):
    opens(programme, "notes", notes(5), sheet())
    desk = seat("notes").open()
    desk.press("s", "2", "1", "Enter", "3", "ArrowRight", "l")
    desk.page.click("#tab-discarded")
    desk.shows("dialog .line .value", "broken")
    desk.page.click("#tab-draft")
    desk.shows("dialog .line .value", "question")
    desk.page.click("#tab-submitted")
    desk.page.click("dialog .line")
    desk.shows("#state", "Submitted")
    desk.press("2", "Enter")
    desk.saved()
    answers = {(each.status, each.value, each.reason) for each in given(programme, "notes")}
    assert answers == {("skipped", None, "broken"), ("submitted", "complaint", "")}


def test_a_suggestion_is_marked_taken_by_a_key_and_told_only_where_it_was_shown(programme, seat):
    rows = notes(3)
    items = [Item(each, "asked", suggestion="complaint") for each in rows["id"].to_pylist()]
    opens(programme, "notes", rows, sheet(), items, suggestions=True, hidden=0.0)
    desk = seat("notes").open()
    desk.shows("#suggestion", "Suggested by a model complaint")
    desk.press("a", "Enter")
    desk.saved()
    desk.press(",")
    desk.page.click("dialog >> text=Show suggestions")
    desk.press("Escape")
    desk.page.reload()
    desk.page.wait_for_selector(".stage .item")
    assert not desk.page.locator("#suggestion").is_visible()
    desk.press("1", "Enter")  # its suggestion was seen before suggestions were switched off
    desk.press("a", "3", "Enter")
    desk.shows(".blank h2", "No items left")
    desk.saved()
    assert [(each.value, each.suggestion) for each in given(programme, "notes")] == [
        ("complaint", "complaint"), ("praise", "complaint"), ("question", None),
    ]  # fmt: skip


def test_who_decides_sees_the_answers_without_names_and_says_why(programme, seat, people):
    asked = opens(programme, "notes", notes(2), sheet(), raters=2, extra=0)
    for who, value in (("annotator", "praise"), ("other", "complaint")):
        judge = rater(programme, people[who][0], asked, programme.now())
        for each in queue.lease(programme, judge, "notes", 2):
            queue.submit(programme, judge, Submission(each.id, f"{who}-{each.item}", value, comment=f"as {value}"))
    with programme.state.read() as connection:
        jobs = [each.name for each in store.read_jobs(connection) if each.kind == "adjudicate"]
    desk = seat(jobs[0], "adjudicator").open()
    said = desk.text(".others")
    assert "Rater 1" in said
    assert "as praise" in said
    assert people["annotator"][0].id not in said
    desk.page.reload()
    desk.shows(".others", "as praise")  # also where the item was in hand already
    desk.press("Shift+Digit2", "Enter")
    desk.shows("#hint", "Choose why they differed")
    desk.press("3")
    desk.shows("#mine", "1")
    desk.saved()
    (decided,) = given(programme, jobs[0])
    assert decided.reason == "slip"
    assert decided.value in {"praise", "complaint"}


def test_an_exam_says_at_once_what_was_known(programme, seat, people):
    rows = notes(3).append_column("label", pa.array(["praise", "question", "praise"]))
    add(programme, Arrival(rows, "known", "gold", "live", declared=Declared("real", "human")))
    lead = people["lead"][0]
    gold.calibrate(programme, lead, Exam("exam", lead.id, "classification"), "known")
    desk = seat("exam").open()
    desk.label("2")  # a complaint, which none of them is
    desk.shows("#learned", "the known answer is")
    desk.press("s", "1")
    desk.page.wait_for_selector("#learned", state="hidden")


def test_a_guideline_is_read_before_work_and_again_when_it_changed(programme, seat, people):
    opens(programme, "notes", notes(8), guided())
    desk = seat("notes")
    desk.page.goto(f"{desk.url}/label?job=notes")
    desk.shows("dialog h3", "Sorting notes")
    assert desk.page.evaluate("window.owned") is None
    desk.shows("dialog blockquote", "<script>window.owned = 1</script>")
    desk.press("Escape")
    assert desk.page.locator("dialog").is_visible()
    desk.page.click("dialog >> text=I have read it")
    desk.press("1", "Enter")
    desk.saved()
    changed = replace(guided(version=2), guideline={"en": GUIDE + "\n\nAlways read twice."})
    sheets.write(programme, people["lead"][0], "notes", changed, None)
    desk.page.reload()
    desk.shows("dialog .changed ins", "Always read twice.")


def test_a_warned_item_is_hidden_until_asked_for(programme, seat):
    opens(programme, "notes", notes(2), sheet(warning="violence"))
    desk = seat("notes").open()
    desk.shows(".blank", "What you are about to see may be disturbing: violence")
    desk.page.click("text=I am willing to see it")
    desk.page.wait_for_selector(".curtain")
    desk.press("1", "Enter")
    assert kept(programme, "notes") == []
    desk.press("v", "1", "Enter")
    desk.shows("#mine", "1")
    desk.saved()
    assert len(kept(programme, "notes")) == 1


@pytest.mark.parametrize(
    ("task", "keys", "value"),
    [
        ("pairs", ["2"], None),
        ("ranking", ["1", "2", "3"], None),
        ("best-worst", ["1", "3"], None),
    ],
)
def test_comparing_by_keys(programme, seat, task, keys, value):
    rows = compared(1).drop_columns("text_c") if task == "pairs" else compared(1)
    opens(programme, "pairs", rows, sheet(task))
    desk = seat("pairs").open()
    shown = desk.page.eval_on_selector_all("[data-option]", "all => all.map((each) => each.dataset.option)")
    desk.press(*keys, "Enter")
    desk.shows(".blank h2", "No items left")
    desk.saved()
    ((_, said),) = kept(programme, "pairs")
    wanted = {
        "pairs": shown[1],
        "ranking": json.dumps([[each] for each in shown], separators=(",", ":")),
        "best-worst": json.dumps({"best": shown[0], "worst": shown[-1]}, separators=(",", ":")),
    }
    assert said == wanted[task]


@pytest.mark.parametrize(
    ("task", "keys", "value", "more"),
    [
        ("tags", ["1", "3"], '["praise","question"]', {}),
        ("tags", ["0"], "[]", {}),
        ("score", ["4"], "4", {"scale": (1, 5, 1)}),
        ("score", ["ArrowRight", "ArrowRight"], "1", {"scale": (0, 100, 1)}),
    ],
)
def test_other_answers_by_keys(programme, seat, task, keys, value, more):
    opens(programme, "notes", notes(1), sheet(task, **more))
    desk = seat("notes").open()
    desk.press(*keys, "Enter")
    desk.shows(".blank h2", "No items left")
    desk.saved()
    assert [said for _, said in kept(programme, "notes")] == [value]


def test_own_words_are_composed_and_sent_by_ctrl_enter(programme, seat):
    opens(programme, "notes", notes(1), sheet("text"))
    desk = seat("notes").open()
    desk.page.keyboard.type("Cafe\u0301 s 1")
    desk.press("Control+Enter")
    desk.saved()
    desk.shows(".blank h2", "No items left")
    assert [said for _, said in kept(programme, "notes")] == ["Caf\u00e9 s 1"]


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (360, "th"), (640, "en")])
def test_narrow_windows_need_no_sideways_scrolling(programme, seat, width, language):
    opens(programme, "notes", notes(3), sheet())
    desk = seat("notes", language=language, viewport={"width": width, "height": 640}).open()
    for keys in (
        (),
        ("?",),
        (
            "Escape",
            ",",
        ),
        ("Escape", "s"),
        ("Escape", "l"),
    ):
        desk.press(*keys)
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width, keys


def test_the_next_picture_is_there_within_a_tenth_of_a_second(programme, seat, capsys):
    opens(programme, "pictures", pictures(40), sheet())
    desk = seat("pictures").open()
    desk.page.evaluate(
        "localStorage.setItem(Object.keys(localStorage).find((k) => k.includes('settings')) ?? 'none', '{}')"
    )
    measure = """(key) => new Promise((resolve) => {
      const before = document.querySelector('.picture img');
      const start = performance.now();
      for (const each of [key, {key: 'Enter', code: 'Enter'}])
        document.body.dispatchEvent(new KeyboardEvent('keydown', {...each, bubbles: true, cancelable: true}));
      const look = () => {
        const image = document.querySelector('.picture img');
        if (image && image !== before && image.complete && image.naturalWidth)
          requestAnimationFrame(() => resolve(performance.now() - start));
        else requestAnimationFrame(look);
      };
      look();
    })"""
    took = [desk.page.evaluate(measure, {"key": "1", "code": "Digit1"}) for _ in range(30)]
    with capsys.disabled():
        sys.stdout.write(
            f"\nhotkey to next picture: median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms\n"
        )
    desk.saved()
    assert len(kept(programme, "pictures")) == 30
    assert statistics.median(took) <= 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(programme, seat, scheme):
    axe = Path(__file__).parents[2] / "assets" / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.exists():
        pytest.skip("needs axe-core, which npm puts under assets/")
    items = [Item(each, "asked", suggestion="praise") for each in notes(5)["id"].to_pylist()]
    opens(programme, "notes", notes(5), guided(), items, suggestions=True, hidden=0.0)
    desk = seat("notes", color_scheme=scheme).open()
    look = "axe.run().then((told) => told.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)))"

    def found():
        desk.page.evaluate(axe.read_text())
        return [(each["id"], each["nodes"][0]["html"]) for each in desk.page.evaluate(look)]

    assert found() == []
    desk.page.click("dialog >> text=I have read it")
    for keys in (["1", "c"], ["Escape", "?"], ["Escape", ","], ["Escape", "s"], ["Escape", "l"], ["Escape", "g"]):
        desk.press(*keys)
        assert (keys, found()) == (keys, [])

"""Jobs as leads open them and leads, auditors and admins read them."""

import re
from urllib.parse import quote

import pyarrow as pa
import pytest

from bimetal.annotation.sheet import Label, Sheet
from bimetal.programme import queue as work
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import Qualification, qualify
from bimetal.programme.work.exams import exam_of
from bimetal.programme.work.sheets import sheet
from bimetal.store import queue, schema
from bimetal.store.queue import Item, Job
from bimetal.web.pages import gold, guideline, item, items, job, jobs, log, opening, quality

VISITORS = ("nobody", "annotator", "adjudicator", "lead", "auditor", "admin")
TABLE = """
                                nobody  annotator  adjudicator  lead  auditor  admin
GET  /jobs                         303        403          403   200      200    200
GET  /open/{kind}                  303        403          403   200      403    403
GET  /jobs/{job}                   303        403          403   200      200    200
GET  /jobs/{job}/guideline         303        403          403   200      200    200
GET  /jobs/{job}/gold              303        403          403   200      200    200
GET  /jobs/{job}/items             303        403          403   200      200    200
GET  /jobs/{job}/items.csv         303        403          403   200      200    200
GET  /jobs/{job}/items/{item}      303        403          403   200      200    200
GET  /quality                      303        403          403   200      200    200
GET  /log                          303        403          403   200      200    200
POST /open/{kind}                  401        403          403   400      403    403
POST /jobs/{job}/guideline         401        403          403   400      403    403
POST /jobs/{job}/gold              401        403          403   400      403    403
POST /jobs/{job}/gold/rotate       401        403          403   303      403    403
POST /jobs/{job}/gold/anew         401        403          403   303      403    403
POST /jobs/{job}/release           401        403          403   400      403    403
POST /jobs/{job}/again             401        403          403   400      403    403
POST /jobs/{job}/close             401        403          403   400      403    403
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
LABELS = {"first": "en", "languages": "en th", "value-0": "praise", "value-1": "complaint", "name-1-th": "ร้องเรียน"}
SHEET = {**LABELS, "guideline-en": "# Notes\r\n\r\nChoose what the guest means.", "guideline-th": "เลือก"}
GOLD = {"passing": "80", "calibration": "20", "days": "180"}
OF_LABELS = {"task": "classification", "raters": "2", "extra": "1", "agreement": "50", "which": "all", "hidden": "20"}


@pytest.fixture
def held(programme):
    """Hold a pool of notes and a gold dataset."""
    real = Declared("real", "human")
    texts = [f"note number {n}" for n in range(20)]
    pool = pa.table({"id": [f"n/{n}" for n in range(20)], "text": texts, "guess": ["praise", "complaint"] * 10})
    add(programme, Arrival(pool, "pool of notes", "pool", "live", declared=Declared("real", "undeclared")))
    known = pa.table(
        {"id": [f"k{n}" for n in range(8)], "text": [f"known {n}" for n in range(8)], "label": ["praise"] * 8}
    )
    add(programme, Arrival(known, "known", "gold", "live", label="label", declared=real))


def opened(browser, kind, name, **more):
    fields = {"name": name, "dataset": "pool of notes", **OF_LABELS, **SHEET, **more}
    return browser("lead").post(f"/open/{kind}", fields)


def read(programme, name):
    with programme.state.read() as connection:
        return queue.read_job(connection, name)


def items_of(programme, name):
    columns = schema.items.c
    query = schema.items.select().where(columns.job == name).order_by(columns.place)
    with programme.state.read() as connection:
        return connection.execute(query).all()


def leased(browser, name, n=1, role="annotator"):
    answer = browser(role).call(f"/api/jobs/{quote(name, safe='')}/lease", {"n": n})
    assert answer.status_code == 200, answer.text
    return answer.json()["leases"]


def test_the_table_names_every_route():
    modules = (gold, guideline, item, items, job, jobs, log, opening, quality)
    routes = {(method, route.path) for each in modules for route in each.ROUTES for method in route.methods}
    assert {(method, path) for method, path, *_ in ROWS} == {each for each in routes if each[0] != "HEAD"}


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_gets_what_the_table_says(browser, job, visitor):
    at_desk, got = browser("" if visitor == "nobody" else visitor), {}
    for method, path, *_ in ROWS:
        url = path.format(kind="label", job="notes", item="note-1")
        answer = at_desk.get(url) if method == "GET" else at_desk.post(url)
        got[method, path] = answer.status_code
    column = VISITORS.index(visitor)
    assert got == {(method, path): int(statuses[column]) for method, path, *statuses in ROWS}


def test_no_form_is_taken_without_the_token_of_its_session(browser, job, programme):
    lead, size = browser("lead"), programme.log.size
    for method, path, *_ in ROWS:
        if method == "POST":
            answer = lead.post(path.format(kind="label", job="notes"), {"csrf": browser("other").csrf})
            assert (answer.status_code, "not of your session" in answer.text) == (403, True), path
    assert programme.log.size == size


@pytest.mark.parametrize("name", ["march", "spring/ two words", "ร้องเรียน: มีนาคม", "a?b#c &d"])
def test_a_job_of_labels_opened_by_form_is_leased(browser, programme, held, name):
    answer = opened(browser, "label", name, gold="known", share="10", suggestions="guess", **GOLD)
    here = f"/jobs/{quote(name, safe='')}"
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}?told=opened")
    made = read(programme, name)
    assert (made.kind, made.raters, made.extra, made.agreement, made.gold, made.suggestions) == (
        "label",
        2,
        1,
        0.5,
        0.1,
        True,
    )
    assert exam_of(programme, name).owner == browser("lead").person.id
    told = sheet(programme, name)
    assert told.guideline == {"en": "# Notes\n\nChoose what the guest means.", "th": "เลือก"}
    assert [(each.value, dict(each.names)) for each in told.labels] == [
        ("praise", {}),
        ("complaint", {"th": "ร้องเรียน"}),
    ]
    given = leased(browser, name, 10)
    assert len(given) == 10
    assert sum(each["payload"]["text"].startswith("known") for each in given) == 1
    page = browser("auditor").get(here)
    assert page.status_code == 200
    assert "0 of 20 done" in page.text
    assert f'href="{here}"' in browser("lead").get("/jobs").text


def test_a_draw_is_the_same_again_and_says_how_likely_each_item_was(browser, programme, held):
    for name in ("first", "second"):
        assert opened(browser, "label", name, which="random", number="5").status_code == 303
    first, second = (items_of(programme, name) for name in ("first", "second"))
    assert [row.probability for row in first] == [0.25] * 5
    assert {row.item for row in first} != {row.item for row in second}
    assert "5" in browser("lead").get("/jobs/first").text


def test_a_panel_opened_by_form_is_real_sealed_and_leased(browser, programme, held):
    assert opened(browser, "panel", "march panel", number="6", raters="3", extra="2").status_code == 303
    rows = items_of(programme, "march panel")
    assert [row.probability for row in rows] == [0.3] * 6
    assert len(leased(browser, "march panel", 3)) == 3
    page = browser("lead").get("/jobs/march%20panel").text
    assert "sealed from training for good" in page
    assert read(programme, "march panel").suggestions is False


def test_a_panel_is_closed_into_a_dataset(browser, programme, held):
    opened(browser, "panel", "panel", number="1", raters="1", extra="0")
    (given,) = leased(browser, "panel")
    said = {"lease": given["lease"], "key": "k", "value": "praise", "status": "submitted", "seconds": 3}
    assert browser("annotator").call("/api/answers", said).status_code == 200
    lead = browser("lead")
    assert lead.post("/jobs/panel/close").status_code == 400
    assert lead.post("/jobs/panel/close", {"sure": "yes"}).status_code == 303
    assert programme.dataset("panel").role == "panel"
    page = lead.get("/jobs/panel").text
    assert "a dataset of its name holds" in page
    assert "/close" not in page


def test_a_calibration_opened_by_form_is_all_gold_and_leased(browser, programme, held):
    answer = opened(browser, "calibrate", "exam", dataset="known", qualifies="notes", **GOLD)
    assert answer.status_code == 303
    assert exam_of(programme, "exam").qualifies == "notes"
    assert sheet(programme, "exam").guideline["th"] == "เลือก"
    assert len(leased(browser, "exam", 4)) == 4
    assert "0 of 8 done" in browser("lead").get("/jobs/exam").text


def test_a_language_and_expertise_are_asked_of_raters(browser, programme, held, people, clock):
    opened(browser, "label", "thai", languages_of="th", expertise="cardiology, notes")
    assert read(programme, "thai").expertise == ("cardiology", "notes")
    refused = browser("annotator").call("/api/jobs/thai/lease", {"n": 1})
    assert refused.status_code == 403
    who, lead = people["annotator"][0].id, people["lead"][0]
    for task in ("cardiology", "notes"):
        at = clock()
        qualify(programme, lead, Qualification(who, task, "th", "exam", at, at.replace(year=2027)), at)
    assert leased(browser, "thai")[0]["language"] == "th"


@pytest.mark.parametrize(
    ("kind", "wrong", "told"),
    [
        ("label", {"name": ""}, "name it in 1 to 120"),
        ("label", {"name": "x" * 121}, "name it in 1 to 120"),
        ("label", {"name": ".."}, "name it in 1 to 120"),
        ("label", {"name": "a\u202eb"}, "name it in 1 to 120"),
        ("label", {"name": "x/adjudication"}, "ends like an adjudication"),
        ("label", {"dataset": ""}, "no dataset is chosen"),
        ("label", {"dataset": "nowhere"}, "no dataset is called"),
        ("label", {"task": "telepathy"}, "the task is"),
        ("label", {"task": "boxes"}, "shows no image"),
        ("label", {"task": "pairs"}, "shows no text_a"),
        ("label", {"value-0": "", "value-1": "", "name-1-th": ""}, "no labels to choose from"),
        ("label", {"value-1": ""}, "label 2 has no value"),
        ("label", {"value-1": "praise"}, "stands there twice"),
        ("label", {"raters": "0"}, "asks for 0 raters"),
        ("label", {"raters": "two"}, "the number of raters is"),
        ("label", {"agreement": "many"}, "the agreement is"),
        ("label", {"which": "random", "number": "21"}, "21 items are asked of 20"),
        ("label", {"which": "random"}, "the number of items is"),
        ("label", {"suggestions": "nothing"}, "has no column"),
        ("label", {"suggestions": "text"}, "raters would see"),
        ("label", {"gold": "pool of notes", "share": "10", **GOLD}, "is no dataset of gold"),
        ("label", {"gold": "known", "share": "60", **GOLD}, "the share of gold is"),
        ("label", {"gold": "known", "share": "10", **GOLD, "qualifies": "x"}, "the job does not ask for"),
        ("label", {"task": "score", "low": "5", "high": "1", "step": "1"}, "low &lt; high"),
        ("label", {"another": "not a tag!"}, ""),
        ("panel", {"number": "21"}, "21 items are asked of 20"),
        ("panel", {"number": "5", "dataset": "known"}, "gold dataset"),
        ("calibrate", {"dataset": "pool of notes", "qualifies": "x", **GOLD}, "pool dataset"),
        ("calibrate", {"dataset": "known", "qualifies": "", **GOLD}, "would qualify for nothing"),
    ],
)
def test_a_fault_shows_the_form_again_with_what_was_typed(browser, programme, held, kind, wrong, told):
    size = programme.log.size
    answer = opened(browser, kind, **{"name": "march", **wrong})
    if not told:
        return
    assert answer.status_code == 400, answer.text[:500]
    assert told.casefold() in answer.text.casefold()
    assert answer.text.count('role="alert"') == 1
    assert "Choose what the guest means." in answer.text
    assert programme.log.size == size


def test_a_second_job_of_a_name_is_refused_and_the_form_stays(browser, held):
    assert opened(browser, "label", "march").status_code == 303
    answer = opened(browser, "label", "march")
    assert answer.status_code == 400
    assert "There is a job &#39;march&#39; already" in answer.text


def test_more_rows_and_a_language_more_are_offered_without_opening(browser, programme, held):
    page = opened(browser, "label", "march", more="1", another="km", **{"guideline-another": "មើល"}).text
    assert 'name="name-0-km"' in page
    assert re.search(r'name="guideline-km"[^>]*>\s*មើល', page)
    assert 'name="value-4"' in page
    assert "/jobs/march" not in browser("lead").get("/jobs").text


def test_unknown_kinds_jobs_and_items_are_not_there(browser, job):
    lead = browser("lead")
    for url in (
        "/open/adjudicate",
        "/jobs/nothing",
        "/jobs/notes/items/nothing",
        "/quality?job=nothing",
        "/jobs/notes%2Fitems",
    ):
        answer = lead.get(url)
        assert answer.status_code == 404, url
        assert len(answer.text) < 5000


def test_names_and_texts_that_would_run_are_shown_as_they_are_typed(browser, programme, held):
    hostile = "<script>alert(1)</script>\"'{{7*7}}"
    sheet = {"value-0": hostile, "guideline-en": hostile, "text-0": hostile, "answer-0": hostile, "why-0-en": hostile}
    assert opened(browser, "label", hostile, **sheet).status_code == 303
    here = f"/jobs/{quote(hostile, safe='')}"
    lead = browser("lead")
    for url in ("/jobs", here, f"{here}/guideline", f"{here}/items?label={quote(hostile)}", "/quality", "/log"):
        page = lead.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "49" not in re.findall(r"'(\d+)", page.text)
        assert "&lt;script&gt;alert(1)" in page.text


def test_what_somebody_holds_is_given_back(browser, programme, job):
    given = {each["payload"]["text"] for each in leased(browser, "notes", 6)}
    lead, who = browser("lead"), browser("annotator").person.id
    assert "1 at work now" in lead.get("/jobs").text
    assert lead.post("/jobs/notes/release", {"person": who}).status_code == 303
    assert "0 at work now" in lead.get("/jobs").text
    assert {each["payload"]["text"] for each in leased(browser, "notes", 6, "other")} == given
    entry = next(programme.log.entries(programme.log.size - 1))
    assert (entry.action, entry.actor, entry.subject) == ("leases.released", lead.person.id, "notes")


def test_closing_asks_nobody_any_more(browser, programme, job):
    lead = browser("lead")
    assert lead.post("/jobs/notes/close", {"sure": "yes"}).headers["location"] == "/jobs/notes?told=closed"
    assert leased(browser, "notes") == []
    assert "6 of 6 done" in lead.get("/jobs/notes").text


def test_settled_labels_become_training_data_where_a_lead_says_so(browser, programme, held):
    opened(browser, "label", "march", raters="1", extra="0")
    (given,) = leased(browser, "march")
    said = {"lease": given["lease"], "key": "k", "value": "praise", "status": "submitted", "seconds": 3}
    assert browser("annotator").call("/api/answers", said).status_code == 200
    lead = browser("lead")
    assert "Keep what was settled" in lead.get("/jobs/march").text
    answer = lead.post("/jobs/march/close", {"sure": "yes", "keep": "yes", "called": "march-labels"})
    assert answer.headers["location"] == "/jobs/march?told=closed"
    rows = programme.rows("train")
    assert (rows["label"].to_pylist(), rows["label_origin"].to_pylist()) == (["praise"], ["human"])
    assert programme.dataset("march-labels").role == "train"


def test_progress_is_told_by_language_and_rater_and_names_only_to_who_may_read_them(browser, programme, people):
    rows = pa.table({"id": ["a", "b", "c"], "text": ["one", "two", "three"]})
    stored, _ = add(programme, Arrival(rows, "three", "pool", "live", declared=Declared("real", "undeclared")))
    asked = [Item("a", language="th"), Item("b", language="km"), Item("c")]
    work.open_job(
        programme, Job("three", dataset="three", snapshot=stored.digest), asked, Sheet("classification", (Label("x"),))
    )
    (given,) = leased(browser, "three", 3)
    said = {"lease": given["lease"], "key": "k", "value": "x", "status": "submitted", "seconds": 3}
    assert browser("annotator").call("/api/answers", said).status_code == 200
    who = people["annotator"][0].id
    auditor, lead = browser("auditor").get("/jobs/three").text, browser("lead").get("/jobs/three").text
    assert "Annotator Example" in lead
    assert "Annotator Example" not in auditor
    assert who in auditor
    assert "state=open&amp;language=th" in lead
    assert "state=settled&amp;language=none" in lead
    assert "0 of 1 done" in browser("lead").get("/jobs").text

"""The quality page on jobs whose numbers are known beforehand."""

import re

import pyarrow as pa
import pytest

from bimetal.annotation.sheet import Label, Sheet
from bimetal.programme import queue as work
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.work import quality
from bimetal.store import schema
from bimetal.store.queue import Item, Job

PRAISE, COMPLAINT = "praise", "complaint"
ONE = {f"i{n:02}": PRAISE if n < 30 else COMPLAINT for n in range(40)}
OTHER = {f"i{n:02}": PRAISE if n < 20 else COMPLAINT for n in range(40)}
ALPHA = 1 - (20 / 80) / (2 * 50 * 30 / (80 * 79))
"""Krippendorff's alpha of ONE and OTHER by hand: they differ on 10 of 40 items, 50 answers say praise and 30 do not."""


@pytest.fixture
def forty(programme):
    """Hold forty notes of two channels."""
    words = [f"lovely soup {n}" if n < 30 else f"cold soup {n}" for n in range(40)]
    rows = pa.table({"id": list(ONE), "text": words, "channel": ["web", "phone"] * 20})
    stored, _ = add(programme, Arrival(rows, "forty", "pool", "live", declared=Declared("real", "undeclared")))
    return stored


@pytest.fixture
def asks(programme, forty):
    """Return a function that opens a job over the forty notes."""

    def open_(name="forty", items=(), **more):
        told = Sheet("classification", (Label(PRAISE), Label(COMPLAINT)))
        wanted = Job(name, **{"dataset": "forty", "snapshot": forty.digest, "raters": 2, "extra": 0, **more})
        return work.open_job(programme, wanted, [*(Item(each, origin="real") for each in ONE), *items], told)

    return open_


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def section(page, name):
    return text_of(re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL).group())


def test_agreement_and_cost_are_those_worked_out_by_hand(browser, asks, says):
    asks()
    one, other = says("annotator", "forty", ONE), says("other", "forty", OTHER)
    page = browser("auditor").get("/quality?job=forty&column=channel").text
    people = section(page, "human")
    assert people.lstrip().startswith(f"Agreement among people {ALPHA:.2f}")
    assert "Krippendorff" in people
    assert "40 items, 80 answers, 2 raters" in people
    assert re.search(rf"{one} 40 0 0 6\.0 {ALPHA:.2f}", people)
    assert re.search(rf"{other} 40 0 0 6\.0 {ALPHA:.2f}", people)
    assert "By channel" in people
    assert re.search(r"phone \S+ .* 20 40 2", people)
    cost = section(page, "cost")
    assert "No language stated 30 80 16.0" in cost
    assert "Look · People agree 0.473" in section(page, "findings")
    assert "Agreement among models" not in page


def test_people_and_models_are_never_pooled(browser, asks, says, programme):
    asks(raters=4)
    for who, said in (("annotator", ONE), ("other", OTHER)):
        says(who, "forty", said)
    for model in ("model one", "model two"):
        says(model, "forty", ONE, kind="model")
    page = browser("auditor").get("/quality?job=forty").text
    assert section(page, "human").lstrip().startswith(f"Agreement among people {ALPHA:.2f}")
    assert section(page, "model").lstrip().startswith("Agreement among models 1.00")
    assert "80 answers, 2 raters" in section(page, "human")
    assert "model one" not in section(page, "human")
    assert "model one" in section(page, "model")


def test_too_few_answers_are_said_to_be_too_few(browser, asks, says):
    asks()
    empty = browser("auditor").get("/quality?job=forty").text
    assert "Nothing stands out" in section(empty, "findings")
    assert "Not known" in section(empty, "human")
    assert "Nobody has answered yet." in section(empty, "methods")
    says("annotator", "forty", {"i00": PRAISE})
    page = browser("auditor").get("/quality?job=forty").text
    assert "Not known" in section(page, "human")
    assert "0 items in common with others, judged from 30" in section(page, "human")
    assert "No suggestions are shown in this job." in section(page, "anchoring")
    assert "Gold judges the methods once two gold items are answered." in section(page, "methods")


def test_gold_arbitrates_between_methods(browser, asks, says):
    known = {f"g{n}": PRAISE for n in range(10)}
    asks(items=[Item(each, gold=True, known=PRAISE, origin="real") for each in known], gold=0.3)
    says("annotator", "forty", {**ONE, **known})
    says("other", "forty", {**OTHER, **dict.fromkeys(known, COMPLAINT)})
    page = browser("auditor").get("/quality?job=forty").text
    methods = section(page, "methods")
    assert "On 10 gold items" in methods
    for name in ("Majority", "Dawid-Skene", "MACE", "GLAD"):
        assert name in methods
    assert re.search(r"Majority 30 10 0 50 %", methods), methods


def test_what_suggestions_do_is_told_beside_its_bounds(browser, asks, says, programme, forty):
    told = Sheet("classification", (Label(PRAISE), Label(COMPLAINT)))
    wanted = Job("forty", dataset="forty", snapshot=forty.digest, suggestions=True, hidden=0.5, salt="fixed")
    work.open_job(programme, wanted, [Item(each, suggestion=PRAISE) for each in ONE], told)
    says("annotator", "forty", ONE)
    page = section(browser("auditor").get("/quality?job=forty").text, "anchoring")
    assert re.search(r"where they see it \d+ % \d+ to \d+", page)
    assert re.search(r"What seeing it adds -?\d+ %", page)


def test_preferences_are_told_for_each_kind_of_judge(browser, programme, says):
    rows = pa.table({"id": [f"d{n}" for n in range(20)], "text_a": ["a"] * 20, "text_b": ["b"] * 20})
    rows = rows.append_column("model_a", pa.array(["otter"] * 20)).append_column("model_b", pa.array(["<heron>"] * 20))
    stored, _ = add(programme, Arrival(rows, "duels", "pool", "live", declared=Declared("synthetic", "undeclared")))
    wanted = Job("duels", dataset="duels", snapshot=stored.digest, task="pairs", raters=2)
    work.open_job(programme, wanted, [Item(f"d{n}") for n in range(20)])
    says("annotator", "duels", {f"d{n}": "a" if n % 4 else "b" for n in range(20)})
    says("judge", "duels", {f"d{n}": "b" for n in range(10)}, kind="model")
    page = browser("auditor").get("/quality?job=duels").text
    told = section(page, "preferences")
    assert "People, 20 answers" in told
    assert "Models, 10 answers" in told
    assert "First of 2 places preferred" in told
    assert told.index("otter") < told.index("&lt;heron&gt;")
    assert "<heron>" not in page


def test_a_label_a_model_doubts_goes_back_for_one_rater_more(browser, asks, says, programme):
    asks(raters=1, agreement=0.5)
    says("annotator", "forty", ONE | {"i05": COMPLAINT})
    auditor, lead = browser("auditor"), browser("lead")
    assert "Look for them" in auditor.get("/quality?job=forty").text
    page = auditor.get("/quality?job=forty&look=suspects").text
    assert 'name="item" value="i05"' in page
    assert "Ask one rater more" not in page
    assert lead.post("/jobs/forty/again", {"item": ["i05"]}).headers["location"] == "/jobs/forty?told=again"
    assert says("other", "forty", {"i05": PRAISE})
    columns = schema.items.c
    with programme.state.read() as connection:
        row = connection.execute(schema.items.select().where(columns.job == "forty", columns.item == "i05")).one()
    assert (row.given, row.reason) == (2, "possible label error")


def test_no_model_says_what_a_panel_looks_at_again(browser, asks):
    asks("panel", kind="panel")
    lead = browser("lead")
    assert "Look for them" not in lead.get("/quality?job=panel").text
    assert lead.post("/jobs/panel/again", {"item": "i01"}).status_code == 403


def test_a_column_that_is_not_there_is_said_to_be_none(browser, asks):
    asks()
    answer = browser("auditor").get("/quality?job=forty&column=%3Cscript%3E")
    assert answer.status_code == 200
    assert "The items have no such column." in answer.text
    assert "<script>" not in answer.text


def test_without_a_job_all_jobs_and_what_labels_cost_are_told(browser, asks, says):
    asks()
    says("annotator", "forty", ONE)
    says("other", "forty", ONE)
    page = browser("auditor").get("/quality").text
    assert 'href="/quality?job=forty"' in page
    assert "40 80 12.0" in section(page, "cost")


def test_a_page_is_worked_out_again_once_somebody_answered(browser, asks, says, monkeypatch):
    asks()
    says("annotator", "forty", ONE)
    auditor, first = browser("auditor"), browser("auditor").get("/quality?job=forty").text
    worked = []
    told = quality.findings
    monkeypatch.setattr(quality, "findings", lambda *said: worked.append(said) or told(*said))
    assert section(auditor.get("/quality?job=forty").text, "human") == section(first, "human")
    assert worked == []
    says("other", "forty", OTHER)
    assert f"{ALPHA:.2f}" in section(auditor.get("/quality?job=forty").text, "human")
    assert len(worked) == 1

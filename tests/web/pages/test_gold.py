"""Gold of a job in the browser: where people stand, gold mixed in, somebody who begins again."""

import pyarrow as pa
import pytest

from bimetal.annotation.gold import Bar
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.work.exams import ANEW, Exam, exam_of
from bimetal.programme.work.gold import calibrate
from bimetal.store import schema

TERMS = {"gold": "known", "share": "20", "passing": "70", "calibration": "5", "days": "30"}


@pytest.fixture
def known(programme):
    rows = pa.table({"id": [f"k{n}" for n in range(30)], "text": ["x"] * 30, "label": ["praise"] * 30})
    add(programme, Arrival(rows, "known", "gold", "live", label="label", declared=Declared("real", "human")))


@pytest.fixture
def exam(programme, people, known):
    wanted = Exam("exam", people["lead"][0].id, "notes", Bar(0.6, calibration=5))
    return calibrate(programme, people["lead"][0], wanted, "known")


def test_gold_is_mixed_into_a_job_on_terms_that_show(browser, programme, job, known):
    lead = browser("lead")
    assert "Gold judges nobody" in lead.get("/jobs/notes/gold").text
    assert lead.post("/jobs/notes/gold", TERMS).headers["location"] == "/jobs/notes/gold?told=gold_set"
    set_ = exam_of(programme, "notes")
    assert (set_.bar.passing, set_.bar.calibration, set_.days, set_.owner) == (0.7, 5, 30.0, lead.person.id)
    page = browser("auditor").get("/jobs/notes/gold").text
    assert "more than 70 % right after at least 5 answers" in page
    assert "<select" not in page
    with programme.state.read() as connection:
        rows = connection.execute(schema.items.select().where(schema.items.c.gold == 1)).all()
    assert {row.known for row in rows} == {"praise"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"gold": "notes"}, "is a pool dataset"),
        ({"gold": "nowhere"}, "No dataset is called"),
        ({"share": "51"}, "The share of gold is"),
        ({"share": "0"}, "The share of gold is"),
        ({"passing": "a"}, "The share to pass is"),
        ({"passing": "100"}, "pass"),
        ({"qualifies": "cardiology"}, "asks for nothing"),
    ],
)
def test_faulty_terms_show_the_form_again(browser, programme, job, known, wrong, told):
    answer = browser("lead").post("/jobs/notes/gold", {**TERMS, **wrong})
    assert answer.status_code == 400
    assert told in answer.text
    assert 'value="30"' in answer.text
    assert exam_of(programme, "notes") is None


def test_where_people_stand_is_told_and_who_failed_may_begin_again(browser, programme, exam, says):
    good = says("annotator", "exam", {f"k{n}": "praise" for n in range(30)})
    bad = says("other", "exam", {f"k{n}": "question" for n in range(30)})
    lead = browser("lead")
    page = lead.get("/jobs/exam/gold").text
    assert 'class="verdict pass">Passed' in page
    assert 'class="verdict fail">Failed' in page
    assert "30/30" in page
    assert "0/30" in page
    assert "Annotator Example" in page
    seen = browser("auditor").get("/jobs/exam/gold").text
    assert good in seen
    assert "Annotator Example" not in seen
    assert "/gold/anew" not in seen
    answer = lead.post("/jobs/exam/gold/anew", {"person": bad, "language": "und"})
    assert answer.headers["location"] == "/jobs/exam/gold?told=gold_anew"
    assert [entry.subject for entry in programme.log.entries(action=ANEW)] == [bad]
    assert lead.post("/jobs/exam/gold/anew", {"person": lead.person.id, "language": "und"}).status_code == 403


def test_gold_that_nobody_saw_has_not_leaked(browser, exam):
    lead = browser("lead")
    assert "None shows signs of it." in lead.get("/jobs/exam/gold").text
    assert lead.post("/jobs/exam/gold/rotate").status_code == 303

"""The programme's queue: what people do in it stands in the log, and their labels come out."""

from datetime import timedelta

import pyarrow as pa
import pytest
import sqlalchemy as sql

from bimetal.annotation.sheet import Label, Sheet
from bimetal.errors import InputError, LogError, PolicyError
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Item, Job, Rater, Submission
from bimetal.types import Annotation

ANA, BEN, CEM = (Rater(name) for name in ("ana", "ben", "cem"))
JUDGE = Rater("judge", adjudicates=True)


@pytest.fixture
def march(programme, blobs):
    rows = blobs(4, seed=7).drop_columns("label")
    add(programme, Arrival(rows, "march", "pool", "live", declared=Declared("real", "undeclared")))
    queue.send(programme, "march", [(item, "uncertain", 0.5) for item in rows["id"].to_pylist()], turn=1)
    return rows


def label(programme, rater, value, job="march", key=None):
    (lease,) = queue.lease(programme, rater, job, 1)
    key = key or f"{rater.name} {lease.item}"
    return queue.submit(programme, rater, Submission(lease.id, key, value, seconds=2.0))


def test_items_sent_are_a_job_that_as_many_people_answer_as_the_cycle_says(programme, march):
    with programme.state.read() as connection:
        job = store.read_job(connection, "march")
    assert (job.raters, job.extra, job.dataset) == (3, 0, "march")
    assert job.snapshot == programme.dataset("march").digest
    assert queue.waiting(programme, "march", 3) == 4


def test_an_answer_is_logged_under_its_author_and_labels_come_out(programme, march):
    for rater, value in ((ANA, "c0"), (BEN, "c1"), (CEM, "c0")):
        label(programme, rater, value)
    assert queue.waiting(programme, "march", 3) == 3
    entries = list(programme.log.entries(action="answered"))
    assert [entry.actor for entry in entries] == ["ana", "ben", "cem"]
    assert {name for entry in entries for name in entry.body} == {"id", "item", "revision", "digest"}
    labelled = queue.labelled(programme, "march", march)
    assert labelled["label"].to_pylist() == ["c0"]
    assert labelled["label_origin"].to_pylist() == ["human"]


def test_a_tie_is_an_adjudicators_and_their_word_alone_counts(programme, march):
    for rater, value in ((ANA, "c0"), (BEN, "c1"), (CEM, "c2")):
        label(programme, rater, value)
    assert queue.labelled(programme, "march", march).num_rows == 0
    label(programme, JUDGE, "c1", job="march/adjudication")
    assert queue.labelled(programme, "march", march)["label"].to_pylist() == ["c1"]


def test_the_same_answer_again_is_logged_once(programme, march):
    (lease,) = queue.lease(programme, ANA, "march", 1)
    sent = Submission(lease.id, "k", "c0")
    assert [queue.submit(programme, ANA, sent).repeated for _ in range(3)] == [False, True, True]
    assert len(list(programme.log.entries(action="answered"))) == 1


def test_a_refused_answer_leaves_no_entry_and_no_answer(programme, march):
    (lease,) = queue.lease(programme, ANA, "march", 1)
    size = programme.log.size
    with pytest.raises(PolicyError, match="another person's"):
        queue.submit(programme, BEN, Submission(lease.id, "k", "c0"))
    assert programme.log.size == size
    assert queue.answers(programme) == []


def test_values_are_checked_against_the_labels(programme, march):
    (lease,) = queue.lease(programme, ANA, "march", 1)
    sheet = Sheet("classification", (Label("c0"), Label("c1"), Label("c2")))
    with pytest.raises(InputError, match="'c9' is none of the labels"):
        queue.submit(programme, ANA, Submission(lease.id, "k", "c9"), sheet)


@pytest.mark.parametrize("column", ["value", "key", "id"])
def test_an_answer_changed_in_the_database_is_named(programme, march, column):
    label(programme, ANA, "c0")
    queue.refuse_changed(programme)
    change = sql.update(schema.annotations).values({column: "forged"})
    programme.state.write(lambda connection: connection.execute(change))
    with pytest.raises(LogError, match=r"is not the one that entry .* bound"):
        queue.refuse_changed(programme)


def test_a_correction_is_an_entry_of_its_own_and_the_last_word_counts(programme, march):
    (lease,) = queue.lease(programme, ANA, "march", 1)
    for key, value in (("1", "c0"), ("2", "c1")):
        queue.submit(programme, ANA, Submission(lease.id, key, value))
    assert [entry.body["revision"] for entry in programme.log.entries(action="answered")] == [1, 2]
    assert [each.value for each in queue.answers(programme)] == ["c1"]
    queue.refuse_changed(programme)


def test_answers_from_a_file_and_from_the_screen_come_together(programme, march):
    first, *_ = march["id"].to_pylist()
    table = pa.table({"id": [first] * 2, "label": ["c0", "c1"], "annotator": ["ana", "ben"]})
    assert queue.answer(programme, queue.answers_from(programme, table)) == 2
    assert [each.item for each in queue.lease(programme, ANA, "march", 1)] != [first]
    assert label(programme, CEM, "c0").annotation.item == first
    assert queue.waiting(programme, "march", 3) == 3


def test_a_second_word_from_a_file_stands_for_the_first(programme, march):
    first, *_ = march["id"].to_pylist()
    at = programme.now()
    said = [Annotation(f"{n}", first, "ana", "human", value, at + timedelta(n)) for n, value in enumerate(["c0", "c1"])]
    assert queue.answer(programme, said) == 2
    assert [each.value for each in queue.answers(programme)] == ["c1"]
    queue.refuse_changed(programme)


def test_a_panel_takes_no_models_answer_from_a_file_either(programme, march):
    queue.open_job(programme, Job("exam", "panel", raters=2), [Item("x", origin="real")])
    with pytest.raises(PolicyError, match="gpt is no person, and 'exam' is for people alone"):
        queue.answer(programme, [Annotation("1", "x", "gpt", "model", "c0", programme.now())])


def test_jobs_and_new_rounds_stand_in_the_log_and_the_salt_does_not(programme):
    job = queue.open_job(programme, Job("exam", "calibrate", gold=1.0), [Item("g", gold=True)])
    assert len(job.salt) == 32
    queue.reopen(programme, "exam", ["g"], 2)
    opened, reopened = list(programme.log.entries(subject="exam"))
    assert (opened.action, reopened.action) == ("job.opened", "job.reopened")
    assert job.salt not in str(opened.body)
    assert reopened.body["guideline"] == 2


def test_labels_taken_up_are_corrected_no_more(programme, march):
    (lease,) = queue.lease(programme, ANA, "march", 1)
    queue.submit(programme, ANA, Submission(lease.id, "1", "c0"))
    queue.close(programme, "march")
    with pytest.raises(InputError, match="counts already"):
        queue.submit(programme, ANA, Submission(lease.id, "2", "c1"))
    assert queue.lease(programme, BEN, "march", 1) == []

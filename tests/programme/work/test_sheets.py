import json
from dataclasses import replace

import pytest

from bimetal.annotation.assignment import Rater
from bimetal.annotation.sheet import Label, Sheet
from bimetal.canonical import digest
from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.work.sheets import sheet, versions, write
from bimetal.store import queue as store
from bimetal.store.queue import Item, Job, Submission

CARDS = Sheet("classification", (Label("card", {"th": "บัตร"}), Label("cash")), {"en": "# Money\nWhat is lost?"})


@pytest.fixture
def march(programme, pool):
    job = Job("march", dataset="march", snapshot=pool.digest, raters=2, extra=0)
    return queue.open_job(programme, job, [Item(f"t{at}") for at in range(4)])


def answer(programme, name, job, value, **more):
    rater = Rater(name, **more)
    (lease,) = queue.lease(programme, rater, job, 1)
    queue.submit(
        programme, rater, Submission(lease.id, f"{name}{lease.item}{lease.round}", value), sheet(programme, job)
    )
    return lease


def state(programme, job, item):
    return {each["item"]: each["state"] for each in queue.queued(programme, job)}[item]


def test_without_a_written_sheet_the_programme_says_the_labels(programme, march):
    found = sheet(programme, march)
    assert found == Sheet("classification", (Label("card"), Label("cash")), version=1)
    assert sheet(programme, "march") == found == sheet(programme, march, 1)
    assert versions(programme, march) == []
    with pytest.raises(InputError, match="no guideline 2"):
        sheet(programme, march, 2)


@pytest.mark.parametrize("task", ["score", "text", "pairs", "spans"])
def test_every_task_has_a_sheet(programme, pool, task):
    job = queue.open_job(programme, Job("j", dataset="march", snapshot=pool.digest, task=task), [Item("t0")])
    assert sheet(programme, job).task == task
    assert bool(sheet(programme, job).labels) == (task == "spans")


def test_a_first_sheet_before_anybody_was_asked_keeps_the_version(programme, people, march):
    assert write(programme, people.lead, march, CARDS) == 1
    assert sheet(programme, march) == CARDS
    assert write(programme, people.lead, march, CARDS) == 2


def test_every_version_is_kept(programme, people, march):
    answer(programme, "ana", "march", "card")
    written = replace(CARDS, guideline={"en": "# New money"})
    assert write(programme, people.lead, march, CARDS) == 2
    assert write(programme, people.lead, "march", written) == 3
    assert [(each.version, each.author, each.summary) for each in versions(programme, march)] == [
        (3, people.lead.id, "New money"),
        (2, people.lead.id, "Money"),
    ]
    assert sheet(programme, march, 2) == replace(CARDS, version=2)
    assert sheet(programme, march) == replace(written, version=3)
    (lease,) = queue.lease(programme, Rater("ben"), "march", 1)
    assert lease.guideline == 3


def test_the_act_stands_in_the_log(programme, people, march):
    answer(programme, "ana", "march", "card")
    write(programme, people.lead, march, CARDS, ["t0"])
    (entry,) = programme.log.entries(action="guideline.written")
    assert (entry.actor, entry.subject) == (people.lead.id, "march")
    assert entry.body == {
        "version": 2,
        "digest": digest(replace(CARDS, version=2).json()),
        "affected": 1,
        "items": digest(["t0"]),
    }


def test_exactly_the_affected_items_are_asked_about_again(programme, people, march):
    for name in ("ana", "ben"):
        for _ in range(2):
            answer(programme, name, "march", "card")
    assert [state(programme, "march", each) for each in ("t0", "t1")] == ["settled", "settled"]
    write(programme, people.lead, march, CARDS, ["t1"])
    assert [state(programme, "march", each) for each in ("t0", "t1")] == ["settled", "open"]
    (lease,) = queue.lease(programme, Rater("ana"), "march", 1)
    assert (lease.item, lease.round, lease.guideline) == ("t1", 2, 2)


def test_a_label_that_answers_hold_is_not_taken_away(programme, people, march):
    answer(programme, "ana", "march", "cash")
    less = replace(CARDS, labels=CARDS.labels[:1])
    with pytest.raises(PolicyError, match="1 items have answers that the new sheet does not allow, such as 't0'"):
        write(programme, people.lead, march, less)
    with pytest.raises(PolicyError, match="'t0'"):
        write(programme, people.lead, march, less, ["t1"])
    assert versions(programme, march) == []
    assert not list(programme.log.entries(action="guideline.written"))
    assert write(programme, people.lead, march, less, ["t0"]) == 2


def test_an_adjudicators_answer_holds_a_label_too(programme, people, march):
    answer(programme, "ana", "march", "card")
    answer(programme, "ben", "march", "cash")
    answer(programme, "judge", "march/adjudication", "cash", adjudicates=True)
    with pytest.raises(PolicyError, match="does not allow"):
        write(programme, people.lead, march, replace(CARDS, labels=CARDS.labels[:1]))


def test_labels_inside_shapes_are_held_as_well(programme, people, pool):
    job = queue.open_job(programme, Job("s", dataset="march", snapshot=pool.digest, task="spans"), [Item("t0")])
    answer(programme, "ana", "s", json.dumps([{"start": 0, "end": 2, "label": "cash"}]))
    wanted = Sheet("spans", (Label("card"),))
    with pytest.raises(PolicyError, match="'t0'"):
        write(programme, people.lead, job, wanted)
    assert write(programme, people.lead, job, replace(wanted, labels=(Label("card"), Label("cash"), Label("x")))) == 2


def test_an_adjudication_judges_by_its_parents_sheet(programme, people, march):
    write(programme, people.lead, march, replace(CARDS, warning=""))
    answer(programme, "ana", "march", "card")
    answer(programme, "ben", "march", "cash")
    with programme.state.read() as connection:
        job = store.read_job(connection, "march/adjudication")
    assert sheet(programme, job) == CARDS == sheet(programme, "march/adjudication")
    assert [each.version for each in versions(programme, job)] == [1]
    with pytest.raises(InputError, match="decides by the guideline of 'march'"):
        write(programme, people.lead, job, CARDS)


@pytest.mark.parametrize("who", ["admin", "ana"])
def test_only_a_lead_writes_guidelines(programme, people, march, who):
    with pytest.raises(PolicyError, match="write guideline"):
        write(programme, getattr(people, who), march, CARDS)


def test_what_does_not_fit_the_job_is_refused(programme, people, march):
    with pytest.raises(InputError, match="the sheet is for text, the job for classification"):
        write(programme, people.lead, march, Sheet("text"))
    with pytest.raises(InputError, match="nobody was asked"):
        write(programme, people.lead, march, CARDS, ["t0"])
    answer(programme, "ana", "march", "card")
    with pytest.raises(InputError, match="1 items are not in job"):
        write(programme, people.lead, march, CARDS, ["zz"])
    assert versions(programme, march) == []


def test_a_job_may_open_with_its_sheet(programme, pool):
    job = queue.open_job(programme, Job("j", dataset="march", guideline=4), [Item("t0")], CARDS)
    assert sheet(programme, job) == replace(CARDS, version=4)
    with pytest.raises(InputError, match="make both for one task"):
        queue.open_job(programme, Job("k", task="text"), [], CARDS)


def test_answers_are_checked_and_spelled_by_the_sheet(programme, pool):
    job = Job("tags", dataset="march", snapshot=pool.digest, task="tags")
    queue.open_job(programme, job, [Item("t0")])
    answer(programme, "ana", "tags", '["cash", "card"]')
    assert [each.value for each in queue.answers(programme)] == ['["card","cash"]']


def test_labels_join_their_rows_as_datasets_hold_them(programme, pool, tables):
    queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest, task="spans"), [Item("t0")])
    answer(programme, "ana", "march", '[{"start":0,"end":2,"label":"cash"}]')
    (row,) = queue.labelled(programme, "march", tables(3)).to_pylist()
    assert row["label"] == [{"start": 0, "end": 2, "label": "cash"}]

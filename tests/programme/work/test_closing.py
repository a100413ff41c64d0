"""Labels taken up from the queue: the rows people settled, with who judged them, ready to learn from."""

import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.work.closing import close_labels
from bimetal.store.queue import Item, Job


@pytest.fixture
def job(programme, pool):
    items = [Item(f"t{at}", "random", origin="real") for at in range(10)]
    asked = Job("tickets", dataset="march", snapshot=pool.digest, raters=2, extra=0)
    return queue.open_job(programme, asked, items)


def test_what_was_settled_is_training_data_and_what_was_not_is_named(programme, people, job, works, truth):
    works(people.ana, "tickets", 10)
    works(people.bo, "tickets", 10, lambda item: "card" if item == "t0" else truth(item))
    found = close_labels(programme, people.lead, "tickets")
    assert found.undecided == ("t0",)
    rows = programme.rows("train")
    assert sorted(rows["id"].to_pylist()) == [f"t{at}" for at in range(1, 10)]
    assert [truth(each["id"]) for each in rows.to_pylist()] == rows["label"].to_pylist()
    assert set(rows["label_origin"].to_pylist()) == {"human"}
    assert set(rows["annotator"].to_pylist()) == {"; ".join(sorted((people.ana.id, people.bo.id)))}
    assert found.stored.details["parents"] == [job.snapshot]
    last = list(programme.log.entries(action="labels.taken_up"))[-1]
    assert (last.actor, last.body["job"]) == (people.lead.id, "tickets")


def test_a_job_taken_up_asks_nobody_any_more(programme, people, job, works):
    works(people.ana, "tickets", 5)
    works(people.bo, "tickets", 5)
    close_labels(programme, people.lead, "tickets", name="first half")
    assert programme.dataset("first half").role == "train"
    assert {each["state"] for each in queue.queued(programme, "tickets")} == {"resolved"}
    with pytest.raises(InputError, match="dataset 'first half' already"):
        close_labels(programme, people.lead, "tickets", name="first half")


def test_who_may_not_and_what_cannot_be_taken_up(programme, people, job, pool):
    with pytest.raises(PolicyError, match="does not include 'steer queue'"):
        close_labels(programme, people.ana, "tickets")
    with pytest.raises(InputError, match="people decided nothing"):
        close_labels(programme, people.lead, "tickets")
    queue.open_job(programme, Job("exam", "panel", dataset="march", snapshot=pool.digest), [])
    with pytest.raises(InputError, match="a job of kind panel"):
        close_labels(programme, people.lead, "exam")

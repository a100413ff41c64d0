import pytest

from bimetal.annotation.assignment import Rater
from bimetal.annotation.sheet import Label, Sheet
from bimetal.errors import PolicyError
from bimetal.programme import queue
from bimetal.programme.people import accept_warning, allowance, set_cap
from bimetal.store.queue import Item, Job, Submission

SHEET = Sheet("classification", (Label("card"), Label("cash")), warning="injuries")


@pytest.fixture
def opened(programme, pool):
    def with_(warnings, sheet=None):
        items = [Item(f"t{at}", warning=each) for at, each in enumerate(warnings)]
        return queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest), items, sheet)

    return with_


def test_what_was_not_agreed_to_is_passed_over(programme, people, opened):
    opened(["injuries", "", "injuries", "", ""])
    given = queue.lease(programme, Rater(people.ana.id), "march", 2)
    assert [(each.item, each.warning) for each in given] == [("t1", ""), ("t3", "")]
    accept_warning(programme, people.bo, "injuries", programme.now())
    given = queue.lease(programme, Rater(people.bo.id), "march", 2)
    assert [(each.item, each.warning) for each in given] == [("t0", "injuries"), ("t2", "injuries")]
    assert allowance(programme, people.bo.id, programme.now()) == 98


def test_a_days_cap_ends_the_harmful_and_nothing_else(programme, people, opened):
    accept_warning(programme, people.ana, "injuries", programme.now())
    set_cap(programme, people.lead, people.ana.id, 1, programme.now())
    opened(["injuries", "injuries", ""])
    ana = Rater(people.ana.id)
    assert [each.item for each in queue.lease(programme, ana, "march", 3)] == ["t0", "t2"]
    for each in queue.lease(programme, Rater("model", "model"), "march", 1):
        assert each.item == "t1"  # given back at once, it went to who asked next


def test_where_nothing_else_is_left_the_reason_is_told_and_nothing_held(programme, people, opened):
    opened(["injuries"])
    for _ in range(2):
        with pytest.raises(PolicyError, match="'injuries' was not accepted"):
            queue.lease(programme, Rater(people.ana.id), "march", 1)
    accept_warning(programme, people.ana, "injuries", programme.now())
    assert len(queue.lease(programme, Rater(people.ana.id), "march", 1)) == 1


def test_a_sheets_warning_is_that_of_each_item_without_one(programme, people, opened):
    opened(["", "noise"], SHEET)
    with pytest.raises(PolicyError, match="'injuries' was not accepted"):
        queue.lease(programme, Rater(people.ana.id), "march", 1)
    for warning in ("injuries", "noise"):
        accept_warning(programme, people.ana, warning, programme.now())
    given = queue.lease(programme, Rater(people.ana.id), "march", 2)
    assert [each.warning for each in given] == ["injuries", "noise"]


def test_what_was_begun_counts_once(programme, people, clock, opened):
    accept_warning(programme, people.ana, "injuries", programme.now())
    opened(["injuries"])
    ana = Rater(people.ana.id)
    (lease,) = queue.lease(programme, ana, "march", 1)
    queue.submit(programme, ana, Submission(lease.id, "k", "card", "draft"))
    clock.at += queue.store.LASTING * 2
    (again,) = queue.lease(programme, ana, "march", 1)
    assert again.draft == "card"
    assert allowance(programme, people.ana.id, programme.now()) == 99

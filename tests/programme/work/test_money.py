"""What a label costs, computed by hand: every second lands in one part, and corrections are no second answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation.gold import Bar
from bimetal.cost import Scenario
from bimetal.programme import queue
from bimetal.programme.spending import spending
from bimetal.programme.work.exams import Exam
from bimetal.programme.work.gold import mix
from bimetal.programme.work.money import PARTS, label_costs
from bimetal.store.queue import Item, Job, Rater, Submission

WAGE = Scenario(currency="EUR", inputs={"wage": [18, 36, 72]})


@pytest.fixture
def march(programme, pool):
    items = [Item(f"t{at}", language="en", origin="real") for at in range(4)]
    return queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest, raters=2, extra=0), items)


def test_seconds_go_where_they_went(programme, people, march, works, gold):
    works(people.ana, "march", 3, seconds=10.0)
    works(people.bo, "march", 3, lambda item: "cash" if item != "t1" else None, seconds=10.0)
    (cost,) = label_costs(programme, scenario=WAGE)
    assert (cost.task, cost.language, cost.accepted, cost.answers, cost.untimed) == ("classification", "en", 2, 6, 0)
    told = {name: each for name, each in cost.seconds.items() if each}
    assert told == {"labels": 20.0, "overlap": 20.0, "skips": 10.0, "waiting": 10.0}
    assert cost.per_label == 30.0
    assert (cost.price.low, cost.price.median, cost.price.high) == pytest.approx((0.15, 0.3, 0.6))
    assert cost.price.currency == "EUR"
    assert cost.fair_share == pytest.approx(1 / 3)


def test_adjudication_and_gold_are_overhead(programme, people, march, works, gold):
    mix(programme, people.lead, Exam("march", people.lead.id, bar=Bar(0.8)), gold.name, ["t1000", "t1001"], share=0.5)
    works(people.ana, "march", 6, seconds=1.0)
    works(people.bo, "march", 6, lambda _: "card", seconds=1.0)
    judge = Rater("eva", languages=frozenset({"en"}), adjudicates=True)
    works(None, "march/adjudication", 2, seconds=5.0, rater=judge)
    (cost,) = label_costs(programme, ["march"], WAGE)
    assert cost.accepted == 4
    assert cost.seconds["adjudication"] == 10.0
    assert cost.seconds["labels"] == 4.0
    assert cost.seconds["overlap"] == 4.0
    assert cost.seconds["gold"] >= 2.0
    assert label_costs(programme, ["april"], WAGE) == ()


def test_a_correction_is_time_and_no_second_answer(programme, people, march):
    rater = Rater(people.ana.id, languages=frozenset({"en"}))
    (lease,) = queue.lease(programme, rater, "march", 1)
    queue.submit(programme, rater, Submission(lease.id, "a", "card", seconds=8.0))
    queue.submit(programme, rater, Submission(lease.id, "b", "cash", seconds=4.0))
    told = spending(programme)
    assert (told.answers, told.timed, told.seconds) == (1, 1, 12.0)
    (cost,) = label_costs(programme, scenario=WAGE)
    assert (cost.answers, cost.seconds["corrections"], cost.price) == (1, 4.0, None)


def test_answers_without_a_time_are_said(programme, people, march, works):
    works(people.ana, "march", 4, seconds=0.0)
    works(people.bo, "march", 4, seconds=6.0)
    (cost,) = label_costs(programme, scenario=WAGE)
    assert (cost.untimed, cost.per_label) == (4, 6.0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.booleans(), st.floats(0, 60)), max_size=12))
def test_no_second_is_lost_or_counted_twice(told):
    from datetime import UTC, datetime, timedelta

    from bimetal.programme.work.answered import Given
    from bimetal.programme.work.money import _cost, _Wage
    from bimetal.types import Annotation

    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    rows = [
        Given(
            Annotation(str(at), f"i{item}", who, "human", "card", noon + timedelta(minutes=at), seconds=seconds),
            "march", "en", "settled" if settled else "open", False, None, None, False, 1, True,
        )
        for at, (who, item, settled, seconds) in enumerate(told)
    ]  # fmt: skip
    cost = _cost("classification", "en", rows, {"march": Job("march")}, _Wage((1.0, 2.0, 3.0), "EUR"))
    assert sum(cost.seconds.values()) == pytest.approx(sum(each[3] for each in told))
    assert set(cost.seconds) == set(PARTS)
    assert cost.accepted == len({item for _, item, settled, _ in told if settled})

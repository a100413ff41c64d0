"""How good a job's answers are: hand-computed agreement by every cut, people and models apart, gold clamped, anchoring."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation.gold import Bar
from bimetal.errors import InputError, UnknownName
from bimetal.programme import queue
from bimetal.programme.work import quality
from bimetal.programme.work.aggregating import METHODS, aggregate, arbitrated
from bimetal.programme.work.anchoring import anchoring_of
from bimetal.programme.work.answered import Given
from bimetal.programme.work.exams import Exam
from bimetal.programme.work.gold import mix
from bimetal.store.queue import Item, Job, Rater
from bimetal.types import Annotation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def march(programme, pool):
    items = [
        Item(f"t{at}", language="th" if at % 4 == 3 else "en", origin="real", suggestion="card") for at in range(40)
    ]
    job = Job("march", dataset="march", snapshot=pool.digest, raters=2, extra=1, suggestions=True, hidden=0.5)
    return queue.open_job(programme, job, items)


def test_agreement_is_that_of_the_definition(programme, people, march, works):
    works(people.ana, "march", 40)
    works(people.bo, "march", 40, odd)
    found = quality.agreement(programme, "march")
    cards = 20 + 24  # of 80 answers; 4 items of 40 differ
    expected = 1 - (4 / 40) / (2 * cards * (80 - cards) / (80 * 79))
    assert found.estimate == pytest.approx(expected)
    assert found.interval.low < found.estimate < found.interval.high
    assert (found.items, found.answers, found.raters) == (40, 80, 2)


def odd(item):
    number = int(item.removeprefix("t"))
    return "card" if number % 2 or number in {0, 2, 4, 6} else "cash"


def test_every_cut_measures_its_own_items(programme, people, march, works):
    works(people.ana, "march", 40)
    works(people.bo, "march", 40, odd)
    spoken = quality.by_language(programme, "march")
    assert {name: each.items for name, each in spoken.items()} == {"en": 30, "th": 10}
    assert spoken["th"].interval is None  # every answer there is 'card': agreement beyond chance cannot be told
    assert {name: each.items for name, each in quality.by_column(programme, "march", "item_origin").items()} == {
        "real": 40
    }
    assert list(quality.by_guideline(programme, "march")) == ["1"]
    with pytest.raises(InputError, match="no column 'site'"):
        quality.by_column(programme, "march", "site")
    with pytest.raises(InputError, match="never pooled"):
        quality.agreement(programme, "march", "everybody")


def test_a_model_is_never_pooled_with_people(programme, people, march, works):
    works(people.ana, "march", 40)
    works(None, "march", 40, lambda _: "card", rater=Rater("gpt", "model", frozenset({"en", "th"})))
    assert quality.agreement(programme, "march").interval is None
    assert quality.agreement(programme, "march", "model").raters == 0
    assert [each.person for each in quality.raters(programme, "march", programme.now())] == [people.ana.id]
    assert [each.person for each in quality.raters(programme, "march", programme.now(), "model")] == ["gpt"]
    assert set(aggregate(programme, "march").quality) == {people.ana.id}


def test_nobody_is_judged_on_few_items(programme, people, march, works):
    works(people.ana, "march", 40, seconds=6.0)
    works(people.bo, "march", 12, odd)
    few = quality.raters(programme, "march", programme.now())
    assert [each.agreement for each in few] == [None, None]
    assert few[0].words == "12 items in common with others, judged from 30"
    works(people.bo, "march", 28, odd)
    ana, bo = sorted(quality.raters(programme, "march", programme.now()), key=lambda each: each.person != people.ana.id)
    assert ana.agreement.interval.low < ana.agreement.estimate < ana.agreement.interval.high
    assert (ana.answers, ana.skipped, ana.seconds, bo.seconds) == (40, 0, 6.0, 4.0)


def test_a_language_without_a_pilot_is_a_finding(programme, people, march, works):
    works(people.ana, "march", 40)
    english, thai = quality.languages(programme, "march")
    assert (english.language, english.measured, sum(english.items.values())) == ("en", False, 30)
    assert (thai.language, thai.gold) == ("th", None)
    where = {each.where for each in quality.findings(programme, "march") if each.check == "language-measured"}
    assert where == {"en", "th"}
    programme.record("pilot.finished", "panel", {"languages": ["th"]})
    where = {each.where for each in quality.findings(programme, "march") if each.check == "language-measured"}
    assert where == {"en"}


def test_gold_is_clamped_and_arbitrates(programme, people, march, works, gold):
    exam = Exam("march", people.lead.id, bar=Bar(0.8))
    mix(programme, people.lead, exam, gold.name, [f"t{at}" for at in range(1000, 1020)], share=0.3)
    for who, say in ((people.ana, None), (people.bo, odd)):
        works(who, "march", 60, *([say] if say else []))
    for method in METHODS:
        found = aggregate(programme, "march", method)
        assert set(found.table["id"].to_pylist()) <= {f"t{at}" for at in range(40)}
        assert found.labels == ("card", "cash")
        assert np.allclose(np.array(found.table["soft"].to_pylist()).sum(axis=1), 1)
    assert set(aggregate(programme, "march").tied) == {"t0", "t2", "t4", "t6"}
    sides = arbitrated(programme, "march")
    assert sides.gold_items > 2
    assert quality.languages(programme, "march")[0].gold.estimate == 1.0
    with pytest.raises(UnknownName, match="no aggregation"):
        aggregate(programme, "march", "mean")


def test_a_guideline_change_leaves_the_words_under_each_version(programme, people, march, works):
    works(people.ana, "march", 40)
    works(people.bo, "march", 40, odd)
    queue.reopen(programme, "march", ["t0", "t2", "t4", "t6"], 2)
    works(people.ana, "march", 4)
    works(people.bo, "march", 4)
    apart = quality.by_guideline(programme, "march")
    assert {name: each.items for name, each in apart.items()} == {"1": 40, "2": 4}
    assert quality.agreement(programme, "march").estimate == 1.0


def answer(item, who, value, shown, suggested="card"):
    identity = hashlib.sha256(f"{item}{who}".encode()).hexdigest()
    said = Annotation(identity, item, who, "human", value, NOON)
    return Given(said, "march", "", "open", False, None, suggested, shown, 1, True)


def test_anchoring_is_the_difference_of_shares():
    rows = [answer(f"s{at}", "ana", "card" if at < 9 else "cash", True) for at in range(10)]
    rows += [answer(f"h{at}", "ana", "card" if at < 5 else "cash", False) for at in range(10)]
    found = anchoring_of(rows, str.__eq__)
    assert (found.shown.estimate, found.hidden.estimate) == (0.9, 0.5)
    assert found.difference.estimate == pytest.approx(0.4)
    assert found.difference.low <= 0.4 <= found.difference.high
    assert anchoring_of(rows[:3], str.__eq__).difference is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_anchoring_stays_within_its_bounds_whatever_was_said(told: Iterable[tuple[int, bool, bool]]):
    rows = [
        answer(f"i{item}", f"r{at}", "card" if same else "cash", shown) for at, (item, same, shown) in enumerate(told)
    ]
    found = anchoring_of(rows, str.__eq__)
    assert sum(found.answers) == len(rows)
    if found.difference is not None:
        assert -1 <= found.difference.low <= found.difference.estimate <= found.difference.high <= 1


def test_suggestions_followed_where_shown_are_found(programme, people, march, works):
    works(people.ana, "march", 40)
    moved = quality.anchoring(programme, "march")
    assert sum(moved.answers) == 40
    assert min(moved.answers) > 8
    assert moved.difference.low < 0 < moved.difference.high

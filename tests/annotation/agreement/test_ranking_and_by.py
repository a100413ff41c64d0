"""Rankings against scipy's Kendall tau; agreement by slice, origin, guideline version and rater."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from bimetal.annotation.agreement import alpha, answers, breakdown, ranked, ratings
from bimetal.annotation.agreement.ranking import tau
from bimetal.types import Annotation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def rng():
    return np.random.default_rng(1)


@given(st.permutations("abcdef"))
def test_tau_is_that_of_scipy(order):
    places = [order.index(option) for option in "abcdef"]
    assert tau("abcdef", order) == pytest.approx(kendalltau(range(6), places).statistic)


def test_orders_are_compared_on_what_both_ordered():
    assert tau("abcd", "xdb") == -1
    said = {"p": {"Ann": "abc", "Ben": "abc", "Cat": "cba"}, "q": {"Ann": "a", "Ben": "b"}}
    found = ranked(said, rng())
    assert found.estimate == pytest.approx((1 - 1 - 1) / 3)
    assert (found.items, found.answers, found.raters) == (1, 3, 3)
    assert ranked(said, rng(), focus="Cat").estimate == -1


def test_no_two_orders_are_said_in_words():
    found = ranked({"p": {"Ann": "abc"}}, rng())
    assert found.interval is None
    assert "no two raters ordered" in found.words


def test_equal_orders_on_few_items_are_not_certain():
    found = ranked({str(i): {"Ann": "abc", "Ben": "abc"} for i in range(10)}, rng()).interval
    assert found.estimate == found.high == 1
    assert found.low == pytest.approx(1 - 2 * (1 - 0.025**0.1))


def told(who, values, guideline=1, later=0):
    at = NOON + timedelta(hours=later)
    return [
        Annotation(f"{who}{i}{later}", str(i), who, "human", v, at, guideline=guideline) for i, v in enumerate(values)
    ]


def nominal(some, who):
    return alpha(ratings(answers(some)), rng(), focus=who)


def test_by_slice_and_origin():
    given = told("Ann", "xyxyxy") + told("Ben", "xyxyyx")
    found = breakdown(given, nominal, {str(i): "real" if i < 4 else "synthetic" for i in range(5)})
    assert list(found) == ["real", "synthetic"]
    assert found["real"].estimate == 1
    assert (found["real"].items, found["synthetic"].items) == (4, 1)  # item 5 is in neither


def test_by_guideline_an_answer_under_the_old_one_stays_there():
    given = [
        *told("Ann", "xyxy", 9),
        *told("Ben", "yxyx", 9),
        *told("Ann", "xyxy", 10, later=1),
        *told("Ben", "xyxy", 10, later=1),
    ]
    found = breakdown(given, nominal, "guideline")
    assert list(found) == ["9", "10"]
    assert found["9"].estimate < 0 < found["10"].estimate == 1


def test_by_rater_each_is_compared_with_the_others():
    given = told("Ann", "xyxyxyxy") + told("Ben", "xyxyxyxy") + told("Cat", "yxyxyxyx")
    given.append(Annotation("s", "0", "Dan", "human", None, NOON, status="skipped", reason="blurred"))
    found = breakdown(given, nominal, "rater")
    assert list(found) == ["Ann", "Ben", "Cat"]
    assert found["Cat"].estimate < 0 <= found["Ann"].estimate


def test_the_last_answer_counts_and_numbers_sort_as_numbers():
    given = [*told("Ann", ["2", "9"]), *told("Ann", ["10", "9"], later=1)]
    assert answers(given) == {"0": {"Ann": "10"}, "1": {"Ann": "9"}}
    assert ratings(answers(given)).labels == ("9", "10")
    assert ratings({"a": {"Ann": "nan", "Ben": "inf"}}).labels == ("inf", "nan")

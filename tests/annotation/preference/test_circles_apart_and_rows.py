"""Circles beside what coins give, people beside models, and the rows that are trained on."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation.preference import Choice, apart, circles, majorities, trl_rows
from bimetal.errors import InputError


def rng():
    return np.random.default_rng(1)


def pair(one, other, best, item="p", who="Ann", kind="human"):
    return Choice(item, who, kind, (one, other), (best,) if best else ())


def tournament(options, draws, who="Ann"):
    return [pair(a, b, a if draws.random() < 0.5 else b, who=who) for a, b in combinations(options, 2)]


@given(st.integers(3, 7), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_a_full_tournament_has_the_circles_kendall_and_babington_smith_count(n, seed):
    """Circular triads are n (n - 1) (2 n - 1) / 12 less half the sum of squared wins (Biometrika 31, 1940)."""
    options = [str(i) for i in range(n)]
    said = tournament(options, np.random.default_rng(seed))
    wins = np.array([sum(each.best == option for each in said) for option in options])
    found = circles(said, rng())
    assert found.triads == n * (n - 1) * (n - 2) / 6
    assert found.circular == n * (n - 1) * (2 * n - 1) / 12 - (wins**2).sum() / 2


def test_an_order_has_no_circles_and_coins_have_a_quarter():
    ordered = [pair(a, b, min(a, b), who=who) for who in "XYZ" for a, b in combinations("abcdef", 2)]
    found = circles(ordered, rng())
    assert (found.circular, found.share) == (0, 0)
    assert found.by_chance.low > 0.05
    assert found.p < 0.01
    draws = np.random.default_rng(2)
    thrown = circles([each for who in "XYZ" for each in tournament("abcdefgh", draws, who)], rng())
    assert thrown.by_chance.low <= thrown.share <= thrown.by_chance.high


def test_coins_listed_and_coins_thrown_give_the_same_range():
    draws = np.random.default_rng(3)
    small = [each for i in range(40) for each in tournament("abcd", draws, f"rater {i}")]  # 4 triads each, listed
    large = tournament("abcdefghijk", draws)  # 165 triads, thrown
    found = [circles(each, rng()) for each in (small, large)]
    assert [each.triads for each in found] == [160, 165]
    # A triad is circular with variance 3/16, and in a full tournament any two triads independently so.
    for each in found:
        reach = 1.96 * (3 / 16 / each.triads) ** 0.5
        assert each.by_chance.high - each.by_chance.low == pytest.approx(2 * reach, rel=0.2)


def test_people_and_items_are_not_mixed_into_one_tournament():
    circle = [pair("a", "b", "a"), pair("b", "c", "b"), pair("c", "a", "c")]
    spread = [pair(*each.shown, each.best, who=who) for each, who in zip(circle, "XYZ", strict=True)]
    found = circles(spread, rng())
    assert found.share is None
    assert "no three options" in found.words
    tied = [*circle[:2], pair("c", "a", None)]
    assert circles(tied, rng()).triads == 0


def test_people_beside_models():
    people = [pair("a", "b", best, str(i), who) for i, best in enumerate("aabb") for who in "XYZ"]
    models = [pair("b", "a", best, str(i), "judge", "model") for i, best in enumerate("aaba")]
    found = apart([*people, *models], rng())
    assert set(found.strengths) == {"human", "model"}
    assert (found.agreed.estimate, found.pairs) == (0.75, 4)
    assert found.kappa.estimate == pytest.approx(0.5)
    assert found.strengths["human"].versus("a", "b").estimate == pytest.approx(0.5)
    assert found.strengths["model"].versus("a", "b").estimate == pytest.approx(0.75)


def test_without_a_common_pair_the_comparison_says_so():
    found = apart([pair("a", "b", "a"), pair("a", "b", "b"), pair("c", "d", "c", kind="model")], rng())
    assert (found.agreed, found.pairs) == (None, 0)
    assert "no pair was judged by people and by models" in found.kappa.words
    assert "never lost" in found.strengths["model"].words


def test_majorities_count_orders_and_keep_ties():
    said = [pair("a", "b", "a"), pair("b", "a", "b"), Choice("q", "Ann", "human", ("a", "b", "c"), ("c", "a"))]
    assert majorities(said) == {("p", "a", "b"): 0, ("q", "a", "c"): -1, ("q", "b", "c"): -1, ("q", "a", "b"): 1}
    assert majorities([pair("a", "b", None)]) == {("p", "a", "b"): 0}


def test_rows_to_train_on_leave_ties_out_and_say_so():
    said = [pair("a", "b", "b", "p"), pair("a", "b", None, "q"), pair("b", "a", "a", "r")]
    texts = {(item, option): f"{item}{option}" for item in "pqr" for option in "ab"}
    found = trl_rows(said, dict(zip("pqr", "PQR", strict=True)), texts)
    assert found.rows.column_names == ["prompt", "chosen", "rejected"]
    assert found.rows.to_pylist() == [
        {"prompt": "P", "chosen": "pb", "rejected": "pa"},
        {"prompt": "R", "chosen": "ra", "rejected": "rb"},
    ]
    assert found.ties == 1
    assert found.words == "2 pairs preferred by human, 1 tied and left out"


def test_rows_are_of_one_kind_of_actor_and_want_every_text():
    with pytest.raises(InputError, match="1 by human, 1 by model"):
        trl_rows([pair("a", "b", "a"), pair("a", "b", "a", kind="model")], {}, {})
    with pytest.raises(InputError, match=r"no text for \('p', 'b'\)"):
        trl_rows([pair("a", "b", "a")], {"p": "P"}, {("p", "a"): "A"})
    none = trl_rows([pair("a", "b", None)], {}, {})
    assert (none.rows.num_rows, none.rows.schema.types[0]) == (0, "string")

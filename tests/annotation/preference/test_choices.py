"""Places drawn by a key, their bias, and choices that cannot be."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from bimetal.annotation.preference import Choice, arranged, position_bias
from bimetal.errors import InputError


@given(st.permutations("abcd"), st.text(max_size=5), st.text(max_size=5))
def test_a_retry_shows_the_same_order(options, item, who):
    assert arranged(options, item, who, b"key") == arranged(sorted(options), item, who, b"key")
    assert sorted(arranged(options, item, who, b"key")) == sorted(options)


def test_all_orders_are_as_likely_for_items_and_for_people():
    for names in ([(f"p{i}", "Ann") for i in range(6000)], [("p", f"rater {i}") for i in range(6000)]):
        orders = Counter(arranged("abc", item, who, b"key") for item, who in names)
        assert len(orders) == 6
        assert chisquare(list(orders.values())).pvalue > 0.001


def test_the_order_depends_on_the_key_and_on_where_a_name_ends():
    keys = Counter(arranged("ab", "p", "Ann", bytes([key])) for key in range(200))
    assert min(keys.values()) > 60
    apart = [arranged("ab", f"p{i}", "qAnn", b"k") == arranged("ab", f"p{i}q", "Ann", b"k") for i in range(100)]
    assert 25 < sum(apart) < 75
    with pytest.raises(InputError, match="key is empty"):
        arranged("ab", "p", "Ann", b"")


def pair(left, right, best):
    return Choice("p", "Ann", "human", (left, right), (best,) if best else ())


def test_the_bias_has_the_exact_interval():
    # 81 of 263: Clopper-Pearson .2527 to .3676, as published by Newcombe (1998), Statistics in Medicine 17, table I.
    said = [pair("a", "b", "a")] * 81 + [pair("a", "b", "b")] * 182 + [pair("a", "b", None)] * 9
    found = position_bias(said)
    assert (found.share.low, found.share.high) == (pytest.approx(0.2527, abs=5e-5), pytest.approx(0.3676, abs=5e-5))
    assert (found.choices, found.ties, found.fair) == (263, 9, 0.5)
    assert "the place matters" in found.words


def test_a_preference_is_no_bias_where_places_are_drawn():
    said = [pair(*arranged("ab", str(i), "Ann", b"key"), "a") for i in range(400)]
    found = position_bias(said)
    assert "no bias is shown" in found.words
    assert found.p > 0.01


def test_three_places_have_a_third_each_and_numbers_of_options_are_not_mixed():
    three = Choice("p", "Ann", "human", ("a", "b", "c"), ("b",))
    assert position_bias([three] * 4).fair == pytest.approx(1 / 3)
    with pytest.raises(InputError, match=r"\[2, 3\] options"):
        position_bias([three, pair("a", "b", "a")])


def test_ties_alone_show_no_bias():
    for said in ([], [pair("a", "b", None)]):
        found = position_bias(said)
        assert found.share is None
        assert "cannot be told" in found.words


@pytest.mark.parametrize(
    ("shown", "order", "worst"),
    [(("a",), (), None), (("a", "a"), (), None), (("a", "b"), ("c",), None), (("a", "b"), ("a",), "a")],
)
def test_choices_that_cannot_be(shown, order, worst):
    with pytest.raises(InputError):
        Choice("p", "Ann", "human", shown, order, worst)


def test_what_an_order_says():
    ordered = Choice("p", "Ann", "human", ("a", "b", "c"), ("c", "a", "b"))
    assert ordered.beaten() == [("c", "a"), ("c", "b"), ("a", "b")]
    assert Choice("p", "Ann", "human", ("a", "b", "c"), (), worst="b").beaten() == [("a", "b"), ("c", "b")]
    assert pair("a", "b", None).beaten() == []

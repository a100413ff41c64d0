"""Neither the order of rows nor any name changes what an aggregation finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation.aggregation import Votes, dawid_skene, glad, mace, majority
from bimetal.annotation.aggregation.exact import on_grid, total

EXACT = {
    "majority": majority,
    "commonest": lambda votes: majority(votes, ties="commonest"),
    "dawid_skene": lambda votes: dawid_skene(votes, tolerance=1e-9, limit=40),
    "maximum likelihood": lambda votes: dawid_skene(votes, prior=0.0, limit=40),
    "mace": lambda votes: mace(votes, np.random.default_rng(3), restarts=2, limit=20),
}
FOUND = ("soft", "point", "quality", "confusion", "ease", "log_likelihood")


@st.composite
def answers(draw):
    """Draw (item, rater, value) triples, a shuffle of them, and a renaming of each kind."""
    items, raters, labels = draw(st.integers(1, 8)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    cells = [(item, rater) for item in range(items) for rater in range(raters)]
    kept = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=40, unique=True))
    rows = [(item, rater, draw(st.integers(0, labels - 1))) for item, rater in kept]
    renamed = [draw(st.permutations(range(size))) for size in (items, raters, labels)]
    return rows, draw(st.permutations(rows)), renamed, labels


def coded(rows, labels: int, renamed=None) -> Votes:
    named = [[row[k] if renamed is None else renamed[k][row[k]] for row in rows] for k in range(3)]
    return Votes.of(
        *[[f"n{each}" for each in column] for column in named], labels=[f"n{each}" for each in range(labels)]
    )


@pytest.mark.parametrize("method", [*EXACT.values(), glad], ids=[*EXACT, "glad"])
@given(drawn=answers())
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_changes_no_bit(method, drawn):
    rows, shuffled, _, labels = drawn
    one, other = method(coded(rows, labels)), method(coded(shuffled, labels))
    for name in FOUND:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("method", EXACT.values(), ids=EXACT)
@given(drawn=answers())
@settings(max_examples=40, deadline=None)
def test_names_change_no_bit(method, drawn):
    rows, shuffled, renamed, labels = drawn
    one, other = method(coded(rows, labels)), method(coded(shuffled, labels, renamed))
    item, rater, label = places(one, other, renamed)
    np.testing.assert_array_equal(one.soft, other.soft[np.ix_(item, label)])
    np.testing.assert_array_equal(one.quality, other.quality[rater])
    np.testing.assert_array_equal(one.point, np.append(np.argsort(label), -1)[other.point[item]])
    assert one.log_likelihood == other.log_likelihood
    assert one.iterations == other.iterations
    if one.confusion is not None:
        np.testing.assert_array_equal(one.confusion, other.confusion[np.ix_(rater, label, label)])


@pytest.mark.parametrize("method", EXACT.values(), ids=EXACT)
def test_names_change_no_bit_among_many_labels(method):
    rng = np.random.default_rng(0)
    rows = [(item, rater, int(rng.integers(0, 40))) for item in range(60) for rater in range(12) if rng.random() < 0.6]
    renamed = [rng.permutation(size).tolist() for size in (60, 12, 40)]
    shuffled = [rows[each] for each in rng.permutation(len(rows))]
    one, other = method(coded(rows, 40)), method(coded(shuffled, 40, renamed))
    item, rater, label = places(one, other, renamed)
    np.testing.assert_array_equal(one.soft, other.soft[np.ix_(item, label)])
    np.testing.assert_array_equal(one.quality, other.quality[rater])
    assert one.log_likelihood == other.log_likelihood


@given(drawn=answers())
@settings(max_examples=30, deadline=None)
def test_names_change_glad_by_no_more_than_where_it_stops(drawn):
    rows, shuffled, renamed, labels = drawn
    one, other = glad(coded(rows, labels), tolerance=1e-13), glad(coded(shuffled, labels, renamed), tolerance=1e-13)
    item, rater, label = places(one, other, renamed)
    np.testing.assert_allclose(one.soft, other.soft[np.ix_(item, label)], atol=1e-3)
    np.testing.assert_allclose(one.quality, other.quality[rater], atol=1e-3)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-3)


def places(one, other, renamed) -> tuple[list[int], list[int], list[int]]:
    """Where each of one posterior's items, raters and labels stands in the other."""
    found = []
    for k, kind in enumerate(("items", "raters", "labels")):
        names = getattr(other.votes, kind)
        found.append([names.index(f"n{renamed[k][int(name[1:])]}") for name in getattr(one.votes, kind)])
    return found[0], found[1], found[2]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.randoms(use_true_random=False))
def test_sums_on_the_grid_do_not_depend_on_their_order(values, random):
    rounded = on_grid(np.array(values), len(values))
    shuffled = list(rounded)
    random.shuffle(shuffled)
    assert float(sum(rounded)) == float(sum(shuffled)) == float(np.sum(shuffled))
    np.testing.assert_allclose(rounded, values, atol=1e-12)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_totals_do_not_depend_on_their_order(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    assert total(np.array(values)) == total(np.array(shuffled))
    assert total(np.array(values)) == pytest.approx(sum(values), rel=1e-9, abs=1e-3)

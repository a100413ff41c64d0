"""Alpha against Krippendorff's own table, other libraries' values, and its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation import alpha
from bimetal.annotation.agreement import Ratings, by_rater, ratings
from bimetal.annotation.agreement.distances import jaccard, masi
from bimetal.errors import InputError

N = None
# Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections D and E: four observers, twelve units.
FOUR = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    "C": [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
}
# The worked example of the article "Krippendorff's alpha" (Wikipedia): three coders, fifteen units.
THREE = {
    "A": [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
    "B": [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
    "C": [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
}
SETS = {
    "1": {"a": frozenset("x"), "b": frozenset("xy"), "c": frozenset("x")},
    "2": {"a": frozenset("yz"), "b": frozenset("yz"), "c": frozenset("xyz")},
    "3": {"a": frozenset("z"), "b": frozenset("xz"), "c": frozenset("y")},
}
METRICS = ("nominal", "ordinal", "interval", "ratio")


def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize(
    ("rows", "metric", "value"),
    [
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
        (FOUR, "ratio", 0.797),
        (THREE, "nominal", 0.691),
        (THREE, "interval", 0.811),
    ],
)
def test_the_published_examples(rows, metric, value):
    found = alpha(by_rater(rows), rng(), metric)
    assert found.estimate == pytest.approx(value, abs=5e-4)
    assert found.interval.low < found.estimate < found.interval.high


def test_what_stands_alone_is_left_out_and_said():
    found = alpha(by_rater(FOUR), rng())
    assert (found.items, found.answers, found.raters) == (11, 40, 4)
    assert "1 not compared" in found.words


@pytest.mark.parametrize(("metric", "value"), [("masi", 0.25506072874493935), ("jaccard", 0.2857142857142858)])
def test_sets_have_the_alpha_of_nltk(metric, value):
    # nltk.metrics.agreement.AnnotationTask(data, distance=masi_distance).alpha(), and with jaccard_distance; nltk 3.10.4
    assert alpha(ratings(SETS), rng(), metric).estimate == pytest.approx(value)


TABLES = st.lists(st.lists(st.sampled_from([N, 1, 2, 3, 5]), min_size=2, max_size=4), min_size=2, max_size=8)


def by_definition(rows, apart):
    """Average the distance of answers within items, and of any two answers of all items: 1 - their ratio."""
    units = [[value for value in row if value is not None] for row in rows]
    units = [unit for unit in units if len(unit) > 1]
    n = sum(map(len, units))
    if not n:
        return None
    everything = [value for unit in units for value in unit]
    within = sum(sum(apart(a, b) for a in unit for b in unit) / (len(unit) - 1) for unit in units) / n
    between = sum(apart(a, b) for a in everything for b in everything) / (n * (n - 1))
    return 1 - within / between if between else None


def ordinal(rows):
    units = [[value for value in row if value is not None] for row in rows]
    flat = [value for unit in units if len(unit) > 1 for value in unit]

    def apart(a, b):
        low, high = min(a, b), max(a, b)
        return (sum(low <= v <= high for v in flat) - (flat.count(a) + flat.count(b)) / 2) ** 2

    return apart


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_every_metric_is_its_definition(rows):
    table = by_rater({str(who): [row[who] if who < len(row) else N for row in rows] for who in range(4)})
    distances = {
        "nominal": lambda a, b: float(a != b),
        "interval": lambda a, b: (a - b) ** 2,
        "ratio": lambda a, b: ((a - b) / (a + b)) ** 2,
        "ordinal": ordinal(rows),
    }
    for metric, apart in distances.items():
        found, expected = alpha(table, rng(), metric, resamples=50), by_definition(rows, apart)
        assert found.estimate == (None if expected is None else pytest.approx(expected))
        if found.interval is None:
            assert found.words
        else:
            assert found.interval.low <= found.estimate <= found.interval.high


@given(TABLES, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_neither_the_order_of_rows_nor_names_matter(rows, random):
    table = by_rater({str(who): [row[who] if who < len(row) else N for row in rows] for who in range(4)}, (1, 2, 3, 5))
    order = list(range(len(table.item)))
    random.shuffle(order)
    shuffled = Ratings(table.item[order], table.rater[order], table.value[order], table.labels, table.raters)
    renamed = Ratings(table.item, 3 - table.rater, 3 - table.value, ("d", "c", "b", "a"), ("w", "x", "y", "z"))
    for metric in METRICS:
        assert alpha(shuffled, rng(), metric).interval == alpha(table, rng(), metric).interval
    for metric in ("nominal", "ordinal"):
        estimate = alpha(table, rng(), metric).estimate
        assert alpha(renamed, rng(), metric).estimate == (None if estimate is None else pytest.approx(estimate))


def test_a_rater_against_the_only_other_is_the_alpha_of_both():
    two = by_rater({who: FOUR[who] for who in "AB"})
    for metric in METRICS:
        assert alpha(two, rng(), metric, focus="A").estimate == pytest.approx(alpha(two, rng(), metric).estimate)


def test_a_careless_rater_stands_out():
    draws = np.random.default_rng(5)
    truth = draws.integers(3, size=300)
    said = {who: np.where(draws.random(300) < 0.9, truth, draws.integers(3, size=300)).tolist() for who in "ABC"}
    said["D"] = draws.integers(3, size=300).tolist()
    found = {who: alpha(by_rater(said), rng(), focus=who).interval for who in said}
    assert found["D"].high < 0.15
    assert min(found[who].low for who in "ABC") > 0.4


def test_many_kinds_of_items_give_the_interval_that_single_items_give():
    draws = np.random.default_rng(2)
    truth = draws.normal(size=3000)
    said = np.round(truth[:, None] + draws.normal(scale=0.7, size=(3000, 3)), 3)
    table = Ratings(
        np.repeat(np.arange(3000), 3),
        np.tile(np.arange(3), 3000),
        np.unique(said.ravel(), return_inverse=True)[1],
        tuple(np.unique(said).tolist()),
        ("A", "B", "C"),
    )
    grouped = alpha(table, rng(), "interval").interval
    one = [alpha(_some(said, draws), rng(), "interval", resamples=1).estimate for _ in range(150)]
    width = grouped.high - grouped.low
    assert width == pytest.approx(3.92 * np.std(one), rel=0.2)


def _some(said, draws):
    drawn = said[draws.integers(len(said), size=len(said))]
    values, codes = np.unique(drawn.ravel(), return_inverse=True)
    n = len(drawn)
    return Ratings(np.repeat(np.arange(n), 3), np.tile(np.arange(3), n), codes, tuple(values.tolist()), tuple("ABC"))


@pytest.mark.parametrize("metric", METRICS)
def test_the_interval_covers(metric):
    draws = np.random.default_rng(7)

    def table(items):
        truth = draws.integers(1, 5, size=items)
        said = np.clip(truth[:, None] + draws.choice([-1, 0, 0, 0, 1], size=(items, 3)), 1, 4)
        return by_rater({str(who): column.tolist() for who, column in enumerate(said.T)}, (1, 2, 3, 4))

    true, rounds = alpha(table(20_000), draws, metric, resamples=1).estimate, 150
    found = [alpha(table(40), draws, metric).interval for _ in range(rounds)]
    assert sum(each.low <= true <= each.high for each in found) / rounds >= 0.90


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_to_tell_is_said_in_words(metric):
    same = alpha(by_rater({"Ann": [3, 3], "Ben": [3, 3]}), rng(), metric)
    assert same.interval is None
    assert "every answer is 3" in same.words
    alone = alpha(by_rater({"Ann": [1, 2]}), rng(), metric)
    assert (alone.interval, alone.items) == (None, 0)
    assert "no item has two answers" in alone.words
    assert alpha(by_rater({}), rng(), metric).interval is None
    apart = alpha(by_rater({"Ann": [1, N, N], "Ben": [N, 2, 2], "Cat": [N, 1, 2]}), rng(), metric, focus="Ann")
    assert apart.interval is None
    assert "Ann answered no item that another answered" in apart.words


def test_full_agreement_is_not_certain():
    found = alpha(by_rater({"Ann": "aabbb", "Ben": "aabbb"}), rng())
    assert found.interval.estimate == found.interval.high == 1
    assert found.interval.low < 0.2


def test_a_thousand_free_numbers_need_no_table_of_distances():
    draws = np.random.default_rng(0)
    truth = draws.normal(size=6000)
    table = by_rater({who: (truth + draws.normal(scale=0.1, size=6000)).tolist() for who in "AB"})
    assert alpha(table, rng(), "interval").estimate == pytest.approx(0.99, abs=0.002)
    with pytest.raises(InputError, match="12000 distinct values"):
        alpha(by_rater({who: np.exp(draws.normal(size=6000)).tolist() for who in "AB"}), rng(), "ratio")


def test_what_cannot_be_measured_is_refused():
    words = by_rater({"Ann": "ab", "Ben": "aa"})
    for metric, said in (("interval", "not a number"), ("masi", "not a set"), ("cosine", "not known")):
        with pytest.raises(InputError, match=said):
            alpha(words, rng(), metric)
    with pytest.raises(InputError, match="below zero"):
        alpha(by_rater({"Ann": [-1, 2], "Ben": [1, 2]}), rng(), "ratio")
    with pytest.raises(InputError, match="'Cat' answered nothing"):
        alpha(words, rng(), focus="Cat")
    with pytest.raises(InputError, match="not in order"):
        alpha(by_rater({"Ann": ["1", "10"], "Ben": ["2", "10"]}, ("1", "10", "2")), rng(), "ordinal")
    with pytest.raises(InputError, match="not on the scale"):
        by_rater({"Ann": ["5"]}, ("1", "2"))


def test_distances_between_sets():
    a, ab, bc, none = frozenset("a"), frozenset("ab"), frozenset("bc"), frozenset()
    assert (masi(none, none), masi(a, none), masi(ab, ab)) == (0, 1, 0)
    assert masi(a, ab) == pytest.approx(1 - 2 / 3 / 2)
    assert jaccard(ab, bc) == pytest.approx(2 / 3)

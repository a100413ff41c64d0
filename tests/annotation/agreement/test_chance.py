"""Raw agreement and the kappas against published worked examples and scikit-learn, and what their intervals cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from bimetal.annotation import cohen_kappa, fleiss_kappa, raw_agreement
from bimetal.annotation.agreement import by_rater, ratings
from bimetal.errors import InputError

# The worked example of the article "Fleiss' kappa" (Wikipedia): ten items, fourteen raters, five labels; kappa .210.
TEN_ITEMS = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]
# Fleiss (1971), Psychological Bulletin 76, table 1: thirty patients, six psychiatrists, five diagnoses; kappa .430. As
# in the R package irr (data set diagnoses, kappam.fleiss).
DIAGNOSES = [
    (0, 0, 0, 6, 0),
    (0, 3, 0, 0, 3),
    (0, 1, 4, 0, 1),
    (0, 0, 0, 0, 6),
    (0, 3, 0, 3, 0),
    (2, 0, 4, 0, 0),
    (0, 0, 4, 0, 2),
    (2, 0, 3, 1, 0),
    (2, 0, 0, 4, 0),
    (0, 0, 0, 0, 6),
    (1, 0, 0, 5, 0),
    (1, 1, 0, 4, 0),
    (0, 3, 3, 0, 0),
    (1, 0, 0, 5, 0),
    (0, 2, 0, 3, 1),
    (0, 0, 5, 0, 1),
    (3, 0, 0, 1, 2),
    (5, 1, 0, 0, 0),
    (0, 2, 0, 4, 0),
    (1, 0, 2, 0, 3),
    (0, 0, 0, 0, 6),
    (0, 1, 0, 5, 0),
    (0, 2, 0, 1, 3),
    (2, 0, 0, 4, 0),
    (1, 0, 0, 4, 1),
    (0, 5, 0, 1, 0),
    (4, 0, 0, 0, 2),
    (0, 2, 0, 4, 0),
    (1, 0, 5, 0, 0),
    (0, 0, 0, 0, 6),
]


def rng():
    return np.random.default_rng(1)


def counted(counts):
    """Code a table of how often each label was given to each item."""
    values = [[str(label) for label, many in enumerate(row) for _ in range(many)] for row in counts]
    return ratings({str(item): {str(who): each for who, each in enumerate(row)} for item, row in enumerate(values)})


def paired(table):
    """Code two raters from their table of counts, rows the first, columns the second."""
    cells = [(i, j) for i, row in enumerate(table) for j, many in enumerate(row) for _ in range(many)]
    return by_rater({"Ann": [i for i, _ in cells], "Ben": [j for _, j in cells]}, range(len(table)))


@pytest.mark.parametrize(("counts", "kappa"), [(TEN_ITEMS, 0.210), (DIAGNOSES, 0.430)])
def test_the_published_examples_of_fleiss(counts, kappa):
    found = fleiss_kappa(counted(counts), rng())
    assert found.estimate == pytest.approx(kappa, abs=5e-4)
    assert found.interval.low < found.estimate < found.interval.high


def test_the_published_raw_agreement():
    assert raw_agreement(counted(TEN_ITEMS), rng()).estimate == pytest.approx(0.378, abs=5e-4)


def test_the_published_examples_of_cohen():
    # Cohen (1960), A coefficient of agreement for nominal scales, table 1: proportions of 200, kappa .492.
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    assert cohen_kappa(paired(table), rng()).estimate == pytest.approx(0.492, abs=5e-4)
    # The worked example of the article "Cohen's kappa" (Wikipedia): 50 grant proposals, kappa .4.
    assert cohen_kappa(paired([[20, 5], [10, 15]]), rng()).estimate == pytest.approx(0.4)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=40))
@settings(max_examples=25, deadline=None)
def test_cohen_is_that_of_scikit_learn(weights, pairs):
    one, two = zip(*pairs, strict=True)
    found = cohen_kappa(by_rater({"Ann": one, "Ben": two}, range(5)), rng(), weights=weights)
    if len({*one, *two}) == 1:
        assert found.estimate is None
        return
    weighted = None if weights == "none" else weights
    assert found.estimate == pytest.approx(cohen_kappa_score(one, two, labels=range(5), weights=weighted))


def test_full_agreement_keeps_a_width_that_shrinks_with_items():
    few, many = (fleiss_kappa(counted([(3, 0), (0, 3)] * times), rng()).interval for times in (3, 100))
    assert few.estimate == few.high == many.estimate == 1
    # Six items that agree leave open that 46 of 100 do not; of two labels as frequent each costs 2 at worst.
    assert few.low == pytest.approx(max(-1, 1 - 2 * (1 - 0.025 ** (1 / 6))))
    assert many.low == pytest.approx(1 - 2 * (1 - 0.025 ** (1 / 200)))


def test_one_label_alone_says_nothing_beyond_chance():
    for measure in (fleiss_kappa, cohen_kappa):
        found = measure(by_rater({"Ann": "xx", "Ben": "xx"}), rng())
        assert found.interval is None
        assert "'x'" in found.words
        assert "cannot be told" in found.words
    assert raw_agreement(by_rater({"Ann": "xx", "Ben": "xx"}), rng()).estimate == 1


@pytest.mark.parametrize("measure", [fleiss_kappa, raw_agreement])
def test_without_two_answers_there_is_nothing_to_compare(measure):
    for alone in (counted([(1, 0), (0, 1)]), by_rater({"Ann": "xy"}), by_rater({})):
        found = measure(alone, rng())
        assert found.interval is None
        assert "no item has two answers" in found.words


def test_two_raters_without_a_common_item():
    found = cohen_kappa(by_rater({"Ann": ["x", None], "Ben": [None, "y"]}), rng())
    assert found.interval is None
    assert "Ann and Ben answered no item both" in found.words


def test_cohen_asks_whom_it_compares():
    three = by_rater({"Ann": "xy", "Ben": "xy", "Cat": "yy"})
    assert cohen_kappa(three, rng(), ("Ann", "Ben")).estimate == 1
    with pytest.raises(InputError, match="3 raters, expected two"):
        cohen_kappa(three, rng())
    with pytest.raises(InputError, match="'Dan' answered nothing"):
        cohen_kappa(three, rng(), ("Ann", "Dan"))
    with pytest.raises(InputError, match="weights 'cubic'"):
        cohen_kappa(three, rng(), ("Ann", "Ben"), "cubic")


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3).filter(lambda row: sum(row) > 1), min_size=2, max_size=12))
@settings(max_examples=50, deadline=None)
def test_agreement_lies_in_its_interval_and_is_never_nan(counts):
    for measure in (fleiss_kappa, raw_agreement):
        found = measure(counted(counts), rng(), resamples=200)
        if found.interval is None:
            assert len([label for label in zip(*counts, strict=True) if sum(label)]) == 1
        else:
            assert found.interval.low <= found.estimate <= found.interval.high <= 1


def test_the_interval_covers_the_agreement_of_independent_raters():
    # Two labels as likely, three raters right with probability .8: kappa = (2 * .8 - 1) ** 2.
    draws, inside, rounds = np.random.default_rng(3), 0, 300
    for _ in range(rounds):
        truth = draws.integers(2, size=60)
        ones = ((draws.random((60, 3)) < 0.8) == truth[:, None].astype(bool)).sum(axis=1)
        kappa = fleiss_kappa(counted(np.column_stack([ones, 3 - ones]).tolist()), draws).interval
        inside += kappa.low <= 0.36 <= kappa.high
    assert 0.91 <= inside / rounds <= 0.98

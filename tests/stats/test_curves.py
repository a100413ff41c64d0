"""Learning curves and the saving read off them: exact, censored either way, and covering."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import isotonic_regression
from scipy.stats import norm

from bimetal.errors import InputError
from bimetal.stats import curve, saving
from bimetal.stats.curves import _isotonic

SIZES = [10, 100, 1000]


def answers(accuracies, seeds=4, items=400):
    """The first items right, as many as the accuracy says, under every seed."""
    right = np.arange(items) < np.round(np.asarray(accuracies)[:, None] * items)
    return np.repeat(right[:, None, :], seeds, axis=1)


def found(human, hybrid, target, **options):
    return saving(SIZES, answers(human), answers(hybrid), target, np.random.default_rng(1), **options)


def test_a_curve_has_one_interval_a_size():
    assert [each.estimate for each in curve(answers([0.5, 0.75]))] == [0.5, 0.75]


def test_a_saving_is_read_in_log_n_at_its_target():
    told = found([0.5, 0.7, 0.9], [0.6, 0.8, 0.9], 0.75)
    assert told.target == 0.75
    assert told.human_labels == pytest.approx(100 * 10**0.25)
    assert told.hybrid_labels == pytest.approx(10 * 10**0.75)
    assert told.saved.estimate == pytest.approx(1 - 10**-0.5)
    assert (told.censored, told.bound) == ("none", "exact")


@pytest.mark.parametrize(
    ("human", "hybrid", "labels", "estimate", "censored", "bound"),
    [
        ([0.5, 0.6, 0.7], [0.6, 0.75, 0.9], (None, 100), 0.9, "human", "at least"),
        ([0.5, 0.75, 0.9], [0.8, 0.85, 0.9], (100, 10), 0.9, "hybrid", "at least"),
        ([0.5, 0.6, 0.7], [0.8, 0.85, 0.9], (None, 10), 0.99, "both", "at least"),
        ([0.5, 0.75, 0.9], [0.5, 0.6, 0.7], (100, None), -9, "hybrid", "at most"),
        ([0.8, 0.85, 0.9], [0.5, 0.75, 0.9], (10, 100), -9, "human", "at most"),
    ],
)
def test_an_arm_that_leaves_the_sizes_gives_a_bound(human, hybrid, labels, estimate, censored, bound):
    told = found(human, hybrid, 0.75)
    assert (told.human_labels, told.hybrid_labels) == pytest.approx(labels)
    assert told.saved.estimate == pytest.approx(estimate)
    assert told.saved.low <= told.saved.estimate <= told.saved.high
    assert (told.censored, told.bound) == (censored, bound)


@pytest.mark.parametrize(("target", "labels"), [(0.95, None), (0.4, 10)])
def test_a_target_neither_or_both_meet_at_once_says_nothing_of_a_saving(target, labels):
    told = found([0.5, 0.7, 0.9], [0.6, 0.8, 0.9], target)
    assert (told.human_labels, told.hybrid_labels) == (labels, labels)
    assert (told.saved, told.censored, told.bound) == (None, "both", "unknown")


def test_the_same_generator_gives_the_same_saving_and_a_higher_level_a_wider_one():
    arms = [0.5, 0.7, 0.9], [0.6, 0.8, 0.9], 0.75
    assert found(*arms) == found(*arms)
    narrow, wide = found(*arms, level=0.8).saved, found(*arms, level=0.99).saved
    assert wide.low < narrow.low < narrow.high < wide.high


@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 7)), elements=st.floats(0, 1)))
def test_monotone_curves_are_those_of_scipy(curves):
    expected = [isotonic_regression(each).x for each in curves]
    np.testing.assert_allclose(_isotonic(curves), expected, atol=1e-12)


@pytest.mark.parametrize("sizes", [[0, 10, 100], [100, 10, 1000], [10, 100]])
def test_sizes_that_are_no_rising_label_counts_are_refused(sizes):
    arm = answers([0.5, 0.7, 0.9])
    with pytest.raises(InputError):
        saving(sizes, arm, arm, 0.7, np.random.default_rng(1))


def test_the_saving_covers_a_known_truth():
    """A gift of 60 labels on error .02 + .9 N^-.6; 150 runs, the smooth curve's own saving as the truth."""
    rng = np.random.default_rng(3)
    sizes = np.array([20, 50, 100, 200, 400, 1000])
    needed = (0.035 / 0.9) ** (-1 / 0.6)
    accuracy = np.stack([0.98 - 0.9 * (sizes + gift) ** -0.6 for gift in (0, 60)])
    middle = norm.ppf(accuracy)[..., None, None] * np.sqrt(1 + 0.1**2 + 1.5**2)
    covered = []
    for _ in range(150):
        effects = rng.normal(0, 0.1, (2, 6, 5, 1)) + rng.normal(0, 1.5, 500)
        human, hybrid = middle + effects + rng.normal(size=(2, 6, 5, 500)) > 0
        told = saving(sizes, human, hybrid, 0.945, rng).saved
        covered.append(told is not None and told.low <= 60 / needed <= told.high)
    assert np.mean(covered) >= 0.93

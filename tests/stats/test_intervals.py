"""Intervals against published values, scipy, and their own promised coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from bimetal.errors import InputError
from bimetal.stats import crossed, crossed_difference, crossed_effects, seed_t, wilson

MATRICES = st.tuples(st.integers(1, 4), st.integers(2, 12)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0]))
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_values_newcombe_published(successes, n, low, high):
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    found = wilson(successes, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_wilson_agrees_with_scipy(pair, level):
    found = wilson(*pair, level)
    expected = stats.binomtest(*pair).proportion_ci(level, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("pair", [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_share(pair):
    with pytest.raises(InputError, match="is not a share"):
        wilson(*pair)


def test_seed_t_agrees_with_scipy():
    values = [0.91, 0.935, 0.92, 0.9]
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    found = seed_t(values, 0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_seed_t_refuses_one_seed():
    with pytest.raises(InputError, match="no sample of seeds"):
        seed_t([0.9])


def test_the_mean_squares_are_those_of_a_worked_two_way_table():
    """MS_rows 3, MS_columns 19, MS_rest 0 by hand: rows differ by 2, columns by 1 and 5, nothing interacts."""
    effects = crossed_effects(np.array([[[1.0, 2, 6], [3, 4, 8]]]))
    assert effects.mean == pytest.approx([4])
    assert effects.covariance[0, 0] == pytest.approx((6 + 14) / 6)
    assert effects.df == pytest.approx((6 + 14) ** 2 / (6**2 / 1 + 14**2 / 2))


def test_one_seed_of_right_and_wrong_is_wilson_itself():
    found, expected = crossed(np.repeat([[1, 0]], [18, 2], axis=1)), wilson(18, 20)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@given(MATRICES)
def test_an_accuracy_lies_inside_an_interval_that_has_a_width(values):
    found = crossed(values)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    assert found.high - found.low > 1 / values.size


@given(MATRICES)
def test_equal_arms_are_not_taken_for_certainly_equal(values):
    found = crossed_difference(values, values)
    assert found.low < 0 == found.estimate < found.high


@given(MATRICES)
def test_swapping_the_arms_turns_the_difference_around(values):
    other = values[:, ::-1]
    there, back = crossed_difference(values, other), crossed_difference(other, values)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_contributions_outside_0_and_1_are_bounded_like_the_score_they_average_to():
    """Each class weighs alike: 90 items, all right, and 10 half right, as balanced accuracy linearises them."""
    values = np.repeat([[0.75, 0.75 + 0.5 / 0.2, 0.75 - 0.5 / 0.2]], [90, 5, 5], axis=1)
    found = crossed(values)
    error = values.std() / 10
    assert 0 < found.low < found.estimate < found.high < 1
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_a_score_below_zero_gets_a_t_interval():
    values = np.random.default_rng(0).normal(-0.5, 1, (4, 40))
    found = crossed(values)
    assert found.estimate == pytest.approx((found.low + found.high) / 2)


def test_differences_of_unbounded_contributions_are_not_cut_off():
    values = np.random.default_rng(0).normal(2, 1, (4, 40))
    assert crossed_difference(values, np.zeros((4, 40))).high > 1


@pytest.mark.parametrize("values", [[0.5, 1], [[np.inf, 0]], [[np.nan, 1]], [[1.0]]])
def test_what_is_no_score_is_refused(values):
    with pytest.raises(InputError):
        crossed(values)


def test_arms_on_other_items_cannot_be_paired():
    with pytest.raises(InputError, match="cannot be paired"):
        crossed_difference(np.ones((2, 5)), np.ones((2, 4)))


@pytest.mark.parametrize(("seed_sd", "item_sd"), [(0.35, 0.1), (0.03, 2.0), (0.2, 1.5)])
def test_nominal_95_percent_covers_93_to_97(seed_sd, item_sd):
    """Probit random effects around an accuracy of .9; 600 runs, so one standard error is .009."""
    rng = np.random.default_rng(8)
    middle = stats.norm.ppf(0.9) * np.sqrt(1 + seed_sd**2 + item_sd**2)
    covered = []
    for _ in range(600):
        seed, item = rng.normal(0, seed_sd, (5, 1)), rng.normal(0, item_sd, 300)
        found = crossed(middle + seed + item + rng.normal(size=(5, 300)) > 0)
        covered.append(found.low <= 0.9 <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.97

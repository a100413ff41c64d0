"""Superiority and non-inferiority: agreement with the interval and with scipy, and error rates kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bimetal.errors import InputError
from bimetal.stats import clustered, crossed_difference, difference_test


@given(st.integers(0, 10**6), st.floats(0, 0.2))
def test_a_p_below_half_of_alpha_is_an_interval_above_the_margin(seed, margin):
    rng = np.random.default_rng(seed)
    ahead, behind = (rng.random((4, 40)) < rng.uniform(0.5, 0.9, (4, 1)) for _ in range(2))
    found = difference_test(ahead, behind, margin)
    assert found.difference == crossed_difference(ahead, behind)
    assert (found.p_noninferior < 0.025) == (found.difference.low > -margin)
    assert (found.p_superior < 0.025) == (found.difference.low > 0)
    assert found.p_noninferior <= found.p_superior


def test_one_seed_of_many_items_is_the_paired_z_test():
    rng = np.random.default_rng(0)
    ahead, behind = rng.normal(0.2, 1, (1, 4000)), rng.normal(0.15, 1, (1, 4000))
    expected = stats.ttest_rel(ahead[0], behind[0], alternative="greater").pvalue
    assert difference_test(ahead, behind).p_superior == pytest.approx(expected, abs=2e-3)


def test_swapped_arms_have_the_other_tail():
    rng = np.random.default_rng(1)
    ahead, behind = rng.random((3, 50)) < 0.8, rng.random((3, 50)) < 0.7
    there, back = difference_test(ahead, behind), difference_test(behind, ahead)
    assert there.p_superior + back.p_superior == pytest.approx(1)


@pytest.mark.parametrize(("gap", "low", "high"), [(-0.02, 0.01, 0.045), (0.0, 0.4, 1.0)])
def test_an_arm_worse_by_the_margin_is_called_good_enough_at_most_so_often(gap, low, high):
    """At the edge of the margin 2.5 % of 800 trials, within three standard errors (.006); at equality the power."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(800):
        ease = 1.5 * rng.normal(size=1000)
        centre = stats.norm.ppf([0.9, 0.9 + gap]) * (1 + 1.5**2 + 0.05**2) ** 0.5
        seeds = rng.normal(0, 0.05, (2, 5, 1))
        behind, ahead = centre[:, None, None] + ease + seeds + rng.normal(size=(2, 5, 1000)) > 0
        found.append(difference_test(ahead, behind, 0.02).p_noninferior < 0.025)
    assert low <= np.mean(found) <= high


def test_groups_are_tested_by_their_sums():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(50), 20)
    better = rng.normal(0, 0.3, 50)[groups]
    ahead = (rng.random((3, 1000)) < 0.7 + better).astype(float)
    behind = (rng.random((3, 1000)) < 0.7).astype(float)
    robust = difference_test(clustered(ahead, groups), clustered(behind, groups))
    assert robust.difference.estimate == pytest.approx((ahead - behind).mean())
    plain = difference_test(ahead, behind).difference
    assert robust.difference.high - robust.difference.low > 1.5 * (plain.high - plain.low)


@pytest.mark.parametrize("margin", [-0.01, 1.0])
def test_a_margin_that_is_none_is_refused(margin):
    with pytest.raises(InputError, match="no tolerated loss"):
        difference_test(np.ones((2, 5)), np.ones((2, 5)), margin)

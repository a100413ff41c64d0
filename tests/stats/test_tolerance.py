"""The order-statistic bound keeps its promise, agrees with Wilks's table, and says so where the sample is too small."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from bimetal.errors import InputError
from bimetal.stats.tolerance import share_covered, upper_tolerance


@pytest.mark.parametrize(
    ("coverage", "confidence", "least"), [(0.9, 0.95, 29), (0.95, 0.95, 59), (0.99, 0.95, 299), (0.9, 0.99, 44)]
)
def test_the_smallest_samples_are_those_of_wilks(coverage, confidence, least):
    """Wilks (1941): n is the least with coverage^n <= 1 - confidence."""
    assert upper_tolerance(range(least - 1), coverage, confidence) == math.inf
    assert upper_tolerance(range(least), coverage, confidence) == least - 1


@given(st.integers(1, 400), st.floats(0.5, 0.99), st.floats(0.5, 0.99))
def test_the_rank_is_the_least_that_is_sure_enough(n, coverage, confidence):
    bound = upper_tolerance(np.arange(1, n + 1), coverage, confidence)
    surely = [rank for rank in range(1, n + 1) if binom.cdf(rank - 1, n, coverage) >= confidence]
    assert bound == (surely[0] if surely else math.inf)


def test_it_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered = [1 - math.exp(-upper_tolerance(rng.exponential(size=60))) >= 0.9 for _ in range(2000)]
    assert binomtest(sum(covered), len(covered), 0.95, "less").pvalue > 0.001


def test_ties_only_make_it_more_careful():
    rng = np.random.default_rng(2)
    tied = [upper_tolerance(np.round(rng.random(80), 1)) >= 0.9 - 0.05 for _ in range(500)]
    assert np.mean(tied) >= 0.93


def test_a_share_from_below_is_the_exact_interval():
    exact = binomtest(37, 40).proportion_ci(confidence_level=0.9, method="exact").low
    assert share_covered(37, 40, 0.95) == pytest.approx(exact)


@pytest.mark.parametrize("shares", [(0, 0.95), (1, 0.95), (0.9, 0), (0.9, 1)])
def test_shares_beyond_their_range_are_refused(shares):
    with pytest.raises(InputError, match="give a share between 0 and 1"):
        upper_tolerance([1.0], *shares)


def test_what_was_not_measured_is_refused():
    with pytest.raises(InputError, match="not a number"):
        upper_tolerance([0.1, math.nan])

"""Ratios of shares: a published example, order, zeros, and simultaneous coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import relative_risk

from bimetal.errors import InputError
from bimetal.stats import amplification, share_ratio


def test_the_ratio_nears_the_relative_risk_of_scipy_as_counts_grow():
    found = share_ratio(6000, 10_000, 3000, 10_000)
    expected = relative_risk(6000, 10_000, 3000, 10_000)
    interval = expected.confidence_interval(0.95)
    assert found.estimate == pytest.approx(expected.relative_risk, rel=1e-3)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-3)


@given(st.integers(0, 50), st.integers(0, 50))
def test_swapping_the_shares_inverts_the_ratio(a, b):
    there, back = share_ratio(a, 50, b, 50), share_ratio(b, 50, a, 50)
    assert (there.low, there.estimate, there.high) == pytest.approx((1 / back.high, 1 / back.estimate, 1 / back.low))


def test_nothing_seen_twice_is_no_finding():
    found = share_ratio(0, 100, 0, 100)
    assert found.estimate == 1
    assert found.low < 0.1
    assert found.high > 10


def test_all_ratios_are_covered_at_once():
    rng = np.random.default_rng(1)
    shares = np.array([0.6, 0.3, 0.08, 0.02])
    pairs = [(rng.multinomial(400, shares), rng.multinomial(400, shares)) for _ in range(300)]
    covered = [all(each.low <= 1 <= each.high for each in amplification(*pair)) for pair in pairs]
    assert np.mean(covered) >= 0.93


def test_an_amplified_category_stands_out():
    first, second = amplification([900, 100], [700, 300])
    assert first.high < 1 < second.low
    assert second.level == 0.95


@pytest.mark.parametrize("counts", [([1, 2], [1]), ([], []), ([0, 0], [1, 2])])
def test_counts_that_cannot_be_compared_are_refused(counts):
    with pytest.raises(InputError):
        amplification(*counts)

"""Distributions hit their three quantiles exactly; the hypercube and the Poisson counts are what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson as scipy_poisson

from bimetal.cost.spread import latin, poisson, through

amounts = st.lists(st.floats(1e-6, 1e9), min_size=3, max_size=3).map(sorted)
shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


@given(amounts)
def test_amounts_have_exactly_these_quantiles(quantiles):
    assert np.allclose(through(quantiles, [0.1, 0.5, 0.9]), quantiles, rtol=1e-9)


@given(shares)
def test_shares_have_exactly_these_quantiles_and_stay_shares(quantiles):
    assert np.allclose(through(quantiles, [0.1, 0.5, 0.9], share=True), quantiles, rtol=1e-9, atol=1e-12)
    drawn = through(quantiles, np.linspace(1e-9, 1 - 1e-9, 101), share=True)
    assert drawn.min() >= 0
    assert drawn.max() <= 1


@given(amounts)
def test_a_larger_rank_never_gives_less(quantiles):
    assert (np.diff(through(quantiles, np.linspace(0.001, 0.999, 201))) >= 0).all()


def test_nothing_is_drawn_below_zero():
    assert through((0, 1, 5), np.linspace(1e-6, 0.999, 101)).min() == 0


def test_a_lognormal_is_a_lognormal():
    """Equal halves on the log scale give the lognormal itself; its mean is exp(mu + sigma^2 / 2)."""
    sigma = np.log(2) / 1.2815515655446004
    drawn = through((1, 2, 4), latin(1, 200_000, np.random.default_rng(0))[0])
    assert drawn.mean() == pytest.approx(2 * np.exp(sigma**2 / 2), rel=1e-3)


def test_each_stratum_holds_one_draw():
    u = latin(5, 1000, np.random.default_rng(1))
    assert (np.sort((u * 1000).astype(int), axis=1) == np.arange(1000)).all()
    assert np.abs(np.corrcoef(u) - np.eye(5)).max() < 0.12  # as independent as permutations are
    assert np.abs(u.mean(axis=1) - 0.5).max() < 1e-4  # plain draws would be off by .009


@pytest.mark.parametrize("mean", [0.0, 0.3, 2.0, 40.0])
def test_poisson_counts_have_their_mean_and_variance(mean):
    counts = poisson(latin(1, 100_000, np.random.default_rng(2))[0], mean)
    assert counts.mean() == pytest.approx(mean, rel=1e-2)
    assert counts.var() == pytest.approx(mean, rel=2e-2)
    assert np.mean(counts == 0) == pytest.approx(scipy_poisson.pmf(0, mean), abs=1e-3)

"""Noise has exactly the distribution it claims, conversions agree with published bounds, and no budget is overspent."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, norm

from bimetal.errors import InputError
from bimetal.generators._private.account import Budget, delta_of, rho_for
from bimetal.generators._private.exact import LARGEST, Noise
from bimetal.generators._private.purse import Purse

SECRET = bytes(range(32))
FALSE_ALARM = 1e-4  # the bits are fixed, so these tests either always pass or never


def fits(drawn, support, weight):
    """Chi-square p of whole numbers against weights, the rest pooled on either side."""
    inside = np.abs(drawn) <= support
    wide = np.arange(-200 * support, 200 * support + 1)
    law = weight(wide) / weight(wide).sum()
    middle = np.abs(wide) <= support
    counts = np.append(np.bincount(drawn[inside] + support, minlength=2 * support + 1), (~inside).sum())
    return chisquare(counts, np.append(law[middle], law[~middle].sum()) * len(drawn)).pvalue


@pytest.mark.parametrize("variance", [1, 2, 30, 1000])
def test_gaussian_noise_is_discrete_gaussian(variance):
    drawn = Noise(SECRET).gaussian(variance, 60_000)
    assert fits(drawn, int(2 * sqrt(variance)), lambda x: np.exp(-(x**2) / (2 * variance))) > FALSE_ALARM


@pytest.mark.parametrize("scale", [1, 2, 9, 40])
def test_laplace_noise_is_discrete_laplace(scale):
    drawn = Noise(SECRET).laplace(scale, 60_000)
    assert fits(drawn, 2 * scale, lambda x: np.exp(-np.abs(x) / scale)) > FALSE_ALARM


def test_a_choice_falls_in_proportion_to_exponentials():
    noise, scores = Noise(SECRET), np.array([0, 7, 14, 20])
    drawn = [noise.choice(scores, 1, 10) for _ in range(1500)]
    law = np.exp(scores / 10)
    assert chisquare(np.bincount(drawn, minlength=4), 1500 * law / law.sum()).pvalue > FALSE_ALARM


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_coin_falls_heads_with_its_exponential(numerator, denominator):
    heads = Noise(SECRET).heads(np.full(4000, numerator), denominator).sum()
    chance = exp(-numerator / denominator)
    assert abs(heads - 4000 * chance) < 6 * sqrt(4000 * chance * (1 - chance)) + 1


def test_whole_numbers_fall_evenly_below_any_limit():
    for limit in (1, 2, 3, 1000, 2**61 + 1):
        drawn = Noise(SECRET).below(np.full(30_000, limit))
        assert drawn.min() >= 0
        assert drawn.max() < limit
        assert chisquare(np.histogram(drawn / limit, 10, (0, 1))[0]).pvalue > FALSE_ALARM or limit < 10
    assert set(Noise(SECRET).below(np.full(999, 3)).tolist()) == {0, 1, 2}


def test_the_same_secret_gives_the_same_noise_and_another_gives_another():
    first, again, other = (Noise(each).gaussian(100, 50).tolist() for each in (SECRET, SECRET, bytes(32)))
    assert first == again != other


@pytest.mark.parametrize("ask", [lambda noise: noise.laplace(LARGEST + 1, 1), lambda noise: noise.gaussian(10**9, 1)])
def test_noise_whose_arithmetic_would_not_fit_is_refused(ask):
    with pytest.raises(InputError, match="expected at most 4,096"):
        ask(Noise(SECRET))


def test_a_short_secret_is_refused():
    with pytest.raises(InputError, match="got 3 secret bytes"):
        Noise(b"abc")


@pytest.mark.parametrize(("rho", "epsilon"), [(0.01, 1.0), (0.05, 1.5), (0.5, 4.0)])
def test_delta_lies_between_the_gaussian_mechanisms_own_and_the_classic_bound(rho, epsilon):
    """The exact curve of one Gaussian (Balle and Wang 2018, theorem 8) from below; Bun and Steinke 2016 from above."""
    mu = sqrt(2 * rho)
    exact = norm.cdf(mu / 2 - epsilon / mu) - exp(epsilon) * norm.cdf(-mu / 2 - epsilon / mu)
    classic = exp(-((epsilon - rho) ** 2) / (4 * rho))
    assert exact <= delta_of(rho, epsilon) <= classic


@settings(deadline=None)
@given(st.floats(0.05, 20), st.floats(1e-9, 1e-3))
def test_the_budget_found_keeps_what_was_promised_and_beats_the_classic_conversion(epsilon, delta):
    rho = rho_for(epsilon, delta)
    assert delta_of(rho, epsilon) <= delta
    assert rho >= (sqrt(log(1 / delta) + epsilon) - sqrt(log(1 / delta))) ** 2 * (1 - 1e-6)


def test_a_purse_pays_no_more_than_it_holds():
    purse = Purse(Budget(1.0, 1e-6), Noise(SECRET))
    half = purse.budget.whole / 2
    purse.counted("one", np.zeros(3, np.int64), half)
    purse.chosen("two", np.array([1, 2]), half)
    assert purse.spent <= purse.budget.whole
    with pytest.raises(AssertionError, match="overspend"):
        purse.counted("three", np.zeros(3, np.int64), half)


@pytest.mark.parametrize("delta", [1e-6, 1e-3])
def test_a_name_of_one_row_alone_is_kept_no_oftener_than_its_share_of_delta(delta):
    """With delta raised so far that it can be seen: 40,000 names that one row has, in one class of two."""
    budget = Budget(1.0, delta)
    purse, cost, many = Purse(budget, Noise(SECRET)), budget.whole, 40_000
    single = np.column_stack([np.ones(many, np.int64), np.zeros(many, np.int64)])
    kept = purse.named(purse.counted("names", single, cost), cost, share=1.0)
    assert len(kept) / many <= budget.hidden + 4 * sqrt(budget.hidden / many)
    assert purse.hidden == budget.hidden


@pytest.mark.parametrize(
    ("epsilon", "delta"), [(0, 1e-6), (-1, 1e-6), (float("nan"), 0), (float("inf"), 0), (1, 1), (1, -1)]
)
def test_a_budget_of_nothing_or_of_everything_is_refused(epsilon, delta):
    with pytest.raises(InputError, match="expected"):
        Budget(epsilon, delta)

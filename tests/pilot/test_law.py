"""The effective-sample law: its formula, its recovery from scores, and the words for what it cannot express."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from bimetal.errors import InputError
from bimetal.pilot.law import PARAMETERS, Law, known_law
from bimetal.pilot.law_fit import Points, fit_law
from bimetal.pilot.law_squares import Squares

TRUTH = known_law(E=0, A=3, b=0.8, kappa=0.4, n_inf=150)
SIZES = (20, 50, 100, 200)
HUMAN = [(n, 0) for n in SIZES]
CELLS = [*HUMAN, *((n, ratio * n) for n in SIZES for ratio in (3, 10)), (0, 100), (0, 400), (0, 2000)]


def points(cells=CELLS, law=TRUTH, chance=0.0, seeds=5, items=1000, change=None):
    """Scores whose mean error follows a law, seeds and items random; `change` maps errors to what was measured."""
    n, m = np.array(cells, float).T
    rng = np.random.default_rng(1)
    errors = law.error(n, m)
    errors = errors if change is None else change(n, m, errors)
    hard = rng.random((1, 1, items))
    luck = np.exp(0.03 * rng.standard_normal((len(n), seeds, 1)))
    wrong = 0.7 * hard + 0.3 * rng.random((len(n), seeds, items)) < _quantile(errors)[:, None, None] * luck
    return Points(n, m, 1.0 - wrong, chance)


def _quantile(share):
    """Quantiles of 0.7 u + 0.3 v, u and v uniform."""
    rng = np.random.default_rng(0)
    return np.quantile(0.7 * rng.random(200_000) + 0.3 * rng.random(200_000), np.clip(share, 0, 1))


def fitted(*arguments, draws=100, **options):
    return fit_law(points(*arguments, **options), np.random.default_rng(2), draws)


def test_the_worth_of_synthetic_items_is_bounded():
    assert TRUTH.effective(0) == 0
    assert TRUTH.effective(1) == pytest.approx(1 / (1 / 0.4 + 1 / 150))
    assert TRUTH.effective(1e12) == pytest.approx(150)


def test_small_errors_follow_the_power_law_and_no_data_guess():
    law = known_law(E=0.02, A=2, b=0.7, kappa=0.4, n_inf=150)
    assert law.error(1e7) - 0.02 == pytest.approx(2 * 1e7**-0.7, rel=1e-4)
    assert law.error(0, 0) == 1


@given(st.floats(0.5, 3), st.floats(0.3, 1.5), st.floats(0, 0.04), st.floats(0.05, 0.9))
def test_what_is_needed_reaches_the_error(scale, slope, floor, err):
    law = known_law(floor, scale, slope, 0.5, 150)
    assert law.error(law.needed(err)) == pytest.approx(err)


def test_no_amount_goes_below_the_floor():
    assert known_law(E=0.1, A=1, b=0.5, kappa=1, n_inf=10).needed(0.1) == np.inf
    assert known_law(E=0.1, A=1, b=0.5, kappa=1, n_inf=10).needed(1) == 0


@pytest.mark.parametrize("floored", [False, True])
def test_the_derivatives_are_those_of_the_residuals(floored):
    n, m = np.array(CELLS, float).T
    ones = np.ones(len(n))
    squares = Squares(n, m, 0.2 * ones, 0.1 * ones, floored, 70.0, 0.9)
    at = np.array([-1.2, -0.3, -0.5, 4.5, 0.4])[: 5 if floored else 4]
    numeric = approx_fprime(at, lambda unknowns: squares.curve(unknowns) / 0.1, 1e-7)
    assert squares.slopes(at)[: len(n)] == pytest.approx(numeric, rel=1e-4, abs=1e-4)


def test_a_known_law_is_recovered():
    law = fitted()
    assert law.fits
    assert law.why == ""
    assert law.identified == ("kappa", "n_inf")
    for name in ("b", "kappa", "n_inf"):
        bounds = getattr(law, name)
        assert bounds.low < getattr(TRUTH, name).estimate < bounds.high
        assert bounds.high / bounds.low < 8
    assert law.residual < 0.02
    assert law.draws.shape == (100, 5)


def test_few_labels_foretell_many():
    law = fitted([cell for cell in CELLS if cell[0] <= 100])
    for amounts in ((400, 0), (400, 4000), (1000, 0)):
        foretold = law.predicted(*amounts)
        assert foretold.low < TRUTH.error(*amounts) < foretold.high
        assert foretold.estimate == pytest.approx(TRUTH.error(*amounts), abs=0.02)


def test_the_same_seed_fits_the_same_law():
    assert np.array_equal(fitted(draws=10).draws, fitted(draws=10).draws)


def test_a_floor_is_fitted_from_five_human_sizes_on():
    law = known_law(E=0.08, A=3, b=0.8, kappa=0.4, n_inf=150)
    assert fitted(law=law, draws=20).E.high == 0
    more = [*CELLS, (400, 0), (800, 0), (3000, 0)]
    found = fitted(more, law)
    assert found.E.low < 0.08 < found.E.high
    assert found.E.estimate == pytest.approx(0.08, abs=0.03)


def test_people_alone_leave_the_worth_of_synthetic_items_as_unknown_as_before():
    law = fitted(HUMAN)
    assert law.fits
    assert law.identified == ()
    assert law.kappa.low < 0.1
    assert law.kappa.high > 2.5
    assert "kappa" in law.why
    assert "n_inf" in law.why


def test_harm_is_said():
    law = fitted(change=lambda n, m, err: np.where((n == 200) & (m > 0), err + 0.15, err))
    assert not law.fits
    assert "harm beside 200 human labels" in law.why


def test_a_curve_that_does_not_fall_is_said():
    law = fitted(change=lambda n, m, err: np.where(m == 0, 0.3, err))
    assert not law.fits
    assert "does not fall" in law.why


def test_synthetic_data_no_better_than_guessing_are_said():
    law = fitted(chance=0.1, change=lambda n, m, err: np.where(n == 0, 0.95, np.minimum(err, 0.9)))
    assert not law.fits
    assert "no better than guessing" in law.why


def test_a_misfit_is_said():
    """Self-training moves whole arms: here synthetic data alone are far better than their worth beside people."""
    law = fitted(change=lambda n, m, err: np.where(n == 0, 0.03, err))
    assert not law.fits
    assert law.p < 0.02
    assert "off the law" in law.why


def test_a_perfect_score_is_no_perfect_law():
    law = fitted(change=lambda n, m, err: np.where((n == 200) & (m > 0), 0, err), draws=20)
    assert (law.draws[:, 1:] > 0).all()
    assert law.error(400, 4000) > 0


@pytest.mark.parametrize("seed", range(8))
def test_any_scores_give_some_law(seed):
    rng = np.random.default_rng(seed)
    n = np.concatenate([[5, 50], rng.integers(1, 300, seed)])
    m = np.concatenate([[0, 0], rng.integers(0, 5000, seed)])
    shape = (len(n), rng.integers(1, 5), rng.integers(2, 60))
    values = rng.random(shape) < rng.choice([0, 0.02, 0.5, 1], (len(n), 1, 1))
    law = fit_law(Points(n, m, values.astype(float), rng.choice([0, 0.1, 0.9])), rng, 10)
    assert np.isfinite(law.draws).all()
    assert (law.draws[:, 1:] > 0).all()
    assert (law.draws[:, 0] < law.guess).all()


def test_scores_that_are_no_shares_fit_too():
    given_points = points()
    spread = Points(given_points.n, given_points.m, 1.3 * given_points.values - 0.3)
    assert fit_law(spread, np.random.default_rng(1), 20).residual < 0.03


def test_a_law_is_written_and_read():
    law = fitted(draws=20)
    again = Law.from_json(json.loads(json.dumps(law.json())))
    assert again.json() == law.json()
    assert again.error(77, 88) == law.error(77, 88)
    assert {name for name in PARAMETERS if getattr(again, name) == getattr(law, name)} == set(PARAMETERS)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.pop("draws"),
        lambda told: told.update(draws=[]),
        lambda told: told.update(draws=[[0, 1, 1, 1]]),
        lambda told: told.update(draws=[[0, 1, 1, 0, 1]]),
        lambda told: told.update(draws=[[-1, 1, 1, 1, 1]]),
        lambda told: told.update(kappa=3),
        lambda told: told.update(guess=0),
        lambda told: told.update(E="x"),
    ],
)
def test_what_is_no_law_is_refused(change):
    told = TRUTH.json()
    change(told)
    with pytest.raises(InputError):
        Law.from_json(told)


@pytest.mark.parametrize("told", [None, 3, [], "law"])
def test_other_values_are_no_law(told):
    with pytest.raises(InputError):
        Law.from_json(told)


@pytest.mark.parametrize(
    ("n", "m"),
    [([20, 50], [0]), ([20, 0], [0, 0]), ([20, 50], [0, -1]), ([20, 20], [0, 100]), ([20, np.nan], [0, 0])],
)
def test_cells_that_cannot_be_fitted_are_refused(n, m):
    with pytest.raises(InputError):
        Points(np.array(n, float), np.array(m, float), np.ones((len(n), 2, 5)))

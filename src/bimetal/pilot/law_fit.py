"""Fit the effective-sample law to a pilot's cells: weighted least squares with weak stated priors, drawn many times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.pilot.law import Law, bounds_of, error
from bimetal.pilot.law_faults import contradictions, unidentified
from bimetal.pilot.law_squares import PRIORS, Squares
from bimetal.stats import Effects, crossed_effects

if TYPE_CHECKING:
    from bimetal.types import FloatArray

DISCREPANCY = 0.1  # the law is taken to hold within this share of the error, cell by cell
START = 0.3  # of sqrt(E / smallest error seen), where redrawn cells are fitted from: at 0 it has no slope to leave by
SIZES_FOR_A_FLOOR = 5  # a floor E and a slope b cannot be told apart on fewer human sizes


@dataclass(frozen=True)
class Points:
    """A pilot's cells: n human labels and m synthetic items of shape (k,), and scores of shape (k, seeds, units).

    A cell's score is the mean of its values, 1 at best, and its error 1 less that. Cells with m = 0 are people alone,
    with n = 0 synthetic data alone. `chance` is the score of guessing, 0 where nothing can be guessed.
    """

    n: FloatArray
    m: FloatArray
    values: FloatArray
    chance: float = 0.0

    def __post_init__(self) -> None:
        n, m = self.n, self.m
        if n.shape != m.shape or n.ndim != 1 or len(n) != len(self.values):
            raise InputError(
                f"n of shape {n.shape}, m of shape {m.shape} and {len(self.values)} cells do not fit",
                "give one n and one m a cell",
            )
        if not np.isfinite([n, m]).all() or (n < 0).any() or (m < 0).any() or (n + m == 0).any():
            raise InputError("a cell has no rows to learn from", "give n and m of zero or more, not both zero")
        if not self.chance < 1:
            raise InputError(f"the score of guessing is {self.chance}", "give a number below 1")
        if self.human_sizes < 2:
            raise InputError(
                f"people alone were measured at {self.human_sizes} sizes, the law needs 2 or more",
                "run the human arm at more sizes",
            )

    @property
    def human_sizes(self) -> int:
        """Distinct sizes at which people alone were measured."""
        return len(np.unique(self.n[self.m == 0]))


def fit_law(points: Points, rng: np.random.Generator, draws: int = 200) -> Law:
    """Fit the law, and fit it again to `draws` redrawn sets of cell means, so that a plan can ask how sure it is.

    Residuals weigh by the crossed variance of their cell plus a discrepancy of 10 % of its error. Cell means are
    redrawn jointly from a multivariate t with the crossed covariance, the discrepancy and the priors' centres with
    them (randomised maximum likelihood: Oliver et al. 1996; Bardsley et al. 2014), so that what the cells cannot tell
    stays as wide as the prior. E is fitted from five human sizes on, else 0. Raises InputError for unusable cells.

    >>> n, m = np.array([20, 50, 100, 200, 20, 50, 100, 0, 0]), np.array([0, 0, 0, 0, 200, 500, 1000, 200, 1000])
    >>> rng = np.random.default_rng(1)
    >>> accuracy = 1 - 2 * (n + 1 / (1 / np.maximum(0.4 * m, 1e-9) + 1 / 150)) ** -0.7
    >>> values = rng.random((9, 5, 2000)) < accuracy[:, None, None]
    >>> law = fit_law(Points(n, m, values), rng)
    >>> law.fits, law.kappa.low < 0.4 < law.kappa.high, law.n_inf.low < 150 < law.n_inf.high
    (True, True, True)
    """
    effects = crossed_effects(points.values)
    problem, best = _fitted(points, effects)
    noise = _noise(effects, problem.spread, rng, draws)
    observed = np.maximum(problem.observed + noise, problem.observed / 4)  # a draw never makes an error negative
    centres = problem.centres(rng, draws)
    start = [np.append(best[:4], START)[: len(best)]]
    fits = [problem.solve(start, each, centre) for each, centre in zip(observed, centres, strict=True)]
    estimates, drawn = problem.natural(best), np.array([problem.natural(each) for each in fits])
    p = problem.misfit(best, noise)
    against = contradictions(points, effects, p)
    unknown = unidentified(drawn, PRIORS)
    return Law(
        **bounds_of(estimates, drawn),
        draws=drawn,
        residual=float(np.abs(error(estimates, points.n, points.m, problem.guess) - (1 - effects.mean)).mean()),
        p=p,
        fits=not against,
        why="; ".join([*against, *unknown.values()]),
        identified=tuple(name for name in ("kappa", "n_inf") if name not in unknown),
        guess=problem.guess,
        measured=float(points.n.max()),
    )


def _fitted(points: Points, effects: Effects) -> tuple[Squares, FloatArray]:
    """Fit twice: the discrepancy is a share of the observed error first, then of the fitted one."""
    floored = points.human_sizes >= SIZES_FOR_A_FLOOR
    n, m, guess = points.n, points.m, 1 - points.chance
    observed = np.maximum(1 - effects.mean, 0.5 / np.shape(points.values)[2])  # no error seen is not no error
    middle = float(np.exp(np.log(n[m == 0]).mean()))
    variance = np.diag(effects.covariance)
    spread = np.sqrt(variance + (DISCREPANCY * observed) ** 2)
    first = Squares(n, m, observed, spread, floored, middle, guess)
    unknowns = first.solve(first.starts())
    again = np.sqrt(variance + (DISCREPANCY * first.curve(unknowns)) ** 2)
    second = Squares(n, m, observed, again, floored, middle, guess)
    return second, second.solve([unknowns])


def _noise(effects: Effects, spread: FloatArray, rng: np.random.Generator, draws: int) -> FloatArray:
    """Draw errors of the cell means, shape (draws, k): a multivariate t, and each cell's own discrepancy."""
    roots, directions = np.linalg.eigh(effects.covariance)
    shared = rng.standard_normal((draws, len(roots))) * np.sqrt(np.maximum(roots, 0)) @ directions.T
    heavy = np.sqrt(rng.chisquare(effects.df, (draws, 1)) / effects.df) if np.isfinite(effects.df) else 1.0
    own = np.sqrt(np.maximum(spread**2 - np.diag(effects.covariance), 0))
    return np.asarray(shared / heavy + own * rng.standard_normal((draws, len(roots))))

"""The law's least squares: curve, derivatives and priors on unbounded unknowns, solved by Levenberg-Marquardt."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bimetal.pilot.law import effective, error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.types import FloatArray

# Before anything is measured: log-normal, the median and the standard deviation of the logarithm.
PRIORS = {"b": (1.0, 0.7), "kappa": (0.5, 1.5), "n_inf": (150.0, 2.0)}
FLOOR_SPREAD = 0.5  # of sqrt(E / smallest error seen), around 0: the floor is rarely above what was seen
LOW, HIGH = np.array([-40.0, -5, -20, -20]), np.array([10.0, 3, 20, 40])  # logarithms; a step beyond would overflow
TOP = 0.95  # of the error of guessing: a floor as high leaves nothing to learn
_CENTRES = np.array([*np.log([median for median, _ in PRIORS.values()]), 0.0])
_SPREADS = np.array([*(spread for _, spread in PRIORS.values()), FLOOR_SPREAD])


@dataclass(frozen=True)
class Squares:
    """Cells to fit, and the spread their residuals are measured in, all of shape (k,).

    Unknowns are log A', log b, log kappa, log n_inf and, where `floored`, v: A' is the error above E at `middle`
    labels by the power law, and E = v^2 times the smallest error seen, so that no unknown has a bound.
    """

    n: FloatArray
    m: FloatArray
    observed: FloatArray
    spread: FloatArray
    floored: bool
    middle: float
    guess: float

    @property
    def priors(self) -> int:
        """Unknowns that have a prior: all but the first."""
        return 4 if self.floored else 3

    def centres(self, rng: np.random.Generator, draws: int) -> FloatArray:
        """Draw the priors' centres, shape (draws, priors)."""
        drawn = _CENTRES + _SPREADS * rng.standard_normal((draws, len(_CENTRES)))
        return np.asarray(drawn[:, : self.priors])

    def solve(
        self, starts: Sequence[FloatArray], observed: FloatArray | None = None, centres: FloatArray = _CENTRES
    ) -> FloatArray:
        """Minimise from the best of the starts."""
        from scipy.optimize import least_squares

        aim = self.observed if observed is None else observed
        centres, spreads = centres[: self.priors], _SPREADS[: self.priors]

        def residuals(unknowns: FloatArray) -> FloatArray:
            return np.concatenate([(self.curve(unknowns) - aim) / self.spread, (unknowns[1:] - centres) / spreads])

        start = min(starts, key=lambda each: float(np.sum(residuals(each) ** 2)))
        return np.asarray(least_squares(residuals, start, jac=self.slopes, method="lm", max_nfev=200).x)

    def starts(self) -> list[FloatArray]:
        """A coarse grid, its heights by the mean of the logarithms."""
        found = []
        for slope, kappa, n_inf, root in product((0.3, 0.7, 1.2), (0.05, 0.5, 2), (20, 150, 2000), (0.1, 0.7)):
            x = self.n + effective(self.m, kappa, n_inf)
            floor = root**2 * self._scale if self.floored else 0
            above = self.observed - floor
            height = np.mean(np.log(above) + slope * np.log(x / self.middle))
            found.append(np.array([height, *np.log([slope, kappa, n_inf]), root])[: 1 + self.priors])
        return found

    def curve(self, unknowns: FloatArray) -> FloatArray:
        """The law's error at every cell."""
        return np.asarray(error(self.natural(unknowns), self.n, self.m, self.guess))

    def natural(self, unknowns: FloatArray) -> FloatArray:
        """Spell the unknowns as E, A, b, kappa, n_inf."""
        height, slope, kappa, n_inf = np.exp(np.clip(unknowns[:4], LOW, HIGH))
        floor = min(unknowns[4] ** 2 * self._scale, TOP * self.guess) if self.floored else 0.0
        return np.array([floor, height * self.middle**slope, slope, kappa, n_inf])

    def slopes(self, unknowns: FloatArray) -> FloatArray:
        """Derivatives of the residuals, cells first and priors last, shape (k + priors, unknowns)."""
        unknowns = np.concatenate([np.clip(unknowns[:4], LOW, HIGH), unknowns[4:]])
        slope, kappa, n_inf = np.exp(unknowns[1:4])
        worth = kappa * self.m
        synthetic = effective(self.m, kappa, n_inf)
        x = self.n + synthetic
        falling = np.exp(np.minimum(unknowns[0] - slope * np.log(x / self.middle), 200))
        room = self.guess - self.natural(unknowns)[0]
        bent = falling / (1 + falling / room) ** 2
        steep = -slope * bent / x
        columns = [
            bent,
            -slope * np.log(x / self.middle) * bent,
            steep * synthetic * n_inf / (worth + n_inf),
            steep * synthetic * worth / (worth + n_inf),
        ]
        if self.floored:
            columns.append(2 * unknowns[4] * self._scale * (1 - (falling / (room + falling)) ** 2))
        cells = np.column_stack(columns) / self.spread[:, None]
        return np.vstack([cells, np.eye(len(columns))[1:] / _SPREADS[: self.priors, None]])

    def misfit(self, unknowns: FloatArray, noise: FloatArray) -> float:
        """Chance that noise, of shape (draws, k), leaves as much residual, by the fit's linearisation."""
        slopes, cells = self.slopes(unknowns), len(self.n)
        left = np.eye(cells) - (slopes @ np.linalg.pinv(slopes))[:cells, :cells]
        by_noise = np.sum((noise / self.spread @ left.T) ** 2, axis=1)
        found = np.sum(((self.observed - self.curve(unknowns)) / self.spread) ** 2)
        return float((1 + np.sum(by_noise >= found)) / (1 + len(noise)))

    @property
    def _scale(self) -> float:
        return float(self.observed.min())

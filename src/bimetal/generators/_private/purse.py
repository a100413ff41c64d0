"""The one place where noise meets counts: every answer is paid for, and what is spent stays within the budget."""

from __future__ import annotations

from math import ceil, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.generators._private.account import Budget, Line
    from bimetal.generators._private.exact import Noise
    from bimetal.types import FloatArray, IntArray


class Purse:
    """A budget to spend and the noise to spend it on; what it gives out may be looked at freely."""

    def __init__(self, budget: Budget, source: Noise) -> None:
        self.budget, self._source = budget, source
        self.lines: list[Line] = []
        self.hidden = 0.0

    @property
    def spent(self) -> float:
        return sum(line.cost for line in self.lines)

    def deviation(self, cost: float) -> float:
        """Return the standard deviation of the noise that a cost buys."""
        return self.budget.deviation(cost)

    def counted(self, what: str, counts: IntArray, cost: float) -> FloatArray:
        """Return disjoint counts with noise: one row more raises one of them by 1, so their sensitivity is 1."""
        self._pay(self.budget.paid(what, 1, cost))
        noisy: FloatArray = (counts + self.budget.noise(self._source, cost, counts.size).reshape(counts.shape)).astype(
            float
        )
        return noisy

    def named(self, counts: FloatArray, cost: float, share: float) -> IntArray:
        """Say which rows of noisy counts, shape (values, classes), are no name that chance alone would give away.

        A value that only the row in question has counts 1 in one class. All of its noisy counts stay at or below the
        limit but with probability `share` of delta: discrete Gaussian noise is sub-Gaussian (Canonne, Kamath and
        Steinke 2020, corollary 17), so P(noise > t) <= exp(-t^2 / (2 variance)), for each class.
        """
        chance = self.budget.hidden * share
        self.hidden += chance
        limit = 1 + self.deviation(cost) * sqrt(2 * log(counts.shape[1] / chance))
        return np.flatnonzero(counts.max(axis=1, initial=-np.inf) > limit)

    def chosen(self, what: str, scores: IntArray, cost: float) -> int:
        """Choose one of several by scores of sensitivity 1, the higher the likelier."""
        self._pay(self.budget.chosen(what, 1, cost))
        return self._source.choice(scores, *self.budget.sharpness(cost))

    def reach(self, cost: float, many: int) -> int:
        """Return how much a choice among so many may favour the worst over the best, give or take e-fold odds."""
        numerator, denominator = self.budget.sharpness(cost)
        return ceil(log(many) * denominator / numerator)

    def _pay(self, line: Line) -> None:
        self.lines.append(line)
        if self.spent > self.budget.whole * (1 + 1e-9):
            raise AssertionError(f"{line.what} would overspend the budget of {self.budget.whole}")

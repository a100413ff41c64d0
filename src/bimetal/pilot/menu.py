"""All mixes a plan chooses from: amounts of synthetic items, raters per item, and the labels each then needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from bimetal.pilot.law import Law, effective, needed
from bimetal.pilot.prices import HOURS_A_WEEK, Limits, Prices

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray

MOST = 1e8  # synthetic items; every ceiling is long reached there
STEPS = 800  # amounts tried, 2 % apart: the price is flat around its minimum, so that costs below a thousandth
AMOUNTS = np.unique(np.round(np.concatenate([[0], np.geomspace(1, MOST, STEPS)])))


@dataclass(frozen=True)
class Menu:
    """Mixes by synthetic amount (axis 0) and raters per item (axis 1), for each draw of a law (axis 2)."""

    law: Law
    prices: Prices
    limits: Limits
    err: float

    @cached_property
    def synthetic(self) -> FloatArray:
        """Amounts of synthetic items to choose from, 0 first, shape (amounts,)."""
        return np.asarray(AMOUNTS[self.limits.max_synthetic >= AMOUNTS])

    @cached_property
    def raters(self) -> tuple[int, ...]:
        """Numbers of raters that beat every smaller number."""
        kept: list[int] = []
        for raters in range(1, int(self.limits.max_raters) + 1):
            if not kept or self.prices.label_worth(raters) > self.prices.label_worth(kept[-1]) * (1 + 1e-12):
                kept.append(raters)
        return tuple(kept)

    @cached_property
    def worth(self) -> FloatArray:
        """What a label is worth, by raters."""
        return np.array([self.prices.label_worth(raters) for raters in self.raters])

    @cached_property
    def replaced(self) -> FloatArray:
        """Human labels each amount replaces, shape (amounts, draws)."""
        kappa, n_inf = self.law.draws[:, 3], self.law.draws[:, 4]
        return np.asarray(effective(self.synthetic[:, None], kappa, n_inf))

    @cached_property
    def needed(self) -> FloatArray:
        """Effective labels each draw of the law needs for the target; infinity where it cannot be reached."""
        return np.asarray(needed(self.law.draws.T, self.err, self.law.guess))

    @cached_property
    def money(self) -> FloatArray:
        """Price of the target if a draw is true, shape (amounts, raters, draws); infinite beyond the limits."""
        return self.priced(self.own)

    @cached_property
    def own(self) -> FloatArray:
        """Labels that reach the target if a draw is true, shape (amounts, raters, draws)."""
        return self.labels(np.maximum(self.needed - self.replaced, 0)[:, None, :])

    def cheapest(self, probability: float) -> FloatArray:
        """Human labels that reach the target in that share of draws, shape (amounts, raters)."""
        enough = int(np.ceil(probability * len(self.needed) - 1e-9)) - 1
        lacking = np.partition(np.maximum(self.needed - self.replaced, 0), enough, axis=1)[:, enough]
        return self.labels(lacking[:, None, None])[:, :, 0]

    def labels(self, lacking: FloatArray) -> FloatArray:
        """Spell effective labels, shape (amounts, 1, k), as whole labels to buy, the limits' floors included."""
        floors = self.limits.fewest_labels(self.synthetic)[:, None, None]
        return np.asarray(np.ceil(np.maximum(lacking / self.worth[:, None], floors) - 1e-9))

    def priced(self, n: FloatArray) -> FloatArray:
        """Price amounts of labels, shape (amounts, raters, k); infinite where a limit forbids them."""
        m, raters = self.synthetic[:, None, None], np.array(self.raters)[:, None]
        money = self.prices.money(n, m, raters)
        weeks = self.prices.weeks(np.where(np.isfinite(n), n, 0), m, raters)
        allowed: BoolArray = (money <= self.limits.budget) & (n <= self.limits.max_labels)
        allowed &= (weeks <= self.limits.weeks) & np.isfinite(n)
        return np.where(allowed, money, inf)

    def affordable(self) -> FloatArray:
        """Most labels the limits allow, shape (amounts, raters); below zero where not even the items are paid for."""
        m, raters = self.synthetic[:, None], np.array(self.raters, dtype=float)
        fixed = self.prices.money(0, m, 1)
        weeks = self.limits.weeks - self.prices.training_hours / HOURS_A_WEEK
        by_time = weeks * self.prices.annotations_per_week / raters
        n = np.minimum((self.limits.budget - fixed) / (self.prices.annotation * raters), by_time)
        n = np.floor(np.minimum(n, self.limits.max_labels) + 1e-9)
        late = self.prices.weeks(0, m, 1) > self.limits.weeks
        return np.where(late | (n < self.limits.fewest_labels(m)), -1, n)

"""What knowing more would be worth: the value of perfect information, and of the next unit of money at each source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.canonical import Json
from bimetal.pilot.law import error

if TYPE_CHECKING:
    from bimetal.pilot.law import Law
    from bimetal.pilot.menu import Menu
    from bimetal.pilot.prices import Prices


@dataclass(frozen=True, slots=True)
class Marginal:
    """Error, as a share, that the next unit of money takes away, at each source; 0 where it buys nothing."""

    people: float
    raters: float
    synthetic: float

    def json(self) -> dict[str, Json]:
        return {"people": self.people, "raters": self.raters, "synthetic": self.synthetic}


def perfect_information(menu: Menu, worth: float) -> float:
    """Price that the next pilot round must stay below: what a buyer who knew the true draw would gain, in money.

    `worth` is what reaching the target is worth. Knowing the draw, one pays its cheapest mix wherever that costs less
    (Raiffa and Schlaifer 1961); not knowing it, one buys the mix whose chance of reaching the target, times `worth`,
    exceeds its price by most, or nothing. No round tells everything, so that this is an upper bound.
    """
    draws = menu.money.shape[2]
    known = np.maximum(worth - menu.money.min(axis=(0, 1)), 0).mean()
    prices = np.sort(menu.money, axis=2).min(axis=(0, 1))  # of reaching the target in 1, 2, ... draws
    chance = np.arange(1, draws + 1) / draws
    blind = max(0.0, float(np.max(worth * chance - prices)))
    return max(0.0, float(known) - blind)


def marginal(law: Law, prices: Prices, n: float, m: float, raters: int) -> Marginal:
    """Average over the draws what one more unit of money buys beside n labels of so many raters and m items.

    People and synthetic items by the law's derivative; raters by one more rater on every label.
    """
    worth, better = prices.label_worth(raters), prices.label_worth(raters + 1)

    def expected(labels: float, items: float) -> float:
        return float(error(law.draws.T, labels, items, law.guess).mean())

    def gain(labels: float, items: float, money: float) -> float:
        return (expected(n * worth, m) - expected(labels, items)) / money if money else 0.0

    step = max(1.0, 1e-3 * (n + m))
    per_item = prices.synthetic if m or not prices.generator else 0.0  # without a generator no item can be bought
    return Marginal(
        people=gain((n + step) * worth, m, step * raters * prices.annotation),
        raters=max(0.0, gain(n * better, m, n * prices.annotation)),
        synthetic=gain(n * worth, m + step, step * per_item),
    )

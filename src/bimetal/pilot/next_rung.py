"""What the next labels of a pilot are worth: the cost still to come if one decides now, against after the next rung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.canonical import Json
from bimetal.pilot.law import Law, effective, error, needed

if TYPE_CHECKING:
    from bimetal.pilot.prices import Prices
    from bimetal.types import FloatArray

RATIO = 10  # synthetic rows a label in the arms that the next rung measures
DISCREPANCY = 0.1  # the law holds within this share of the error, as in its fit
REPEATS = 8  # imagined outcomes of the next rung for each draw of the law
STEPS = 80


@dataclass(frozen=True, slots=True)
class Hand:
    """Labels at hand, money left, what reaching the target is worth in money, most synthetic items to think of."""

    labels: int
    money: float
    worth: float
    most: float = 1e6


@dataclass(frozen=True)
class Situation:
    """What is believed and at hand; `spread` is the relative standard error of each cell a rung measures.

    Its cells are people alone, the mix and synthetic data alone; without `mixes` people alone are left.
    """

    law: Law
    prices: Prices
    target: float
    hand: Hand
    spread: FloatArray
    mixes: bool = True

    @property
    def amounts(self) -> FloatArray:
        """Synthetic items to choose from, none first."""
        if not self.mixes:
            return np.zeros(1)
        return np.unique(np.round(np.append(0, np.geomspace(10, max(self.hand.most, 10), STEPS))))


@dataclass(frozen=True, slots=True)
class Outlook:
    """Buying on up to `labels`: its price, the gain expected of it, and what perfect information would gain.

    `gain` is what is expected to be paid less afterwards: labels that the final model needs anyway, and the better
    choice. `least` is the gain beyond its price that is worth another round with people, one label's price.
    """

    labels: int
    price: float
    gain: float
    perfect: float
    least: float

    @property
    def pays(self) -> bool:
        return self.gain > self.price + self.least

    def json(self) -> dict[str, Json]:
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "pays": self.pays}


def outlook(now: Situation, ahead: Sequence[int], rng: np.random.Generator) -> Outlook | None:
    """Weigh deciding now against buying on to each of the next rungs; return the best of them, None where none is left.

    Preposterior analysis (Raiffa and Schlaifer 1961): every draw of the law is taken as true in turn, a rung's outcome
    is imagined under it, the other draws are weighed by how well they foretold it, and what one would then choose is
    paid for under the draw that was true.

    >>> from bimetal.pilot.law import known_law
    >>> from bimetal.pilot.prices import Prices
    >>> sure = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
    >>> now = Situation(sure, Prices(0.25, 0.01), 0.95, Hand(20, 400, 500), np.full(3, 0.1))
    >>> outlook(now, [50], np.random.default_rng(0)).pays
    False
    """
    paid = costs_to_come(now, now.hand)
    here = float(paid.mean(axis=1).min())
    perfect = here - float(paid.min(axis=0).mean())
    found = [_weighed(now, labels, here, perfect, rng) for labels in ahead]
    affordable = [each for each in found if each.price <= now.hand.money]
    return max(affordable, key=lambda each: each.gain - each.price, default=None)


def costs_to_come(now: Situation, hand: Hand) -> FloatArray:
    """Price each choice under each draw, shape (1 + amounts, draws): walk away first, then an amount and labelling on.

    Walking away forgoes what the target is worth. Whoever chooses an amount of synthetic items labels on until the
    panel says that the target is reached; where the money ends before, all of it is lost beside.
    """
    draws, prices = now.law.draws, now.prices
    amounts = now.amounts[:, None]
    lacking = needed(draws.T, 1 - now.target, now.law.guess) - effective(amounts, draws[:, 3], draws[:, 4])
    labels = np.ceil(np.maximum(lacking - hand.labels, 0) - 1e-9)
    money = labels * prices.annotation + amounts * prices.synthetic + prices.generator * (amounts > 0)
    pursued = np.where(money <= hand.money, money, hand.money + hand.worth)
    return np.vstack([np.full((1, len(draws)), hand.worth), pursued])


def _weighed(now: Situation, labels: int, here: float, perfect: float, rng: np.random.Generator) -> Outlook:
    price = (labels - now.hand.labels) * now.prices.annotation
    hand = Hand(labels, now.hand.money - price, now.hand.worth, now.hand.most)
    paid = costs_to_come(now, hand)
    later = [_after(now, labels, paid, rng) for _ in range(REPEATS)]
    return Outlook(labels, price, here - float(np.mean(later)), perfect, now.prices.annotation)


def _after(now: Situation, labels: int, paid: FloatArray, rng: np.random.Generator) -> float:
    cells = np.array([[labels, 0], [labels, RATIO * labels], [0, RATIO * labels]])[: 3 if now.mixes else 1]
    spread = np.hypot(now.spread[: len(cells)], DISCREPANCY)[:, None]
    foretold = np.log([error(now.law.draws.T, n, m, now.law.guess) for n, m in cells]) / spread
    draws = foretold.shape[1]
    if draws == 1:
        return float(paid.min())
    seen = foretold + rng.standard_normal(foretold.shape)
    misses = ((seen[:, :, None] - foretold[:, None, :]) ** 2).sum(axis=0) / 2
    np.fill_diagonal(misses, np.inf)  # the true draw is not among those it is judged by
    weights = np.exp(misses.min(axis=1, keepdims=True) - misses)
    weights /= weights.sum(axis=1, keepdims=True)
    chosen = (paid @ weights.T).argmin(axis=0)
    return float(paid[chosen, np.arange(draws)].mean())

"""What a pilot before labels exist is asked: target, prices, budget and rungs, fixed before the first question."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf, isfinite

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.pilot.arms import PLAIN_ARMS, STRONG_ARMS, Arm
from bimetal.pilot.design import ACCURACY, Design
from bimetal.pilot.one_draw import halvings
from bimetal.pilot.prices import Prices
from bimetal.stats import smallest_difference
from bimetal.types import Spec

ARMS = (*PLAIN_ARMS, *STRONG_ARMS)
FEWEST = 10  # labels of a first rung: a quarter of them must still be worth a fit
FEWEST_ITEMS = 30  # of a panel


@dataclass(frozen=True, slots=True)
class Terms:
    """Register what is asked: a target score, prices, the budget for everything, and rungs of labels to buy up to.

    `prices.annotation` is one person's answer to one item, `raters` how many answer each. `prices.generator` is what
    is still to be paid for the generator if it is used. `worth` is what reaching the target is worth in money, by
    default the budget. Arms ask at random: what an active arm would have asked nobody has answered. Raises InputError
    for terms that could not be met.

    >>> terms = Terms(0.95, Prices(0.25), budget=500, panel=521, rungs=(20, 50, 100))
    >>> terms.label_price, terms.upfront
    (0.25, 135.25)
    """

    target: float
    prices: Prices
    budget: float
    panel: int
    rungs: tuple[int, ...] = (20, 50, 100, 200, 400)
    raters: int = 1
    probability: float = 0.8
    worth: float | None = None
    seeds: int = 5
    arms: tuple[Arm, ...] = ARMS
    metric: Spec = field(default=ACCURACY)
    rng_seed: int = 0

    def __post_init__(self) -> None:
        grows = bool(self.rungs) and self.rungs[0] >= FEWEST and all(a < b for a, b in pairwise(self.rungs))
        faults = {
            f"rungs are {self.rungs}, expected growing numbers of labels from {FEWEST} up": not grows,
            f"raters is {self.raters}, expected 1 or more": self.raters < 1,
            f"panel is {self.panel}, expected {FEWEST_ITEMS} items or more": self.panel < FEWEST_ITEMS,
            f"target is {self.target}, expected between 0 and 1": not 0 < self.target < 1,
            f"budget is {self.budget}, expected an amount of money": not isfinite(self.budget),
            f"worth is {self.worth}, expected an amount above 0": self.worth is not None and not 0 < self.worth < inf,
            f"probability is {self.probability}, expected between 0 and 1": not 0 < self.probability < 1,
        }
        wrong = [text for text, is_wrong in faults.items() if is_wrong]
        if wrong:
            raise InputError("; ".join(wrong), "change what the pilot is asked")
        if not self.upfront <= self.budget:
            raise InputError(
                f"the panel and the first rung cost {self.upfront:g}, the budget is {self.budget:g}",
                "raise the budget, or ask for a smaller panel (it then sees larger differences only)",
            )

    @property
    def label_price(self) -> float:
        """Money for one label, all its raters' answers."""
        return self.prices.annotation * self.raters

    @property
    def upfront(self) -> float:
        """Money for the panel and the first rung."""
        return self.label_price * (self.panel + self.rungs[0])

    @property
    def by_label(self) -> Prices:
        """The prices with a label, as this pilot buys it, in the place of an answer."""
        return replace(self.prices, annotation=self.label_price, rater_accuracy=1.0, pilot_raters=0)

    def design(self, n: int) -> Design:
        """Say what is fitted on n labels: halves of them, every arm, every seed."""
        return Design(
            sizes=halvings(n),
            seeds=self.seeds,
            arms=self.arms,
            targets=(self.target,),
            margin=smallest_difference(self.panel),  # nothing smaller is asked of this panel
            metric=self.metric,
            rng_seed=self.rng_seed,
        )

    def json(self) -> dict[str, Json]:
        prices: dict[str, Json] = {
            name: _finite(getattr(self.prices, name)) for name in self.prices.__dataclass_fields__
        }
        plain = ("target", "budget", "panel", "raters", "probability", "worth", "seeds", "rng_seed")
        return {
            **{name: getattr(self, name) for name in plain},
            "rungs": list(self.rungs),
            "prices": prices,
            "arms": [arm.json() for arm in self.arms],
            "metric": self.metric.json(),
        }


def _finite(value: float | str) -> float | str | None:
    return None if value == inf else value

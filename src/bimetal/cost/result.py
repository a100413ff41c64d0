"""The result of pricing a lifecycle: distributions, who is cheapest how probably, and what that hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from bimetal.canonical import Json
from bimetal.cost.lines import LINES, STRATEGIES
from bimetal.cost.needs import Needs
from bimetal.cost.scenario import Scenario
from bimetal.cost.sensitivity import BreakEven, Swing
from bimetal.cost.spending import Spending
from bimetal.cost.words import sentence, summary

if TYPE_CHECKING:
    from bimetal.cost.setting import Setting
    from bimetal.report import Page
    from bimetal.types import BoolArray, FloatArray

Said = Literal["synthetic", "similar", "human", "unknown"]
SURE = 0.8
QUANTILES = (0.1, 0.5, 0.9)


class Range(NamedTuple):
    """P10, P50, P90 and the mean of an amount of money."""

    p10: float
    p50: float
    p90: float
    mean: float

    def json(self) -> dict[str, Json]:
        return dict(self._asdict())


@dataclass(frozen=True, eq=False)
class LifecycleCost:
    """What three strategies cost over a horizon.

    `lines` has shape (lines, strategies, draws), in the order of LINES and STRATEGIES; `reached`, `labels` and
    `synthetic` (strategies, draws). `middle` is the cost at every input's median, infinite where the target is more
    likely missed. `information` prices perfect information on "everything" and on each group of inputs alone.
    """

    setting: Setting
    lines: FloatArray
    reached: BoolArray
    labels: FloatArray
    synthetic: FloatArray
    middle: FloatArray
    information: Mapping[str, float]
    break_evens: tuple[BreakEven, ...]
    spending: Spending
    swings: tuple[Swing, ...] = ()

    def with_swings(self, swings: Sequence[Swing]) -> LifecycleCost:
        return replace(self, swings=tuple(swings))

    @property
    def scenario(self) -> Scenario:
        return self.setting.scenario

    @property
    def needs(self) -> Needs | None:
        return self.setting.needs

    @property
    def currency(self) -> str:
        return self.scenario.currency

    @cached_property
    def totals(self) -> FloatArray:
        """Money of each strategy in each draw, whether it reaches the target or not, shape (3, draws)."""
        summed: FloatArray = self.lines.sum(axis=0)
        return summed

    @property
    def reaches(self) -> dict[str, float]:
        """How probably each strategy reaches the target."""
        return dict(zip(STRATEGIES, map(float, self.reached.mean(axis=1)), strict=True))

    @property
    def costs(self) -> dict[str, Range | None]:
        """Each strategy's cost in the draws in which it reaches the target; None where it never does."""
        return {name: self._range(place, self.totals[place]) for place, name in enumerate(STRATEGIES)}

    def line(self, name: str, strategy: str) -> Range | None:
        """One line of one strategy, in the draws in which it reaches the target."""
        place = STRATEGIES.index(strategy)
        return self._range(place, self.lines[LINES.index(name), place])

    @cached_property
    def cheapest(self) -> dict[str, float]:
        """How probably each strategy is the cheapest of those that reach the target, where any does."""
        spent = np.where(self.reached, self.totals, np.inf)
        possible = self.reached.any(axis=0)
        first = np.bincount(spent.argmin(axis=0)[possible], minlength=len(STRATEGIES))
        return dict(zip(STRATEGIES, (first / max(possible.sum(), 1)).tolist(), strict=True))

    @property
    def winner(self) -> str | None:
        """The strategy most probably the cheapest; None where none ever reaches the target."""
        if not self.reached.any():
            return None
        return max(STRATEGIES, key=lambda name: self.cheapest[name])

    @property
    def deciding(self) -> tuple[Swing, ...]:
        """Assumptions that alone make another strategy the cheapest within their P10 to P90."""
        return tuple(each for each in self.swings if each.assumption and each.flips)

    @property
    def answer(self) -> Said:
        """The answer to the question whether a generated or an annotated item is cheaper over its whole life.

        "synthetic" where a strategy that generates (alone or beside people) is the cheapest in more than 80 % of the
        draws, "human" where people alone are, else "similar": the ranges overlap. "unknown" where fewer than two
        strategies ever reach the target, for then there is nothing to compare, or where an assumption alone
        turns the answer round and the amounts were never measured.
        """
        people = self.cheapest["human only"]
        if (self.reached.any(axis=1)).sum() < 2:
            return "unknown"
        if self.needs is None and any(_turns(each) for each in self.deciding):
            return "unknown"
        if max(people, 1 - people) <= SURE:
            return "similar"
        return "human" if people > SURE else "synthetic"

    @property
    def per_label(self) -> dict[str, float | None]:
        """Median money for one accepted human label: real item, answers and review; None where there are none."""
        spent = self.lines[LINES.index("acquisition")] + self.lines[LINES.index("annotation")]
        return self._per(spent, self.labels)

    @property
    def per_item(self) -> dict[str, float | None]:
        """Median money for one accepted synthetic item, building and upkeep included; None where there are none."""
        return self._per(self.lines[LINES.index("generation")], self.synthetic)

    @property
    def per_point(self) -> dict[str, float | None]:
        """Median money for one point of the score, from no training to the target; None where no target is known."""
        if self.needs is None or self.needs.target is None:
            return dict.fromkeys(STRATEGIES)
        points = (self.needs.target - self.needs.start) * 100
        return {name: each.p50 / points if each else None for name, each in self.costs.items()}

    @property
    def pilot(self) -> float:
        """What the pilot cost or would cost, in answers bought at the median price."""
        known = self.needs.pilot_labels if self.needs else None
        labels = self.setting.rows["pilot_labels"].median if known is None else known
        return labels * self.scenario.raters * self.setting.answer

    @property
    def spent(self) -> dict[str, float]:
        """Money metered so far, by line."""
        return self.spending.lines(self.setting.rows, self.setting.answer)

    @property
    def planned(self) -> dict[str, float]:
        """Median money by line, over the whole horizon, of the strategy that the spending looks like."""
        place = STRATEGIES.index(self.spending.strategy)
        return dict(zip(LINES, np.median(self.lines[:, place], axis=1).tolist(), strict=True))

    @property
    def sentence(self) -> str:
        """The cheapest strategy with its probability, and the assumptions that decide it."""
        return sentence(self)

    def page(self, title: str = "What it costs, all in") -> Page:
        """Lay it out for print and screen."""
        from bimetal.cost.page import page

        return page(self, title)

    def json(self) -> dict[str, Json]:
        """Documented keys: see docs/cost.md; no draws."""
        return summary(self)

    def _range(self, place: int, amounts: FloatArray) -> Range | None:
        held = amounts[self.reached[place]]
        if not len(held):
            return None
        low, middle, high = np.quantile(held, QUANTILES)
        return Range(float(low), float(middle), float(high), float(held.mean()))

    def _per(self, spent: FloatArray, count: FloatArray) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        for place, name in enumerate(STRATEGIES):
            some = self.reached[place] & (count[place] > 0)
            found[name] = float(np.median(spent[place, some] / count[place, some])) if some.any() else None
        return found


def _turns(swing: Swing) -> bool:
    """Say whether people alone are the cheapest at one end of the swing and not at the other."""
    return len({int(np.argmin(each)) == 0 for each in swing.costs}) == 2

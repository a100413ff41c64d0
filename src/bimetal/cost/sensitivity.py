"""What the choice depends on: a swing for every input, and the values at which another strategy becomes cheapest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.canonical import Json
from bimetal.cost.lines import STRATEGIES, Amounts, expected
from bimetal.cost.needs import at_volume, replacing
from bimetal.cost.setting import RANK

if TYPE_CHECKING:
    from bimetal.cost.setting import Setting
    from bimetal.cost.table import Row
    from bimetal.types import FloatArray

MEDIAN = 0.5
WIDTH = 10.0**4  # how far around an input's median a break-even is looked for
GRID = 129
ZOOMS = 3


@dataclass(frozen=True, slots=True)
class Swing:
    """One input at its P10 and at its P90, all others at their medians, chance at its expectation.

    `costs` are the strategies' at both ends, shape (2, 3) in the order of STRATEGIES; `advantage` what the winner
    saves against the next cheapest, negative where it is no longer the cheapest.
    """

    name: str
    says: str
    low: str
    high: str
    advantage: tuple[float, float]
    costs: tuple[tuple[float, ...], tuple[float, ...]]
    assumption: bool

    @property
    def flips(self) -> bool:
        return min(self.advantage) < 0 < max(self.advantage)

    @property
    def width(self) -> float:
        return abs(self.advantage[1] - self.advantage[0])

    def json(self) -> dict[str, Json]:
        return {
            "input": self.name,
            "says": self.says,
            "low": self.low,
            "high": self.high,
            "advantage": list(self.advantage),
            "costs": [dict(zip(STRATEGIES, map(_finite, each), strict=True)) for each in self.costs],
            "assumption": self.assumption,
            "flips": self.flips,
        }


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where the cheapest strategy changes, nearest to `now`, all else at its median; `at` is None where nowhere."""

    name: str
    says: str
    unit: str
    now: float
    at: float | None
    below: str
    above: str

    def json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Middle:
    """The lifecycle at every median, chance at its expectation; `reached` says who reaches the target in most draws."""

    setting: Setting
    reached: tuple[bool, ...]

    def costs(self, at: Mapping[str, FloatArray], change: Change | None = None) -> FloatArray:
        """Price the strategies, shape (3, draws), with some inputs at other ranks, or something else changed."""
        values = self.setting.values(at)
        middle = np.array([MEDIAN])
        amounts = self.setting.amounts(values, at.get(RANK, middle), middle)
        if change:
            values, amounts = change(values, amounts)
        priced = self.setting.price(values, amounts, expected(values, amounts, self.setting.scenario.months))
        spent = np.sum(list(priced.values()), axis=0)
        return np.where(np.array(self.reached)[:, None], spent, np.inf)


Change = Callable[[dict[str, Any], Amounts], tuple[dict[str, Any], Amounts]]


def swings(middle: Middle, winner: int) -> list[Swing]:
    """Swing every input in doubt from P10 to P90, the widest first."""
    doubtful = {name: row for name, row in middle.setting.sampled.items() if not row.certain}
    doubtful.pop("synthetic_reaches", None)  # moves a chance, not a cost
    names = [*doubtful, *([RANK] if middle.setting.needs else [])]
    ranks = np.full((len(names), 2 * len(names)), MEDIAN)
    for place in range(len(names)):
        ranks[place, 2 * place : 2 * place + 2] = (0.1, 0.9)
    costs = middle.costs(dict(zip(names, ranks, strict=True)))
    ahead = advantage(costs, winner)
    found = []
    for place, name in enumerate(names):
        ends = slice(2 * place, 2 * place + 2)
        row = doubtful.get(name)
        told = _told(row) if row else ("what the pilot says is needed", "10th percentile", "90th percentile")
        both = tuple(tuple(map(float, each)) for each in costs[:, ends].T)
        assumed = row.assumption if row else False
        found.append(Swing(name, *told, tuple(map(float, ahead[ends])), both, assumed))  # type: ignore[arg-type]  # two ends each
    return sorted(found, key=lambda each: -each.width)


def advantage(costs: FloatArray, winner: int) -> FloatArray:
    """Say what the winner saves against the next cheapest that reaches the target, shape (draws,)."""
    others = np.delete(costs, winner, axis=0).min(axis=0)
    saved: FloatArray = np.where(np.isfinite(others), others, costs[winner]) - costs[winner]
    return saved


@dataclass(frozen=True, slots=True)
class _Sought:
    """A value that is varied, what it is now, how it changes the lifecycle, and the most it can be."""

    name: str
    says: str
    unit: str
    now: float
    change: Change
    most: float | None = None


def break_evens(middle: Middle) -> list[BreakEven]:
    """Find where another strategy becomes the cheapest: price of an answer, volume, labels replaced, hazard, build."""
    setting = middle.setting
    values = setting.values({})
    amounts = setting.amounts(values, np.array([MEDIAN]), np.array([MEDIAN]))
    code, people = setting.scenario.currency, float(amounts.labels[0, 0])
    price, hazard, build = (float(values[name][0]) for name in ("answer", "hazard", "generator_build"))
    replaced = people - float(amounts.labels[2, 0])
    sought = (
        _Sought("label price", "price of one person's answer", code, price, _put("answer")),
        _Sought("volume", "labels that people alone need", "labels", people, _volume(setting)),
        _Sought("labels replaced", "labels that synthetic items replace", "labels", replaced, _replaced, people),
        _Sought("hazard", "drifts a month", "", hazard, _put("hazard")),
        _Sought("generator", "building the generator", code, build, _put("generator_build")),
    )
    return [_break_even(middle, each) for each in sought if each.now > 0 and sum(middle.reached) > 1]


def _put(name: str) -> Change:
    return lambda values, amounts: ({**values, name: values["x"]}, amounts)


def _replaced(values: dict[str, Any], amounts: Amounts) -> tuple[dict[str, Any], Amounts]:
    return values, replacing(amounts, values["x"])


def _volume(setting: Setting) -> Change:
    """Typical amounts grow with the volume; what a pilot measured replaces a number of labels, not a share."""
    if setting.needs:
        return lambda values, amounts: (values, at_volume(amounts, values["x"]))

    def change(values: dict[str, Any], _: Amounts) -> tuple[dict[str, Any], Amounts]:
        grown = {**values, "labels": values["x"]}
        return grown, setting.amounts(grown, np.array([MEDIAN]), np.array([MEDIAN]))

    return change


def _break_even(middle: Middle, sought: _Sought) -> BreakEven:
    def cheapest(at: FloatArray) -> FloatArray:
        costs = middle.costs({}, lambda values, amounts: sought.change({**values, "x": at}, amounts))
        found: FloatArray = costs.argmin(axis=0)
        return found

    now = sought.now
    high = now * WIDTH if sought.most is None else max(sought.most, now)
    grid = np.unique(np.append(np.geomspace(now / WIDTH, high, 2 * GRID), now))
    bracket = _nearest_change(cheapest, grid, now)
    told = (sought.name, sought.says, sought.unit, now)
    if bracket is None:
        held = STRATEGIES[int(cheapest(np.array([now]))[0])]
        return BreakEven(*told, None, held, held)
    for _ in range(ZOOMS):
        bracket = _nearest_change(cheapest, np.geomspace(*bracket, GRID), now) or bracket
    below, above = (STRATEGIES[int(each)] for each in cheapest(np.array(bracket)))
    return BreakEven(*told, float(np.sqrt(bracket[0] * bracket[1])), below, above)


def _nearest_change(
    cheapest: Callable[[FloatArray], FloatArray], grid: FloatArray, now: float
) -> tuple[float, float] | None:
    held = cheapest(grid)
    changes = np.flatnonzero(held[1:] != held[:-1])
    if not len(changes):
        return None
    nearest = changes[np.argmin(np.abs(np.log(grid[changes] / now)))]
    return float(grid[nearest]), float(grid[nearest + 1])


def _told(row: Row) -> tuple[str, str, str]:
    return row.says, f"{row.range[0]:,g}", f"{row.range[2]:,g}"


def _finite(cost: float) -> float | None:
    return cost if np.isfinite(cost) else None

"""Arms compared at each size: how far apart, which is better, which is no worse by more than the margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.canonical import Json
from bimetal.stats import clustered, crossed, crossed_difference, difference_test, holm, mcnemar
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

FEWEST = 10  # items a slice needs before anything is said of it


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate less baseline at one size, in the metric, paired over seeds and panel items.

    `interval` is the size's own; `sure` holds for all sizes together (Bonferroni) and decides what helps and harms.
    `noninferior` is the p value that the candidate is worse by more than the margin, Holm-adjusted over the sizes.
    """

    n: int
    interval: Interval
    sure: Interval
    noninferior: float

    @property
    def harms(self) -> bool:
        return self.sure.high < 0

    @property
    def helps(self) -> bool:
        return self.sure.low > 0

    @property
    def no_worse(self) -> bool:
        """No worse by more than the margin, at 97.5 % one-sided for all sizes together."""
        return self.noninferior < 0.025


@dataclass(frozen=True, slots=True)
class Comparison:
    """One mix against the strongest human arm at one size; p values are Holm-adjusted over the mixes there.

    `mcnemar` has one exact p value a seed, unadjusted, where the metric is right or wrong item by item.
    """

    arm: str
    n: int
    interval: Interval
    better: float
    no_worse: float
    mcnemar: tuple[float, ...]

    def json(self) -> dict[str, Json]:
        return {
            "arm": self.arm,
            "n": self.n,
            **self.interval.json(),
            "p_better": self.better,
            "p_no_worse": self.no_worse,
            "mcnemar": list(self.mcnemar),
        }


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice of the panel at the largest size: its items, both arms, and the difference, Bonferroni over slices."""

    column: str
    value: str
    items: int
    human: Interval
    mix: Interval
    difference: Interval

    @property
    def harms(self) -> bool:
        return self.difference.high < 0

    def json(self) -> dict[str, Json]:
        return {
            "column": self.column,
            "value": self.value,
            "items": self.items,
            "human": self.human.json(),
            "mix": self.mix.json(),
            "difference": self.difference.json(),
            "harms": self.harms,
        }


def by_size(
    sizes: Sequence[int], mix: FloatArray, alone: FloatArray, margin: float, one: float = 1.0, rivals: int = 1
) -> tuple[Difference, ...]:
    """Compare two arms size by size, from contributions of shape (sizes, seeds, units); no item's exceeds `one`.

    Where the mix was picked as the best of several `rivals`, being no worse is judged for all of them (Bonferroni);
    harm is not: the best of several being worse says the more.
    """
    together = 1 - 0.05 / len(sizes)
    tests = [difference_test(a, b, margin, one=one) for a, b in zip(mix, alone, strict=True)]
    adjusted = np.minimum(holm([each.p_noninferior for each in tests]) * rivals, 1)
    return tuple(
        Difference(n, crossed_difference(a, b, one=one), crossed_difference(a, b, together, one=one), float(p))
        for n, a, b, p in zip(sizes, mix, alone, adjusted, strict=True)
    )


def by_arm(
    n: int, mixes: dict[str, FloatArray], alone: FloatArray, margin: float, one: float = 1.0
) -> list[Comparison]:
    """Compare every mix with people alone at one size, from contributions of shape (seeds, units)."""
    tests = {arm: difference_test(values, alone, margin, one=one) for arm, values in mixes.items()}
    better = holm([each.p_superior for each in tests.values()])
    no_worse = holm([each.p_noninferior for each in tests.values()])
    rows = zip(mixes.items(), better, no_worse, strict=True)
    return [
        Comparison(arm, n, crossed_difference(values, alone, one=one), float(up), float(level), _mcnemar(values, alone))
        for (arm, values), up, level in rows
    ]


def by_slice(
    slices: dict[str, list[Any]], mix: FloatArray, alone: FloatArray, units: IntArray | None = None
) -> list[Slice]:
    """Compare two arms in each slice of the panel, from right or wrong of shape (seeds, items); weakest first.

    `units` codes the items' groups, shape (items,): a slice within one group says nothing of others and is left out.
    """
    members = [
        (column, str(value), np.flatnonzero([each == value for each in values]))
        for column, values in slices.items()
        for value in sorted({each for each in values if each is not None}, key=str)
    ]
    members = [
        each for each in members if len(each[2]) >= FEWEST and (units is None or len(np.unique(units[each[2]])) > 1)
    ]
    level = 1 - 0.05 / max(len(members), 1)
    found = []
    for column, value, rows in members:
        people, both = alone[:, rows], mix[:, rows]
        if units is not None:
            people, both = clustered(people, units[rows]), clustered(both, units[rows])
        apart = crossed_difference(both, people, level, one=both.shape[1] / len(rows))
        found.append(Slice(column, value, len(rows), crossed(people), crossed(both), apart))
    return sorted(found, key=lambda each: each.mix.estimate)


def is_right_or_wrong(values: FloatArray) -> bool:
    """Say whether contributions are all 0 or 1, so that single items and slices can be spoken of."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def _mcnemar(mix: FloatArray, alone: FloatArray) -> tuple[float, ...]:
    if not (is_right_or_wrong(mix) and is_right_or_wrong(alone)):
        return ()
    return tuple(mcnemar(a, b) for a, b in zip(mix, alone, strict=True))

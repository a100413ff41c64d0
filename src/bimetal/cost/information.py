"""What knowing more would be worth before choosing a strategy: perfect information, on everything or on one group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bimetal.cost.lines import Amounts, expected

if TYPE_CHECKING:
    from bimetal.cost.setting import Setting
    from bimetal.types import FloatArray, IntArray

AMOUNTS = "amounts"


def value_of_knowing(setting: Setting, values: Mapping[str, FloatArray], amounts: Amounts) -> dict[str, float]:
    """Price perfect information on every input, under "everything", and on each group of inputs alone.

    What is chosen is the strategy of least expected cost; one that misses the target is followed by the one most likely
    to reach it. Every line is a sum of products of independent inputs, so the cost expected of a group's values is the
    cost with the means of all others in their place: no nested simulation, no regression. A group can never be worth
    more than everything (Raiffa and Schlaifer 1961; Strong, Oakley and Brennan 2014 for the general case).
    """
    chosen = _possible(amounts)
    groups = sorted({row.group for row in setting.sampled.values()} | {AMOUNTS})
    found = {"everything": _gain(_spent(setting, values, amounts)[chosen])}
    for group in groups:
        known = _known(setting, values, group)
        held = amounts if group == AMOUNTS else amounts.averaged()
        found[group] = min(_gain(_spent(setting, known, held)[chosen]), found["everything"])
    return found


def _possible(amounts: Amounts) -> IntArray:
    """Leave out strategies that miss the target in every draw."""
    return np.flatnonzero(amounts.missed.mean(axis=1) < 1)


def _spent(setting: Setting, values: Mapping[str, FloatArray], amounts: Amounts) -> FloatArray:
    luck = expected(values, amounts, setting.scenario.months)
    spent = np.sum(list(setting.price(values, amounts, luck).values()), axis=0)
    surest = int(np.argmin(amounts.missed.mean(axis=1)))
    after: FloatArray = spent + amounts.missed * spent[surest] * (np.arange(len(spent)) != surest)[:, None]
    return after


def _known(setting: Setting, values: Mapping[str, FloatArray], group: str) -> dict[str, FloatArray]:
    names = {name for name, row in setting.sampled.items() if row.group == group}
    if group == "people":
        names |= {"answer", "bought"}
    if group == "generator":
        names |= {"drawn"}
    return {name: each if name in names else each.mean(keepdims=True) for name, each in values.items()}


def _gain(spent: FloatArray) -> float:
    if not len(spent):
        return 0.0
    return float(max(spent.mean(axis=1).min() - spent.min(axis=0).mean(), 0.0))

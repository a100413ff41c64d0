"""Why the effective-sample law does not hold for a pilot's cells, in words: harm, a flat curve, misfit, no evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bimetal.stats import Effects

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray

CONTRADICTED = 0.01  # chance of a worse misfit below which the law is said not to fit
WORDS = {
    "kappa": "the worth of one synthetic item (kappa) is not identified: measure fewer synthetic items as well",
    "n_inf": "the ceiling (n_inf) is not identified: measure more synthetic items as well",
}


class Measured(Protocol):
    """Cells by their amounts, and the score of guessing."""

    @property
    def n(self) -> FloatArray: ...

    @property
    def m(self) -> FloatArray: ...

    @property
    def chance(self) -> float: ...


def contradictions(cells: Measured, effects: Effects, p: float) -> list[str]:
    """Name what the law cannot express and the cells show beyond chance; harm and falling hold at 95 %."""
    found = [_harm(cells, effects), _not_falling(cells, effects), _worse_than_chance(cells, effects)]
    if p < CONTRADICTED:
        found.append(
            f"the cells lie off the law beyond chance (p = {p:.3f}), as self-training or a change of regime makes them"
        )
    return [each for each in found if each]


def unidentified(draws: FloatArray, priors: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """Name what the cells hardly tell: parameters whose draws stay more than half as wide as their prior."""
    spreads = {name: float(np.log(draws[:, 3 + i]).std()) for i, name in enumerate(WORDS)}
    return {name: WORDS[name] for name, spread in spreads.items() if spread > priors[name][1] / 2}


def _harm(cells: Measured, effects: Effects) -> str:
    pairs = [
        (mix, alone)
        for mix in _where((cells.m > 0) & (cells.n > 0))
        for alone in _where((cells.m == 0) & (cells.n == cells.n[mix]))
    ]
    sizes = [cells.n[mix] for mix, alone in pairs if _behind(effects, mix, alone, 0.05 / len(pairs))]
    named = " and ".join(f"{size:,.0f}" for size in sorted(set(sizes)))
    return f"synthetic items do harm beside {named} human labels, which the law cannot express" if sizes else ""


def _not_falling(cells: Measured, effects: Effects) -> str:
    alone = _where(cells.m == 0)
    few, many = min(alone, key=lambda i: cells.n[i]), max(alone, key=lambda i: cells.n[i])
    return "" if _behind(effects, few, many, 0.05) else "the error of people alone does not fall beyond chance"


def _worse_than_chance(cells: Measured, effects: Effects) -> str:
    alone = effects.mean[cells.n == 0]
    if not len(alone) or alone.max() > cells.chance:
        return ""
    return f"synthetic data alone score {alone.max():.2f}, no better than guessing ({cells.chance:.2f})"


def _where(cells: BoolArray) -> list[int]:
    return [int(i) for i in np.flatnonzero(cells)]


def _behind(effects: Effects, one: int, other: int, alpha: float) -> bool:
    """Say whether a cell scores below another beyond chance, two-sided at alpha."""
    from scipy.stats import t

    covariance = effects.covariance
    variance = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
    gap = float(effects.mean[other] - effects.mean[one])
    return bool(gap > t.ppf(1 - alpha / 2, effects.df) * max(float(variance), 0) ** 0.5)

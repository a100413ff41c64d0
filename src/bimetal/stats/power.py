"""How many panel items a comparison needs, and how small a difference a panel can show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.stats.crossed_effects import Effects


def items_needed(difference: float, discordance: float = 0.06, power: float = 0.8, alpha: float = 0.05) -> int:
    """Count the items on which two models, scored alike, show a difference in accuracy at this power.

    McNemar's two-sided test by the formula of Connor (1987). `discordance` is the share of items that only one of the
    two gets right; a difference can be no larger, so where it is, the discordance is taken to be the difference.
    It speaks of one fit each: what other seeds would add is not in it (`smallest_mean_difference` has that).

    >>> items_needed(0.02), items_needed(0.01), items_needed(0.01, discordance=0.04)
    (1175, 4707, 3138)
    """
    if not 0 < difference <= 1:
        raise InputError(f"difference {difference} is no gap in accuracy", "give a number above 0, 0.02 for two points")
    return math.ceil(_items(difference, *_checked(discordance, power, alpha)))


def smallest_difference(items: int, discordance: float = 0.06, power: float = 0.8, alpha: float = 0.05) -> float:
    """Say the smallest difference in accuracy that a panel of so many items shows at this power; see `items_needed`.

    >>> round(smallest_difference(1175), 3), round(smallest_difference(100), 3)
    (0.02, 0.077)
    """
    from scipy.optimize import brentq

    terms = _checked(discordance, power, alpha)
    if items < _items(1.0, *terms):
        raise InputError(f"{items} items show no difference whatever", "give a panel of 20 items at the least")
    return float(brentq(lambda gap: _items(gap, *terms) - items, 1e-9, 1.0, xtol=1e-12))


def smallest_mean_difference(effects: Effects, power: float = 0.8, alpha: float = 0.05) -> float:
    """Say the smallest difference between two arms that a design shows, from the effects of one already measured.

    `effects` is `crossed_effects` of the arms' differences, shape (1, seeds, items): any metric, its seeds and items
    both counted. The same seeds and items bought again would show that much, by a two-sided t test.

    >>> from bimetal.stats.crossed_effects import crossed_effects
    >>> gaps = np.random.default_rng(1).choice([-1, 0, 1], (1, 5, 1200), p=[0.02, 0.94, 0.04])
    >>> round(smallest_mean_difference(crossed_effects(gaps)), 3)
    0.012
    """
    from scipy.stats import norm, t

    _checked(0.5, power, alpha)
    ends = np.array([1 - alpha / 2, power])
    spans = norm.ppf(ends) if np.isinf(effects.df) else t.ppf(ends, effects.df)
    return float(np.sum(spans) * np.sqrt(effects.covariance[0, 0]))


def _items(difference: float, discordance: float, wrong: float, missed: float) -> float:
    split = max(discordance, difference)
    return (wrong * math.sqrt(split) + missed * math.sqrt(split - difference**2)) ** 2 / difference**2


def _checked(discordance: float, power: float, alpha: float) -> tuple[float, float, float]:
    from scipy.stats import norm

    for name, value in (("discordance", discordance), ("power", power), ("alpha", alpha)):
        if not 0 < value < 1:
            raise InputError(f"{name} {value} is not between 0 and 1", f"give a share, such as {name} 0.05")
    return discordance, float(norm.ppf(1 - alpha / 2)), float(norm.ppf(power))

"""Confidence intervals for accuracies and their differences: one run, several seeds, seeds crossed with items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.stats.crossed_effects import Effects, crossed_effects
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Bound a share by Wilson's score interval (1927); raises InputError unless 0 <= successes <= n, n > 0.

    >>> print(wilson(81, 263))
    0.308 [0.255, 0.366]
    """
    if not 0 <= successes <= n or n < 1:
        raise InputError(f"{successes} of {n} is not a share", "give 0 <= successes <= n with n at least 1")
    low, high = _score(successes / n, n, _quantile(level, np.inf))
    return Interval(successes / n, low, high, level)


def seed_t(values: ArrayLike, level: float = 0.95) -> Interval:
    """Bound a mean over seeds by Student's t, shape (seeds,); raises InputError below two seeds.

    It knows the spread between seeds alone: equal values give no width, and the panel is taken as given.

    >>> print(seed_t([0.91, 0.93, 0.92]))
    0.920 [0.895, 0.945]
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise InputError(f"{values.tolist()} is no sample of seeds", "give one finite number a seed, two or more")
    mean = float(values.mean())
    half = _quantile(level, len(values) - 1) * float(values.std(ddof=1)) / len(values) ** 0.5
    return Interval(mean, mean - half, mean + half, level)


def crossed(values: ArrayLike, level: float = 0.95) -> Interval:
    """Bound the mean of values of shape (seeds, items) for new seeds and new items alike.

    A mean in [0, 1] is a score: Wilson's interval on the effective number of items p(1-p)/V, V the crossed variance of
    `crossed_effects`, with a t quantile; so it keeps a width at 0 and 1, and one seed of right and wrong gives Wilson
    itself. The values themselves may lie anywhere, as the contributions of a linearised metric do; a mean outside
    gets a t interval. Two arms are compared by `crossed_difference`. Raises InputError for values that are not finite.

    >>> print(crossed([[1, 1, 0, 1, 1, 1], [1, 1, 1, 1, 0, 1]]))
    0.833 [0.346, 0.979]
    """
    values = _scores(values)
    effects = crossed_effects(values[None])
    mean, variance = float(effects.mean[0]), float(effects.covariance[0, 0])
    low, high = share_bounds(mean, variance, values.shape[1], _quantile(level, effects.df))
    return Interval(mean, low, high, level)


def crossed_difference(ahead: ArrayLike, behind: ArrayLike, level: float = 0.95, one: float = 1.0) -> Interval:
    """Bound the mean of `ahead - behind`, two arms scored on the same seeds and items, shape (seeds, items).

    A t interval around the mean after adding one item won and one item lost by every seed, as Bonett and Price (2012)
    do for paired shares: agreement on a handful of items is not taken for equality. `one` is what an item weighs, 1
    but on `clustered` values, where it is groups/items.

    >>> print(crossed_difference([[1, 1, 0, 1, 1, 1]], [[1, 1, 0, 1, 1, 1]]))
    0.000 [-0.346, 0.346]
    """
    ahead, behind = _scores(ahead), _scores(behind)
    if ahead.shape != behind.shape:
        raise InputError(
            f"arms of shape {ahead.shape} and {behind.shape} cannot be paired", "score both on the same seeds and items"
        )
    gaps = ahead - behind
    mean, effects = float(gaps.mean()), one_won_one_lost(gaps, one)
    centre, half = float(effects.mean[0]), _quantile(level, effects.df) * float(effects.covariance[0, 0]) ** 0.5
    edge = 1.0 if np.abs(gaps).max() <= 1 else np.inf
    return Interval(mean, max(-edge, min(mean, centre - half)), min(edge, max(mean, centre + half)), level)


def one_won_one_lost(gaps: FloatArray, one: float) -> Effects:
    """Estimate a mean difference of shape (seeds, items) after adding one item won and one item lost by every seed."""
    won = np.full((len(gaps), 1), one)
    return crossed_effects(np.hstack([gaps, won, -won])[None])


def share_bounds(mean: float, variance: float, items: int, quantile: float) -> tuple[float, float]:
    """Bound a share whose error has this variance by Wilson's score, on as many items as would give that variance.

    Without variance `items` stands for that number; a mean that is no share gets plus or minus quantile * error.
    """
    if 0 < mean < 1 or (mean in {0.0, 1.0} and not variance):
        return _score(mean, mean * (1 - mean) / variance if variance else items, quantile)
    return mean - quantile * variance**0.5, mean + quantile * variance**0.5


def _score(p: float, n: float, z: float) -> tuple[float, float]:
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half))


def _quantile(level: float, df: float) -> float:
    from scipy.stats import norm, t

    if not 0 < level < 1:
        raise InputError(f"level {level} is no confidence level", "give a number between 0 and 1, such as 0.95")
    return float(norm.ppf((1 + level) / 2) if np.isinf(df) else t.ppf((1 + level) / 2, df))


def _scores(values: ArrayLike) -> FloatArray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 2:
        raise InputError(f"values of shape {values.shape} are no scores per seed and item", "give (seeds, items)")
    return values

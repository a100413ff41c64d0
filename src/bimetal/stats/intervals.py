"""Confidence intervals for accuracies and their differences: one run, several seeds, seeds crossed with items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.stats.crossed_effects import crossed_effects
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

    Values in [0, 1] are accuracies: Wilson's interval on the effective number of items p(1-p)/V, V the crossed
    variance of `crossed_effects`, with a t quantile; so it keeps a width at 0 and 1, and one seed gives Wilson itself.
    A negative value makes them differences; `crossed_difference` leaves no doubt and is the way to compare two arms.
    Raises InputError for values outside [-1, 1].

    >>> print(crossed([[1, 1, 0, 1, 1, 1], [1, 1, 1, 1, 0, 1]]))
    0.833 [0.346, 0.979]
    """
    values = _scores(values)
    return _difference(values, level) if (values < 0).any() else _share(values, level)


def crossed_difference(ahead: ArrayLike, behind: ArrayLike, level: float = 0.95) -> Interval:
    """Bound the mean of `ahead - behind`, two arms scored on the same seeds and items, shape (seeds, items).

    A t interval around the mean after adding one item won and one item lost by every seed, as Bonett and Price (2012)
    do for paired shares: agreement on a handful of items is not taken for equality.

    >>> print(crossed_difference([[1, 1, 0, 1, 1, 1]], [[1, 1, 0, 1, 1, 1]]))
    0.000 [-0.346, 0.346]
    """
    ahead, behind = _scores(ahead), _scores(behind)
    if ahead.shape != behind.shape:
        raise InputError(
            f"arms of shape {ahead.shape} and {behind.shape} cannot be paired", "score both on the same seeds and items"
        )
    return _difference(ahead - behind, level)


def _share(values: FloatArray, level: float) -> Interval:
    effects = crossed_effects(values[None])
    p, variance = float(effects.mean[0]), float(effects.covariance[0, 0])
    n = p * (1 - p) / variance if variance else values.shape[1]
    low, high = _score(p, n, _quantile(level, effects.df))
    return Interval(p, low, high, level)


def _difference(values: FloatArray, level: float) -> Interval:
    one = np.ones((len(values), 1))
    effects = crossed_effects(np.hstack([values, one, -one])[None])
    centre, half = float(effects.mean[0]), _quantile(level, effects.df) * float(effects.covariance[0, 0]) ** 0.5
    mean = float(values.mean())
    return Interval(mean, max(-1.0, min(mean, centre - half)), min(1.0, max(mean, centre + half)), level)


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
    if values.ndim != 2 or (np.abs(values) > 1).any():
        raise InputError(
            f"values of shape {values.shape} are no scores per seed and item", "give (seeds, items) within -1 and 1"
        )
    return values

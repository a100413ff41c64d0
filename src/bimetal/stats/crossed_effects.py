"""Variance of means over seeds crossed with items: two-way random-effects mean squares, scalar or matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import FloatArray


@dataclass(frozen=True, slots=True)
class Effects:
    """Means of shape (k,), the covariance of their errors (k, k), and its Satterthwaite degrees of freedom."""

    mean: FloatArray
    covariance: FloatArray
    df: float


def crossed_effects(values: FloatArray) -> Effects:
    """Estimate k means and their joint error from values of shape (k, seeds, items), both factors random.

    The covariance is (MS_seed + MS_item - MS_rest) / (seeds * items), never below MS_rest / (seeds * items) in any
    direction. Degrees of freedom follow Satterthwaite (1946), for matrices Nel and van der Merwe (1986).
    With one seed only the items' spread is known, and df is infinite: nothing is said about other seeds.
    Raises InputError for values that are not finite or fewer than two items.

    >>> effects = crossed_effects(np.array([[[1, 1, 0, 1], [1, 0, 0, 1]]]))
    >>> effects.mean, effects.covariance.round(4)
    (array([0.625]), array([[0.0573]]))
    """
    values = _checked(values)
    _, seeds, items = values.shape
    mean = values.mean(axis=(1, 2))
    if seeds == 1:
        return Effects(mean, np.cov(values[:, 0], ddof=0).reshape(len(mean), -1) / items, np.inf)
    seed, item, rest = _mean_squares(values, mean)
    total = rest + _positive_part(seed + item - 2 * rest)
    parts = ((seed, seeds - 1), (item, items - 1), (rest, (seeds - 1) * (items - 1)))
    spread = sum(_size(part) / df for part, df in parts)
    df = _size(total) / spread if spread else np.inf
    return Effects(mean, total / (seeds * items), max(df, min(seeds, items) - 1))


def _checked(values: FloatArray) -> FloatArray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 3 or 0 in values.shape or values.shape[2] < 2:
        raise InputError(f"values have shape {values.shape}", "give (curves, seeds, items) with at least two items")
    if not np.isfinite(values).all():
        raise InputError("values hold NaN or infinity, expected finite numbers", "score every item under every seed")
    return values


def _mean_squares(values: FloatArray, mean: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    _, seeds, items = values.shape
    by_seed = values.mean(axis=2) - mean[:, None]
    by_item = values.mean(axis=1) - mean[:, None]
    rest = (values - mean[:, None, None] - by_seed[:, :, None] - by_item[:, None, :]).reshape(len(mean), -1)
    return (
        items * by_seed @ by_seed.T / (seeds - 1),
        seeds * by_item @ by_item.T / (items - 1),
        rest @ rest.T / ((seeds - 1) * (items - 1)),
    )


def _positive_part(matrix: FloatArray) -> FloatArray:
    roots, directions = np.linalg.eigh(matrix)
    return np.asarray((directions * np.maximum(roots, 0)) @ directions.T)


def _size(matrix: FloatArray) -> float:
    return float(np.sum(matrix * matrix) + np.trace(matrix) ** 2)

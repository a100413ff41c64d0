"""Sums that do not depend on their order: numbers rounded to a grid on which floating point adds exactly."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

LOGARITHMS = 700.0  # no `log` below is larger
_NARROW = 24  # up to here a pass a column is faster than numpy's reduction of short rows


def on_grid(values: FloatArray, terms: int, largest: float = 1.0, out: FloatArray | None = None) -> FloatArray:
    """Round to a grid so coarse that any `terms` of these values, none above `largest`, add up without rounding.

    Then the sum is the same in whatever order items, raters and labels come. The grid's step is about
    2^-51 of `terms * largest`: a million probabilities keep nine decimals.

    >>> import numpy as np
    >>> tenths = on_grid(np.full(10, 0.1), terms=10)
    >>> bool(tenths[:3].sum() + tenths[3:].sum() == tenths[:7].sum() + tenths[7:].sum())
    True
    """
    step = 2.0 ** (np.ceil(np.log2(max(terms, 1) * largest)) - 51)
    shift = 1.5 * 2.0**52 * step
    rounded: FloatArray = np.add(values, shift, out=out)
    rounded -= shift
    return rounded


def log(chances: FloatArray) -> FloatArray:
    """Take logarithms; a chance of 0 counts as 1e-300."""
    return np.log(np.maximum(chances, 1e-300))


def softmax(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turn scores of shape (items, labels) into probabilities, in place, and return each row's log sum, too.

    The probabilities lie on a grid on which any of them add up exactly.
    """
    top = row_max(scores)
    scores -= top[:, None]
    np.exp(scores, out=scores)
    on_grid(scores, scores.shape[1], out=scores)
    whole = row_sum(scores)
    scores /= whole[:, None]
    on_grid(scores, scores.size, out=scores)
    np.log(whole, out=whole)
    return scores, np.add(top, whole, out=top)


def total(values: FloatArray) -> float:
    """Add numbers of any size up with one rounding, at the end."""
    largest = float(np.abs(values).max(initial=1.0))
    return float(on_grid(values, len(values), largest).sum())


def row_max(values: FloatArray) -> FloatArray:
    """Return each row's largest value."""
    narrow = 1 < values.shape[1] <= _NARROW
    return reduce(np.maximum, values.T) if narrow else values.max(axis=1)


def row_sum(values: FloatArray) -> FloatArray:
    """Add a row's values up; only values on a grid give the same in any order of columns."""
    narrow = 1 < values.shape[1] <= _NARROW
    return reduce(np.add, values.T) if narrow else values.sum(axis=1)


def leading(soft: FloatArray) -> IntArray:
    """Point to each row's largest value, -1 where two are equally large."""
    top = row_max(soft)
    hits, place = np.zeros(len(soft), np.int32), np.zeros(len(soft), np.int64)
    for label, column in enumerate(soft.T):
        hit = column == top
        hits += hit
        place += label * hit
    place[hits > 1] = -1
    return place

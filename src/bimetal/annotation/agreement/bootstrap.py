"""A bootstrap over items at the price of one pass: items alike are drawn together, very many stand in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

RESAMPLES = 1000
ALIKE = 400  # kinds of items up to which a multinomial draw over kinds is the quicker way
GROUPS = 1000  # random groups that stand for very many items; the width's own error is then about 1 in 45


def resampled(rows: FloatArray, times: IntArray, rng: np.random.Generator, resamples: int = RESAMPLES) -> FloatArray:
    """Return sums over resampled items, shape (resamples, columns); row i of `rows` occurs `times[i]` times.

    `rows` may be a scipy sparse matrix. Above 1,000 items of many kinds, items are put into 1,000 groups at random and
    groups are drawn: they are as independent as their items, and a sum over items is a sum over groups.

    >>> resampled(np.ones((3, 1)), np.array([1, 1, 2]), np.random.default_rng(0), 2)
    array([[4.],
           [4.]])
    """
    if resamples < 1:
        raise InputError(f"{resamples} resamples are none", "draw 1,000, as a rule")
    n = int(times.sum())
    if n > GROUPS and len(times) > ALIKE:
        rows, n = _grouped(rows, times, rng), GROUPS
        times = np.ones(n, dtype=np.int64)
    if len(times) == n:
        drawn = rng.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n)
    else:
        weights = rng.multinomial(n, times / n, size=resamples)
    return np.asarray(weights.astype(float) @ _dense(rows))


def percentile(
    drawn: FloatArray, estimate: float, floor: float, level: float, items: int, worst: float = 1.0
) -> Interval:
    """Bound an agreement by the percentiles of its resampled values; a resample without variation (NaN) bounds nothing.

    Few items make percentiles too narrow, so they are taken farther out, as Student's t asks (Hesterberg 2015, What
    teachers should know about the bootstrap). Full agreement would get no width: there the lower bound is what the
    items would give if as many of them as `items` agreeing ones do not rule out each took `worst` from the agreement
    (1 - tail ** (1 / items) of them: the exact binomial bound for no event in `items`).
    """
    from scipy.stats import norm, t

    tail = (1 - level) / 2
    if not 0 < tail < 0.5:
        raise InputError(f"level {level} is no confidence level", "give a number between 0 and 1, such as 0.95")
    if estimate >= 1 - 1e-12:
        return Interval(1.0, max(floor, 1 - worst * (1 - tail ** (1 / items))), 1.0, level)
    if items > 1:
        tail = float(norm.cdf((items / (items - 1)) ** 0.5 * t.ppf(tail, items - 1)))
    unknown = np.isnan(drawn)
    low = float(np.quantile(np.where(unknown, floor, drawn), tail))
    high = float(np.quantile(np.where(unknown, 1.0, drawn), 1 - tail))
    return Interval(estimate, max(floor, min(low, estimate)), min(1.0, max(high, estimate)), level)


def _grouped(rows: FloatArray, times: IntArray, rng: np.random.Generator) -> FloatArray:
    from scipy.sparse import csr_array

    each = rng.permutation(np.repeat(np.arange(len(times)), times))
    starts = np.linspace(0, len(each), GROUPS + 1).astype(np.int64)
    return _dense(csr_array((np.ones(len(each)), each, starts), shape=(GROUPS, len(times))) @ rows)


def _dense(rows: FloatArray) -> FloatArray:
    from scipy.sparse import issparse

    return np.asarray(rows.toarray() if issparse(rows) else rows)  # type: ignore[attr-defined]  # a sparse one has it

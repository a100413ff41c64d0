"""Krippendorff's alpha: agreement beyond chance for any number of raters, missing answers, any scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.annotation.agreement.bootstrap import RESAMPLES, percentile, resampled
from bimetal.annotation.agreement.distances import Metric, ascending, distance
from bimetal.annotation.agreement.ratings import Agreement, Coded
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray

EXACT = 52  # bits of a whole number that a float holds exactly
ORDINAL = 100  # steps of a scale whose coincidences are kept for every resample


def alpha(
    given: Coded,
    rng: np.random.Generator,
    metric: Metric = "nominal",
    focus: str | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Agreement:
    """Return Krippendorff's alpha: 1 is full agreement, 0 what chance gives, below 0 worse than chance.

    Krippendorff (2011), Computing Krippendorff's alpha-reliability; (2019) Content Analysis, 4th edition, chapter 12.
    Items with one answer say nothing and are left out. With `focus`, a rater's name, alpha is that of two: this rater,
    and the average of the others who answered the same items. The interval is a bootstrap over items; ordinal ranks
    are made anew in each resample. Not known where no item has two answers, or where all answers are the same.

    >>> from bimetal.annotation.agreement import by_rater
    >>> print(alpha(by_rater({"Ann": "aabb", "Ben": "aaba"}), np.random.default_rng(0)).estimate)
    0.5333333333333333
    """
    name = f"Krippendorff's alpha, {metric}" + (f", {focus} against the others" if focus is not None else "")
    pairs = _pairs(given, focus)
    if not pairs.items:
        return Agreement(name, None, _nothing(focus))
    counted = (pairs.items, pairs.answers, pairs.raters)
    rows, parts = (_ordinal if metric == "ordinal" else _fixed)(pairs, given, metric)
    observed, expected, farthest = parts(_total(rows, pairs.times)[None])
    if expected[0] <= 0:
        only = given.labels[int(pairs.margins.indices[0])]
        words = f"every answer is {only!r}: raw agreement is full, but agreement beyond chance cannot be told"
        return Agreement(name, None, words, *counted)
    drawn_observed, drawn_expected, _ = parts(resampled(rows, pairs.times, rng, resamples))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.where(drawn_expected > 0, 1 - drawn_observed / drawn_expected, np.nan)
    estimate, worst = float(1 - observed[0] / expected[0]), float(farthest[0] / expected[0])
    interval = percentile(drawn, estimate, -1.0, level, pairs.items, worst)
    return Agreement(name, interval, _counted(given, counted), *counted)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Kinds of items: what is compared with what (counts of values), what is expected, how often the kind occurs."""

    left: Any
    right: Any
    margins: Any
    times: IntArray
    items: int
    answers: int
    raters: int


def _pairs(given: Coded, focus: str | None) -> _Pairs:
    if focus is not None:
        return _against_others(given, focus)
    counts, times = patterns(given)
    sizes = np.asarray(counts.sum(axis=1)).ravel()
    raters = seen(given, np.bincount(given.item) > 1)
    right = _scaled(counts, 1 / (sizes - 1))
    return _Pairs(counts, right, counts, times, int(times.sum()), int(sizes @ times), raters)


def patterns(given: Coded) -> tuple[Any, IntArray]:
    """Collapse items with equal counts of values: counts as a sparse table (patterns, labels), and how often each is.

    Only items with two answers or more. Where the counts do not fit one exact number, each item is its own pattern.
    """
    from scipy.sparse import csr_array

    sizes = np.bincount(given.item)
    base = float(sizes.max(initial=0) + 1)
    if np.log2(base) * len(given.labels) < EXACT:
        radix = base ** np.arange(len(given.labels))
        keys = np.bincount(given.item, weights=radix[given.value], minlength=len(sizes))[sizes > 1]
        kinds, times = _unique(keys.astype(np.int64), int(base ** len(radix)))
        return csr_array(kinds[:, None] // radix.astype(np.int64) % int(base) * 1.0), times
    row = np.cumsum(sizes > 1) - 1
    kept = (sizes > 1)[given.item]
    at = (row[given.item[kept]], given.value[kept])
    items = int((sizes > 1).sum())
    counts = csr_array((np.ones(len(at[0])), at), shape=(items, len(given.labels)))
    counts.sum_duplicates()
    return counts, np.ones(items, dtype=np.int64)


def seen(given: Coded, items: BoolArray) -> int:
    """Count the raters who answered one of these items or more, true where an item is meant."""
    return int(np.count_nonzero(np.bincount(given.rater[items[given.item]])))


def _unique(keys: IntArray, most: int) -> tuple[IntArray, IntArray]:
    if most > 2**20:
        return np.unique(keys, return_counts=True)
    times = np.bincount(keys)
    kinds = np.flatnonzero(times)
    return kinds, times[kinds]


def _against_others(given: Coded, focus: str) -> _Pairs:
    from scipy.sparse import csr_array

    if focus not in given.raters:
        raise InputError(f"rater {focus!r} answered nothing", f"name one of: {', '.join(given.raters)}")
    own = given.rater == given.raters.index(focus)
    sizes = np.bincount(given.item)
    compared = np.zeros(len(sizes), dtype=bool)
    compared[given.item[own]] = True
    compared &= sizes > 1
    row, shape = np.cumsum(compared) - 1, (int(compared.sum()), len(given.labels))
    mine, theirs = own & compared[given.item], ~own & compared[given.item]
    left = csr_array((np.ones(mine.sum()), (row[given.item[mine]], given.value[mine])), shape=shape)
    share = 1 / (sizes[given.item[theirs]] - 1)
    right = csr_array((share, (row[given.item[theirs]], given.value[theirs])), shape=shape)
    counts = (shape[0], int(sizes[compared].sum()), seen(given, compared))
    return _Pairs(left, 2 * right, left + right, np.ones(shape[0], dtype=np.int64), *counts)


def _fixed(pairs: _Pairs, given: Coded, metric: Metric) -> tuple[Any, Any]:
    from scipy.sparse import csr_array, hstack

    apart = distance(metric, given.labels)
    within = apart.across(apart.encode(pairs.left), apart.encode(pairs.right))
    encoded = apart.encode(pairs.margins)
    sizes = np.asarray(pairs.margins.sum(axis=1)).ravel()
    rows = hstack([csr_array(np.column_stack([within, sizes])), csr_array(encoded)]).tocsr()

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        n, margins = sums[:, 1], sums[:, 2:]
        expected = apart.across(margins, margins) / (n * (n - 1))
        return (
            sums[:, 0] / n,
            np.where(expected > 1e-12 * apart.farthest, expected, 0.0),
            np.full(len(n), apart.farthest),
        )

    return rows, parts


def _ordinal(pairs: _Pairs, given: Coded, metric: Metric) -> tuple[Any, Any]:  # noqa: ARG001 - symmetry with _fixed
    from scipy.sparse import hstack

    steps = len(given.labels)
    if steps > ORDINAL:
        raise InputError(f"{steps} steps, expected {ORDINAL} or fewer on an ordinal scale", "use the interval metric")
    if not ascending(given.labels):
        raise InputError(f"labels {given.labels[:5]} are not in order", "name the scale's labels from low to high")
    rows = hstack([pairs.margins, _coincidences(pairs.left, pairs.right)]).tocsr()

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        margins, together = sums[:, :steps], sums[:, steps:].reshape(-1, steps, steps)
        n = margins.sum(axis=1)
        ranks = np.cumsum(margins, axis=1) - margins / 2 - n[:, None] / 2
        squares = ((together.sum(axis=1) + together.sum(axis=2)) * ranks**2).sum(axis=1)
        observed = squares - 2 * np.einsum("bi,bij,bj->b", ranks, together, ranks, optimize=True)
        expected = 2 * (n * (margins * ranks**2).sum(axis=1) - (margins * ranks).sum(axis=1) ** 2) / (n * (n - 1))
        used = np.where(margins > 0, ranks, np.nan)
        farthest = (np.nanmax(used, axis=1) - np.nanmin(used, axis=1)) ** 2
        return observed / n, np.where(expected > 1e-12 * n**2, expected, 0.0), farthest

    return rows, parts


def _coincidences(left: Any, right: Any) -> Any:
    """Return for each row the table of left times right, laid flat: sparse, shape (rows, labels * labels)."""
    from scipy.sparse import csr_array

    labels, many = left.shape[1], np.diff(right.indptr)
    row = np.repeat(np.arange(left.shape[0]), np.diff(left.indptr))
    one = np.repeat(np.arange(len(row)), many[row])
    first = np.cumsum(many[row]) - many[row]
    two = np.arange(len(one)) - first[one] + right.indptr[row[one]]
    at = (row[one], left.indices[one] * labels + right.indices[two])
    return csr_array((left.data[one] * right.data[two], at), shape=(left.shape[0], labels**2))


def _scaled(rows: Any, by: FloatArray) -> Any:
    from scipy.sparse import diags_array

    return (diags_array(by) @ rows).tocsr()


def _total(rows: Any, times: IntArray) -> FloatArray:
    return np.asarray(times.astype(float) @ rows).ravel()


def _nothing(focus: str | None) -> str:
    who = "no item has two answers" if focus is None else f"{focus} answered no item that another answered"
    return f"{who}: let two raters or more answer the same items"


def _counted(given: Coded, counted: tuple[int, int, int]) -> str:
    items, answers, raters = counted
    alone = int(np.count_nonzero(np.bincount(given.item))) - items
    left_out = f"; {alone} not compared" if alone else ""
    return f"{items} items, {answers} answers, {raters} raters{left_out}"

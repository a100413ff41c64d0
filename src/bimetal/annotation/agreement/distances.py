"""How far two values are apart: nominal, interval, ratio and between sets (Jaccard, MASI)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Metric: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio", "jaccard", "masi"]
MOST = 5000  # distinct values whose distances are all held at once


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance between bags of values, as a sum over all pairs of one from each.

    `encode` turns counts of values, shape (rows, labels), into what the sum needs; `across` is the sum for each row of
    two encoded counts; `farthest` is the greatest distance between two values.
    """

    encode: Callable[[Any], Any]
    across: Callable[[Any, Any], FloatArray]
    farthest: float


def distance(metric: Metric, labels: Sequence[Hashable]) -> Distance:
    """Return the distance a metric means on these labels; ordinal ranks depend on the answers and are not here.

    Raises InputError for labels that are no numbers (interval, ratio), below 0 (ratio) or no sets (jaccard, masi).
    """
    if metric == "nominal":
        return Distance(lambda counts: counts, _unequal, 1.0)
    if metric == "interval":
        return _squared(_numbers(labels))
    if metric == "ratio":
        return matrix(_ratio(_numbers(labels)))
    if metric in {"jaccard", "masi"}:
        return matrix(_between_sets(labels, metric == "masi"))
    raise InputError(f"metric {metric!r} is not known", "use nominal, ordinal, interval, ratio, jaccard or masi")


def matrix(apart: FloatArray) -> Distance:
    """Return the distance that a table of distances between values spells out, shape (labels, labels)."""
    return Distance(lambda counts: counts, lambda one, two: _by_blocks(one, two, apart), float(apart.max(initial=0.0)))


def jaccard(one: frozenset[Any], two: frozenset[Any]) -> float:
    """Return 1 - intersection / union, 0 for two empty sets.

    >>> jaccard(frozenset("ab"), frozenset("bc")), jaccard(frozenset(), frozenset())
    (0.6666666666666667, 0.0)
    """
    return 1 - len(one & two) / len(one | two) if one | two else 0.0


def masi(one: frozenset[Any], two: frozenset[Any]) -> float:
    """Return 1 - Jaccard's likeness * m, m 1 where equal, 2/3 where one holds the other, 1/3 where they meet, else 0.

    Passonneau (2006), Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic Annotation.

    >>> round(masi(frozenset("ab"), frozenset("abc")), 3), round(masi(frozenset("ab"), frozenset("bc")), 3)
    (0.556, 0.889)
    """
    if one == two:
        return 0.0
    kept = 2 / 3 if one <= two or two <= one else 1 / 3
    return 1 - kept * (1 - jaccard(one, two))


def ascending(labels: Sequence[Hashable]) -> bool:
    """Return whether labels that are numbers ascend; others may stand in any order.

    >>> ascending(["1", "10", "2"]), ascending(["bad", "good"])
    (False, True)
    """
    try:
        numbers = _numbers(labels)
    except InputError:
        return True
    return bool((np.diff(numbers) > 0).all())


def _unequal(one: Any, two: Any) -> FloatArray:
    return _sums(one) * _sums(two) - _sums(_times(one, two))


def _squared(x: FloatArray) -> Distance:
    centred = x - x.mean() if len(x) else x
    powers = np.column_stack([np.ones(len(x)), centred, centred**2])

    def across(one: FloatArray, two: FloatArray) -> FloatArray:
        return np.asarray(one[:, 0] * two[:, 2] + one[:, 2] * two[:, 0] - 2 * one[:, 1] * two[:, 1])

    return Distance(lambda counts: counts @ powers, across, float(np.ptp(x)) ** 2 if len(x) else 0.0)


def _ratio(x: FloatArray) -> FloatArray:
    if (x < 0).any():
        raise InputError(f"{x.min():g} is below zero, where a ratio scale has no values", "use the interval metric")
    _refuse_many(len(x))
    total = x[:, None] + x
    return np.asarray(((x[:, None] - x) / np.where(total > 0, total, 1.0)) ** 2)


def _between_sets(labels: Sequence[Hashable], weighted: bool) -> FloatArray:
    wrong = next((each for each in labels if not isinstance(each, frozenset)), None)
    if wrong is not None:
        raise InputError(f"{wrong!r} is not a set", "answer with frozensets of labels")
    _refuse_many(len(labels))
    members = sorted({member for each in labels for member in each}, key=str)  # type: ignore[attr-defined]  # a set
    held = np.zeros((len(labels), len(members)))
    for row, each in enumerate(labels):
        held[row] = [member in each for member in members]  # type: ignore[operator]  # a set
    size, both = held.sum(axis=1), held @ held.T
    either = size[:, None] + size - both
    alike = np.where(either > 0, both / np.where(either > 0, either, 1.0), 1.0)
    if not weighted:
        return 1 - alike
    least = np.minimum(size[:, None], size)
    return 1 - alike * np.where(either == both, 1.0, np.where(both == least, 2 / 3, 1 / 3))


def _numbers(labels: Sequence[Any]) -> FloatArray:
    try:
        x = np.array([float(each) for each in labels], dtype=float)
    except (TypeError, ValueError) as fault:
        raise InputError(f"a label of {list(labels)[:5]} is not a number", "answer with numbers") from fault
    if not np.isfinite(x).all():
        raise InputError("a label is not a finite number", "leave out answers that are none")
    return x


def _refuse_many(labels: int) -> None:
    if labels > MOST:
        raise InputError(
            f"{labels} distinct values, expected {MOST} or fewer", "round the answers, or draw fewer items"
        )


def _by_blocks(one: Any, two: Any, apart: FloatArray) -> FloatArray:
    starts = range(0, one.shape[0], 2000)
    return np.concatenate(
        [[0.0][:0], *(_sums(_times(two[at : at + 2000], one[at : at + 2000] @ apart)) for at in starts)]
    )


def _times(one: Any, two: Any) -> Any:
    return one.multiply(two) if hasattr(one, "multiply") else one * two


def _sums(rows: Any) -> FloatArray:
    return np.asarray(rows.sum(axis=1), dtype=float).ravel()

"""How far annotators agree: raw agreement of pairs, and Fleiss' kappa that takes chance away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.resolve import latest
from bimetal.errors import InputError
from bimetal.types import Annotation, Interval

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


def raw_agreement(annotations: Iterable[Annotation], level: float = 0.95) -> Interval:
    """Return the share of answer pairs to one item that are equal, averaged over items.

    Items with fewer than two answers say nothing and are left out; raises InputError if none is left.
    The interval is a jackknife over items.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> votes = [Annotation(who, "a", who, "human", value, noon) for who, value in zip("ABC", "xxy")]
    >>> round(raw_agreement(votes).estimate, 3)
    0.333
    """
    same, _ = _per_item(_counts(annotations))
    return _jackknife(same[:, None], lambda mean: float(mean[0]), (0.0, 1.0), level)


def fleiss_kappa(annotations: Iterable[Annotation], level: float = 0.95) -> Interval:
    """Return Fleiss' kappa: 1 is full agreement, 0 what chance gives (Psychological Bulletin 76, 1971).

    Items may have different numbers of answers, two or more; each item weighs the same, as in Gwet's
    Handbook of Inter-Rater Reliability (2014, section 2.4). Where only one label was ever given nothing
    could disagree: kappa is 1. The interval is a jackknife over items. Raises InputError where no item
    has two answers.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> said = {"Ann": "xxy", "Ben": "xyy"}
    >>> votes = [Annotation(w, str(i), w, "human", v, noon) for w, vs in said.items() for i, v in enumerate(vs)]
    >>> round(fleiss_kappa(votes).estimate, 3)
    0.333
    """
    same, shares = _per_item(_counts(annotations))
    return _jackknife(np.column_stack([same, shares]), _kappa, (-1.0, 1.0), level)


def _counts(annotations: Iterable[Annotation]) -> IntArray:
    by_item = latest(annotations).values()
    given = [[each.value for each in item.values() if each.status == "submitted" and each.value] for item in by_item]
    given = [values for values in given if len(values) > 1]
    if not given:
        raise InputError("no item has two answers", "let two annotators or more answer the same items")
    labels = sorted({value for values in given for value in values})
    return np.array([[values.count(label) for label in labels] for values in given])


def _per_item(counts: IntArray) -> tuple[FloatArray, FloatArray]:
    answers = counts.sum(axis=1)
    same = (counts * (counts - 1)).sum(axis=1) / (answers * (answers - 1))
    return same, counts / answers[:, None]


def _kappa(mean: FloatArray) -> float:
    observed, expected = float(mean[0]), float((mean[1:] ** 2).sum())
    return 1.0 if expected >= 1 else (observed - expected) / (1 - expected)


def _jackknife(
    rows: FloatArray, statistic: Callable[[FloatArray], float], bounds: tuple[float, float], level: float
) -> Interval:
    from scipy.stats import t

    n, estimate = len(rows), statistic(rows.mean(axis=0))
    if n == 1:
        return Interval(estimate, *bounds, level)
    without = np.array([statistic(mean) for mean in (rows.sum(axis=0) - rows) / (n - 1)])
    error = float(np.sqrt((n - 1) * without.var()))
    reach = error * float(t.ppf((1 + level) / 2, n - 1))
    return Interval(estimate, max(bounds[0], estimate - reach), min(bounds[1], estimate + reach), level)

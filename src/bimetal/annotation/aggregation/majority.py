"""Majority vote over coded answers: the shares are the soft labels, and a tie stays undecided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from bimetal.annotation.aggregation.exact import leading
from bimetal.annotation.aggregation.posterior import Posterior

if TYPE_CHECKING:
    from bimetal.annotation.aggregation.votes import Votes
    from bimetal.types import FloatArray, IntArray


def majority(
    votes: Votes, ties: Literal["undecided", "commonest"] = "undecided", clamped: Mapping[str, str] | None = None
) -> Posterior:
    """Give each item the shares of its answers; `clamped` maps gold items to their known labels.

    `ties="commonest"` gives a tied item to those of its leading labels that are commonest in the shares of
    all items, and leaves it undecided only where these are equally common, too. A rater's quality is the
    share of answers on decided items that equal the majority (their own vote counts).

    >>> from bimetal.annotation.aggregation import Votes
    >>> votes = Votes.of("aaabb", ["Ann", "Ben", "Cid", "Ann", "Ben"], ["no", "no", "yes", "no", "yes"])
    >>> posterior = majority(votes)
    >>> posterior.soft.round(2).tolist(), posterior.point.tolist(), posterior.tied
    ([[0.67, 0.33], [0.5, 0.5]], [0, -1], ('b',))
    >>> majority(votes, ties="commonest").table()["label"].to_pylist()
    ['no', 'no']
    """
    soft = votes.gold(clamped).clamp(votes.shares())
    point = leading(soft)
    if ties == "commonest":
        point = _commonest(soft, point)
    return Posterior(votes, soft, point, _agreeing(votes, point))


def _commonest(soft: FloatArray, point: IntArray) -> IntArray:
    tied = np.flatnonzero(point < 0)
    rows = soft[tied]
    atop = rows == rows.max(axis=1, keepdims=True)
    settled = point.copy()
    settled[tied] = leading(np.where(atop, soft.sum(axis=0), -1.0))
    return settled


def _agreeing(votes: Votes, point: IntArray) -> FloatArray:
    said, raters = np.repeat(point, votes.per_item), len(votes.raters)
    same = np.bincount(votes.rater, said == votes.value, raters)
    undecided = np.bincount(votes.rater[said < 0], minlength=raters)
    with np.errstate(invalid="ignore"):
        return same / (np.bincount(votes.rater, minlength=raters) - undecided)  # nan: all a rater's items are tied

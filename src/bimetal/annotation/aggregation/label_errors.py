"""Confident learning: labels that a model, scored out of sample, finds wrong, most doubtful first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from bimetal.types import FloatArray, IntArray

_ROWS = 1 << 16  # a block of rows that stays in the processor's cache


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """Candidates to be labelled again, as row numbers, most doubtful first.

    `suggested` is the label the model holds for right, `margin` its score of the given label less the largest
    other (both of shape (candidates,)). `thresholds` of shape (labels,) is how sure the model is of a label on
    the items that carry it, nan where none does. `joint` of shape (labels, labels) estimates the share of items
    by given and true label; `wrong` is its mass off the diagonal.
    """

    items: IntArray
    suggested: IntArray
    margin: FloatArray
    thresholds: FloatArray
    joint: FloatArray

    @property
    def wrong(self) -> float:
        return float(self.joint.sum() - np.trace(self.joint))


def label_errors(scores: ArrayLike, labels: ArrayLike) -> LabelErrors:
    """Find items confidently of another class than their label (Northcutt, Jiang and Chuang, JAIR 70, 2021).

    `scores` of shape (items, labels) are probabilities from models that were not trained on the item;
    `labels` are codes of its columns, -1 for an undecided item, which is left out: the `point` of an
    aggregation fits. An item counts as of the class with the largest score among those whose score reaches the class's
    threshold; where that is not the given label it is a candidate. Raises InputError for scores that are no
    probabilities and for labels that are no columns.

    >>> scores = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.9, 0.1]]
    >>> found = label_errors(scores, [0, 0, 0, 1, 1, 1])
    >>> found.items.tolist(), found.suggested.tolist(), found.thresholds.round(2).tolist()
    ([5], [0], [0.8, 0.6])
    """
    chances, given = _checked(scores, labels)
    rows, width = np.flatnonzero(given >= 0), chances.shape[1]
    own = chances[rows, given[rows]]
    counts = np.bincount(given[rows], minlength=width)
    with np.errstate(invalid="ignore"):
        thresholds = np.bincount(given[rows], own, width) / counts
    held = _held(chances, thresholds)[rows]
    sure = held >= 0
    confident = np.bincount(given[rows][sure] * width + held[sure], minlength=width * width).reshape(width, width)
    found = sure & (held != given[rows])
    margin = _margin(chances[rows[found]], given[rows][found])
    order = np.argsort(margin, kind="stable")
    return LabelErrors(rows[found][order], held[found][order], margin[order], thresholds, _joint(confident, counts))


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.floating], IntArray]:
    chances, given = np.asarray(scores), np.asarray(labels)
    if not np.issubdtype(chances.dtype, np.floating):
        chances = chances.astype(float)
    if chances.ndim != 2 or given.shape != chances.shape[:1] or not len(given):
        raise InputError(
            f"scores of shape {chances.shape} and labels of shape {given.shape} do not belong together",
            "give scores of shape (items, labels) and a label an item",
        )
    if not (chances.min() >= 0 and chances.max() <= 1 + 1e-6):
        raise InputError(
            f"scores run from {chances.min()} to {chances.max()}, expected 0 to 1", "give probabilities a label"
        )
    if not np.issubdtype(given.dtype, np.integer) or given.min() < -1 or given.max() >= chances.shape[1]:
        raise InputError("labels are no columns of the scores", f"give codes -1 to {chances.shape[1] - 1}")
    if given.max() < 0:
        raise InputError("every item is undecided", "give labels: their points, not their ties")
    return chances, given.astype(np.int64, copy=False)


def _held(chances: NDArray[np.floating], thresholds: FloatArray) -> IntArray:
    """The likeliest label among those whose score reaches its threshold, -1 where none does."""
    held = np.empty(len(chances), dtype=np.int64)
    bars = np.where(np.isnan(thresholds), np.inf, thresholds).astype(chances.dtype)
    for start in range(0, len(chances), _ROWS):
        block = chances[start : start + _ROWS]
        reached = np.where(block >= bars, block, -1.0)
        best = reached.argmax(axis=1)
        held[start : start + _ROWS] = np.where(reached[np.arange(len(block)), best] < 0, -1, best)
    return held


def _margin(chances: NDArray[np.floating], given: IntArray) -> FloatArray:
    rows = np.arange(len(given))
    others = chances.astype(float)
    own = others[rows, given]
    others[rows, given] = -np.inf
    return np.asarray(own - others.max(axis=1))


def _joint(confident: IntArray, counts: IntArray) -> FloatArray:
    """Scale the confident counts to how often each label was given; a label nobody is sure of counts as right."""
    seen = confident.sum(axis=1)
    sure = np.where((seen == 0)[:, None], np.diag(counts), confident)
    whole = np.where(seen == 0, counts, seen)
    scaled = sure * (counts / np.maximum(whole, 1))[:, None]
    return np.asarray(scaled / counts.sum())

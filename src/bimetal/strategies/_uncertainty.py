"""Margins and entropies of many scores, in blocks that stay in cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import FloatArray

BLOCK = 8192


def margins(scores: FloatArray) -> FloatArray:
    """Return the best score less the second best, shape (rows,); scores have shape (rows, 2 classes or more).

    >>> margins(np.array([[0.5, 0.25, 0.25], [0.0, 0.75, 0.25]]))
    array([0.25, 0.5 ])
    """
    found = np.empty(len(scores), scores.dtype)
    for start in range(0, len(scores), BLOCK):
        columns = np.ascontiguousarray(scores[start : start + BLOCK].T)
        best, second = np.maximum(columns[0], columns[1]), np.minimum(columns[0], columns[1])
        for column in columns[2:]:
            np.maximum(second, np.minimum(best, column), out=second)
            np.maximum(best, column, out=best)
        found[start : start + BLOCK] = best - second
    return found


def entropies(scores: FloatArray) -> FloatArray:
    """Return the entropy of each row in nats, shape (rows,); rows are scaled to sum to 1, and 0 log 0 is 0.

    >>> entropies(np.array([[0.5, 0.5], [1.0, 0.0]])).round(4)
    array([0.6931, 0.    ])
    """
    found = np.empty(len(scores), scores.dtype)
    tiny = np.finfo(scores.dtype).tiny
    for start in range(0, len(scores), BLOCK):
        block = np.maximum(np.ascontiguousarray(scores[start : start + BLOCK]), tiny)
        ones = np.ones(block.shape[1], block.dtype)  # a product with ones sums short rows far faster than sum(axis=1)
        total = block @ ones
        found[start : start + BLOCK] = np.log(total) - (block * np.log(block)) @ ones / total
    return np.maximum(found, 0)

"""The pool as a query strategy sees it: checked scores, rows still open, draws with their probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.plugins import Pool, Selection

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


def scores_of(pool: Pool, n: int, classes: int = 0) -> FloatArray:
    """Return a pool's scores, shape (rows, classes); raises InputError for none, another shape, NaN or a negative n."""
    if pool.scores is None:
        raise InputError("the pool has no scores", "score its rows with a fitted model, or choose another strategy")
    scores = np.asarray(pool.scores, float)
    if scores.ndim != 2 or scores.shape[1] < classes:
        raise InputError(f"the scores have shape {scores.shape}", f"pass shape (pool, {classes or 1} classes or more)")
    if np.isnan(scores).any():
        row = int(np.isnan(scores).any(axis=1).argmax())
        raise InputError(f"the scores of pool row {row} hold NaN", "score every row with a fitted model")
    if n < 0:
        raise InputError(f"{n} rows were asked for", "ask for 0 or more")
    return scores


def open_rows(pool: int, labelled: IntArray) -> IntArray:
    """Name the pool's rows that are not labelled yet, ascending; raises InputError for an index outside the pool."""
    known = np.asarray(labelled, np.int64)
    if known.size and not 0 <= known.min() <= known.max() < pool:
        raise InputError(f"a labelled index lies outside the pool of {pool} rows", "pass indices into the pool")
    left = np.ones(pool, bool)
    left[known] = False
    return np.flatnonzero(left)


def drawn(rows: IntArray, n: int, rng: np.random.Generator) -> Selection:
    """Draw n of the rows without replacement, each with probability n / rows."""
    chosen = rng.choice(rows, n, replace=False) if n else rows[:0]
    return Selection(chosen, np.full(n, n / max(len(rows), 1)))

"""Ask where the model is unsure and its gradients differ: BADGE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._nearest import Nearest, squared_norms
from bimetal.strategies._pool import Mixed, check_finite, embeddings_of, scores_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Badge(Mixed):
    """Choose rows by k-means++ on the gradients that each row's likeliest label would give the last layer.

    Ash and others 2020: the longest gradient first, then each row with a probability proportional to its squared
    distance to the nearest chosen one. A gradient is the outer product of (probabilities - likeliest class) and the
    embedding; its inner products are products of two small ones, so it is never formed. A pool beyond 4,096 rows is
    sampled by rejection from upper bounds of these distances: the same probabilities, other random numbers.

    >>> pool = Pool(np.array([[0.9, 0.1], [0.5, 0.5], [0.5, 0.5]]), np.array([[1, 0], [0, 2], [0, 2]]))
    >>> Badge(random_share=0)(pool, np.array([], int), 2, np.random.default_rng(0)).indices
    array([1, 0])
    """

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        nearest, longest = _opened(pool, labelled)
        if not n:
            return labelled[:0]
        nearest.add(longest)
        draws, chosen = _Draws(nearest, rng), [longest]
        while len(chosen) < n and (row := draws.take()) is not None:
            chosen.append(row)
        rest = np.flatnonzero(nearest.bounds >= 0)
        return np.append(chosen, rng.choice(rest, n - len(chosen), replace=False)).astype(np.int64)


class _Draws:
    """Rows drawn in proportion to their squared distance to the nearest centre, each a centre from then on.

    A row drawn by its upper bound is kept with probability (distance / bound), which leaves the first one kept
    distributed by the distances alone (von Neumann 1951), whatever the other bounds.
    """

    def __init__(self, nearest: Nearest, rng: np.random.Generator) -> None:
        self._nearest = nearest
        self._rng = rng
        self._totals = np.zeros(nearest.blocks)
        for block in range(nearest.blocks):
            self._refresh(block)

    def take(self) -> int | None:
        """Return the next row, or None once every row that is left lies on a centre."""
        bounds = self._nearest.bounds
        while self._totals.sum() > 0:
            block, row = self._drawn()
            bound = bounds[row]
            exact = not self._refresh(block)
            if bound > 0 and (exact or self._rng.random() * bound < bounds[row]):
                self._nearest.add(row)
                self._refresh(block)
                return row
        return None

    def _drawn(self) -> tuple[int, int]:
        edges = self._totals.cumsum()
        mark = self._rng.random() * edges[-1]
        block = _place(edges, mark)
        rows = self._nearest.rows(block)
        within = np.maximum(self._nearest.bounds[rows], 0).cumsum(dtype=float)
        return block, rows.start + _place(within, mark - (edges[block] - self._totals[block]))

    def _refresh(self, block: int) -> bool:
        missed = self._nearest.refresh(block)
        self._totals[block] = np.maximum(self._nearest.bounds[self._nearest.rows(block)], 0).sum(dtype=float)
        return missed


def _place(edges: FloatArray, mark: float) -> int:
    return min(int(edges.searchsorted(mark, side="right")), len(edges) - 1)


def _opened(pool: Pool, labelled: IntArray) -> tuple[Nearest, int]:
    """Return the open rows' gradients as distances, and the row of the longest one."""
    embeddings, scores = embeddings_of(pool), scores_of(pool, classes=2)
    lengths = squared_norms(embeddings)
    check_finite(lengths, "embeddings", "embed every row")
    residuals = scores.astype(np.float32)
    residuals[np.arange(len(scores)), scores.argmax(axis=1)] -= 1
    norms = squared_norms(residuals) * lengths

    def products(centres: IntArray, rows: slice) -> NDArray[np.float32]:
        inner = embeddings[centres] @ embeddings[rows].T
        inner *= residuals[centres] @ residuals[rows].T
        return inner

    nearest = Nearest(norms, products)
    nearest.close(labelled)
    return nearest, int(np.where(nearest.bounds < 0, -1, norms).argmax())

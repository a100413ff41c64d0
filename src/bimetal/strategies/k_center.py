"""Ask so that no row of the pool lies far from a labelled one: the greedy core-set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._nearest import Nearest, squared_norms
from bimetal.strategies._pool import Mixed, check_finite, embeddings_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import IntArray


@dataclass(frozen=True)
class KCenter(Mixed):
    """Choose, time and again, the row whose embedding is farthest from every labelled or chosen one.

    Sener and Savarese 2018, algorithm 1. Where no row is labelled the first is drawn by `rng`.

    >>> line = np.array([[0.0], [1.0], [5.0], [9.0]], np.float32)
    >>> KCenter(random_share=0)(Pool(embeddings=line), np.array([0]), 2, np.random.default_rng(0)).indices
    array([3, 2])
    """

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        embeddings = embeddings_of(pool)
        nearest = _opened(embeddings, labelled)
        chosen: list[int] = []
        if n and not len(labelled):
            chosen.append(int(rng.integers(len(embeddings))))
            nearest.add(chosen[0])
        peaks = np.full(nearest.blocks, np.inf)
        while len(chosen) < n:
            block = int(peaks.argmax())
            rows = nearest.rows(block)
            if not nearest.refresh(block):  # an exact bound above all other bounds is the largest distance
                chosen.append(rows.start + int(nearest.bounds[rows].argmax()))
                nearest.add(chosen[-1])
            peaks[block] = nearest.bounds[rows].max()
        return np.array(chosen, np.int64)


def _opened(embeddings: NDArray[np.float32], labelled: IntArray) -> Nearest:
    norms = squared_norms(embeddings)
    check_finite(norms, "embeddings", "embed every row")

    def products(centres: IntArray, rows: slice) -> NDArray[np.float32]:
        return embeddings[centres] @ embeddings[rows].T

    nearest = Nearest(norms, products)
    nearest.add(*labelled.tolist())
    return nearest

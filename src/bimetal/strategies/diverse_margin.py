"""Ask where the model is unsure, but not the same thing twice: margin, then k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._clusters import clustered
from bimetal.strategies._pool import Mixed, check_finite, embeddings_of, scores_of, smallest
from bimetal.strategies._uncertainty import margins

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class DiverseMargin(Mixed):
    """Cluster the `widening` n smallest margins into n clusters and choose the row nearest to each centre.

    Zhdanov 2019, the unweighted variant. Where rows repeat, the next smallest margins fill up.

    >>> scores = np.array([[0.5, 0.5], [0.5, 0.5], [0.4, 0.6], [0.1, 0.9]])
    >>> pool = Pool(scores, np.array([[0], [0], [1], [1]], np.float32))
    >>> strategy = DiverseMargin(random_share=0, widening=1.5)
    >>> strategy(pool, np.array([], int), 2, np.random.default_rng(0)).indices
    array([0, 2])
    """

    widening: float = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.widening >= 1:
            raise ValueError(f"widening is {self.widening!r}, expected 1 or more")

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        unsure, embeddings = margins(scores_of(pool, classes=2)), embeddings_of(pool)
        near = smallest(unsure, labelled, min(round(self.widening * n), len(unsure) - len(labelled)), rng)
        near = near[np.argsort(unsure[near], kind="stable")]
        if not n:
            return near
        rows = embeddings[near]
        check_finite(rows, "embeddings", "embed every row", near)
        return near[_spread(*clustered(rows, n, rng), n)]


def _spread(codes: IntArray, apart: FloatArray, n: int) -> IntArray:
    """Return n places: the one nearest to each cluster's centre, then, for empty clusters, the first not taken."""
    order = np.argsort(apart, kind="stable")
    _, first = np.unique(codes[order], return_index=True)
    nearest = np.sort(order[first])
    return np.append(nearest, np.setdiff1d(np.arange(len(codes)), nearest)[: n - len(nearest)])

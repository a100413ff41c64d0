"""Ask the most typical row of every group while labels are few and no model is worth believing yet: TypiClust."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._clusters import clustered
from bimetal.strategies._nearest import BLOCK, squared_norms
from bimetal.strategies._pool import Mixed, check_finite, embeddings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from bimetal.types import IntArray

NEIGHBOURS, SMALL, MOST_CLUSTERS = 20, 5, 500
GROUPS, REFERENCES, SCREENED = 8, 64, 128


@dataclass(frozen=True)
class Typiclust(Mixed):
    """Cluster the embeddings, and choose from the clusters with fewest labels, largest first, the most typical row.

    Hacohen, Dekel and Weinshall 2022: as many clusters as labelled and chosen rows, 500 at most, those of 5 rows or
    fewer left out while others have rows; typicality is the inverse mean distance to the 20 nearest open rows of the
    same cluster. Approximate beyond 20,000 rows, where mini-batches cluster, and in clusters of more than `exact` open
    rows: there 128 rows alone are tried, those nearest on average to the nearest row of each of 8 random groups of 64.

    >>> line = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.3]], np.float32)
    >>> chosen = Typiclust(random_share=0)(Pool(embeddings=line), np.array([0]), 1, np.random.default_rng(0))
    >>> chosen.indices  # of the cluster without a label
    array([3])
    """

    exact: int = 4096

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.exact < GROUPS * REFERENCES:
            raise ValueError(f"exact is {self.exact!r}, expected {GROUPS * REFERENCES} rows or more")

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        embeddings = embeddings_of(pool)
        check_finite(squared_norms(embeddings), "embeddings", "embed every row")
        chosen = np.empty(n, np.int64)
        if not n:
            return chosen
        codes, _ = clustered(embeddings, min(len(labelled) + n, MOST_CLUSTERS), rng)
        open_codes = codes.copy()
        open_codes[labelled] = -1
        for place, cluster in enumerate(_turns(codes, open_codes, n)):
            members = np.flatnonzero(open_codes == cluster)
            chosen[place] = members[self._most_typical(embeddings[members], rng)]
            open_codes[chosen[place]] = -1
        return chosen

    def _most_typical(self, rows: NDArray[np.float32], rng: np.random.Generator) -> int:
        rows -= rows.mean(axis=0)  # near the origin float32 tells close rows apart
        places = np.arange(len(rows)) if len(rows) <= self.exact else _screened(rows, rng)
        neighbours = min(NEIGHBOURS, len(rows) // 2)
        return int(places[_mean_distances(rows[places], rows, places, neighbours).argmin()])


def _turns(codes: IntArray, open_codes: IntArray, n: int) -> Iterator[int]:
    """Yield n clusters to choose from in turn, none more often than it has open rows; small ones come last."""
    sizes = np.bincount(codes)
    opened = np.bincount(open_codes[open_codes >= 0], minlength=len(sizes))
    order = np.lexsort((-sizes, sizes - opened))
    queue = deque(order[sizes[order] > SMALL].tolist())
    small = deque(order[sizes[order] <= SMALL].tolist())
    while n:
        queue, small = (queue, small) if queue else (small, queue)
        cluster = queue.popleft()
        if opened[cluster]:
            opened[cluster] -= 1
            n -= 1
            queue.append(cluster)
            yield cluster


def _screened(rows: NDArray[np.float32], rng: np.random.Generator) -> IntArray:
    """Return the places of rows near to many others, by their mean distance to the nearest of each random group."""
    references = rng.choice(len(rows), GROUPS * REFERENCES, replace=False)
    norms, rough = squared_norms(rows), np.empty(len(rows), np.float32)
    others = rows[references]
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        apart = others @ rows[part].T
        apart *= -2
        apart += norms[references, None]
        own = np.flatnonzero((references >= start) & (references < start + BLOCK))
        apart[own, references[own] - start] = np.inf
        near = apart.reshape(GROUPS, REFERENCES, -1).min(axis=1) + norms[part]
        rough[part] = np.sqrt(np.maximum(near, 0)).mean(axis=0)
    return np.sort(np.argpartition(rough, SCREENED)[:SCREENED])


def _mean_distances(
    rows: NDArray[np.float32], others: NDArray[np.float32], own: IntArray, k: int
) -> NDArray[np.float32]:
    """Return each row's mean distance to its k nearest of the others; `own` is its own place among them."""
    found = np.zeros(len(rows), np.float32)
    norms, other_norms = squared_norms(rows), squared_norms(others)
    if not k:
        return found
    step = max(1, 2**22 // len(others))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        apart = rows[part] @ others.T
        apart *= -2
        apart += other_norms
        apart[np.arange(len(apart)), own[part]] = np.inf
        near = np.partition(apart, k - 1, axis=1)[:, :k] + norms[part, None]
        found[part] = np.sqrt(np.maximum(near, 0)).mean(axis=1)
    return found

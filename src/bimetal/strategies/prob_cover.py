"""Ask so that balls around labelled rows cover as much of the pool as they can: ProbCover."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._clusters import clustered
from bimetal.strategies._nearest import squared_norms
from bimetal.strategies._pool import Mixed, check_finite, embeddings_of, open_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import BoolArray, IntArray

BLOCK, COLUMNS = 255, 1024  # a byte counts 255 rows, and the tile stays in cache
PROBES = 2000


@dataclass(frozen=True)
class ProbCover(Mixed):
    """Choose, time and again, the row with most uncovered rows less than `radius` away.

    Yehuda and others 2022. Without a radius it is the largest at which `purity` of the balls hold rows of one cluster
    alone, of as many clusters as the scores have classes, else `classes` (their section 3.3). Rows beyond full
    coverage come at random. Of more than `sample` open rows only that many, drawn at random, are covered and chosen
    from: 10,000 estimate any coverage within .01 (95 %). No matrix of rows by rows is formed.

    >>> line = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [9.0]], np.float32)
    >>> chosen = ProbCover(random_share=0, radius=0.15)
    >>> chosen(Pool(embeddings=line), np.array([], int), 3, np.random.default_rng(0)).indices
    array([1, 3, 5])
    """

    radius: float | None = None
    purity: float = 0.95
    classes: int = 10
    sample: int = 10_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.radius is not None and not self.radius > 0:
            raise ValueError(f"radius is {self.radius!r}, expected more than 0")
        if not 0 < self.purity < 1 or self.classes < 1 or self.sample < 1:
            raise ValueError("expected purity between 0 and 1, classes and sample of 1 or more")

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        embeddings = embeddings_of(pool)
        known, left = embeddings[labelled], open_rows(len(embeddings), labelled)
        if len(left) > max(self.sample, n):
            left = np.sort(rng.choice(left, max(self.sample, n), replace=False))
        points = embeddings[left]
        check_finite(points, "embeddings", "embed every row", left)
        check_finite(known, "embeddings", "embed every row", labelled)
        if not n:
            return left[:0]
        middle = points.mean(axis=0)  # near the origin float32 tells close rows apart
        points -= middle
        radius = self.radius or self._pure_radius(pool, points, rng)
        picks = _greedy(points, _hits(known - middle, points, radius) > 0, n, radius)
        rest = np.setdiff1d(np.arange(len(left)), picks)
        picks = np.append(picks, rng.choice(rest, n - len(picks), replace=False))
        return left[picks]

    def _pure_radius(self, pool: Pool, points: NDArray[np.float32], rng: np.random.Generator) -> float:
        classes = self.classes if pool.scores is None else np.shape(pool.scores)[1]
        codes, _ = clustered(points, min(classes, len(points)), rng)
        probes = rng.choice(len(points), min(PROBES, len(points)), replace=False)
        norms, strangers = squared_norms(points), np.empty(len(probes), np.float32)
        for start in range(0, len(probes), BLOCK):
            part = probes[start : start + BLOCK]
            apart = norms - 2 * (points[part] @ points.T) + norms[part, None]
            apart[codes[part, None] == codes] = np.inf
            strangers[start : start + BLOCK] = apart.min(axis=1)
        strangers.sort()
        return math.sqrt(max(float(strangers[len(probes) - math.ceil(self.purity * len(probes))]), 0))


def _greedy(points: NDArray[np.float32], covered: BoolArray, n: int, radius: float) -> IntArray:
    """Return up to n places, fewer where they cover all; a row is counted when it is new and when it is covered."""
    picks: list[int] = []
    degrees = _hits(points[~covered], points, radius)
    while len(picks) < n and degrees.max() > 0:
        picks.append(int(degrees.argmax()))
        new = ~covered & (_hits(points[picks[-1:]], points, radius) > 0)
        degrees -= _hits(points[new], points, radius)
        degrees[picks] = -1
        covered |= new
    return np.array(picks, np.int64)


def _hits(rows: NDArray[np.float32], points: NDArray[np.float32], radius: float) -> IntArray:
    """Count, for each point, the rows less than `radius` away."""
    counts = np.zeros(len(points), np.int64)
    norms, limits = squared_norms(rows), squared_norms(points) - np.float32(radius) ** 2
    for start, across in product(range(0, len(rows), BLOCK), range(0, len(points), COLUMNS)):
        part, columns = slice(start, start + BLOCK), slice(across, across + COLUMNS)
        apart = rows[part] @ points[columns].T
        apart *= -2
        apart += limits[columns]
        counts[columns] += (apart < -norms[part, None]).view(np.uint8).sum(axis=0, dtype=np.uint8)
    return counts

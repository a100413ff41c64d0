"""Ask where the two best classes are closest, with a random stream beside it that keeps estimates unbiased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool, Selection
from bimetal.strategies._pool import drawn, open_rows, scores_of

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Margin:
    """Choose the smallest top-two margins with certainty, and `random_share` of the n at random from the rest.

    Random rows come after the others, with their probability of inclusion: values of chosen rows divided by it, over
    the whole selection, sum without bias to the pool's total (Horvitz and Thompson 1952). Ties are broken by `rng`.

    >>> scores = np.array([[0.9, 0.1], [0.55, 0.45], [0.8, 0.2]])
    >>> Margin(random_share=0)(Pool(scores), np.array([], int), 1, np.random.default_rng(0)).indices
    array([1])
    """

    random_share: float = 0.15

    def __post_init__(self) -> None:
        if not 0 <= self.random_share <= 1:
            raise ValueError(f"random_share is {self.random_share!r}, expected 0 to 1")

    def __call__(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> Selection:
        scores = scores_of(pool, n, classes=2)
        left = open_rows(len(scores), labelled)
        n = min(n, len(left))
        by_chance = round(n * self.random_share)
        closest = _closest(_margins(scores[left]), n - by_chance, rng)
        rest = np.delete(left, closest)
        chance = drawn(rest, by_chance, rng)
        indices = np.concatenate([left[closest], chance.indices])
        return Selection(indices, np.concatenate([np.ones(len(closest)), chance.probability]))


def _margins(scores: FloatArray) -> FloatArray:
    top = np.partition(scores, -2, axis=1)
    margins: FloatArray = top[:, -1] - top[:, -2]
    return margins


def _closest(margins: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    if not n:
        return np.empty(0, np.int64)
    limit = np.partition(margins, n - 1)[n - 1]
    below = np.flatnonzero(margins < limit)
    tied = np.flatnonzero(margins == limit)
    return np.concatenate([below, rng.choice(tied, n - len(below), replace=False)])

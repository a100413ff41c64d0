"""Ask where the two best classes are closest, with a random stream beside it that keeps estimates unbiased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._pool import Mixed, scores_of, smallest
from bimetal.strategies._uncertainty import margins

if TYPE_CHECKING:
    from bimetal.types import IntArray


@dataclass(frozen=True)
class Margin(Mixed):
    """Choose the smallest top-two margins of the scores, ties broken by `rng` (Scheffer and others 2001).

    >>> scores = np.array([[0.9, 0.1], [0.55, 0.45], [0.8, 0.2]])
    >>> Margin(random_share=0)(Pool(scores), np.array([], int), 1, np.random.default_rng(0)).indices
    array([1])
    """

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        return smallest(margins(scores_of(pool, classes=2)), labelled, n, rng)

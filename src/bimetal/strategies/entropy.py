"""Ask where the model's prediction is most spread over all classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.plugins import Pool
from bimetal.strategies._pool import Mixed, scores_of, smallest
from bimetal.strategies._uncertainty import entropies

if TYPE_CHECKING:
    from bimetal.types import IntArray


@dataclass(frozen=True)
class Entropy(Mixed):
    """Choose the largest entropies of the scores, which must be probabilities, ties broken by `rng` (Shannon 1948).

    >>> scores = np.array([[0.9, 0.1], [0.55, 0.45], [0.8, 0.2]])
    >>> Entropy(random_share=0)(Pool(scores), np.array([], int), 1, np.random.default_rng(0)).indices
    array([1])
    """

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        scores = scores_of(pool, classes=2)
        if scores.min(initial=0) < 0:
            raise InputError(f"a score is {scores.min()}", "pass probabilities, or choose margin, which needs none")
        return smallest(-entropies(scores), labelled, n, rng)

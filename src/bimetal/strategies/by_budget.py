"""Ask by what suits the labels at hand: typical rows first, then unsure and diverse ones, then unsure ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.plugins import Pool
from bimetal.strategies._pool import Mixed
from bimetal.strategies.diverse_margin import DiverseMargin
from bimetal.strategies.margin import Margin
from bimetal.strategies.typiclust import Typiclust

if TYPE_CHECKING:
    from bimetal.types import IntArray


@dataclass(frozen=True)
class ByBudget(Mixed):
    """Choose by typiclust below `few` labels a class, by diverse_margin up to `many`, by margin above.

    Labels a class are labelled rows over columns of the scores; a pool without scores counts as below `few`. Margins
    of models fitted on few labels can choose worse than chance (Hacohen, Dekel and Weinshall 2022); the two limits
    are judgement, not theorem. `known` counts labels that the model's other rows are worth: a model warmed up on
    synthetic rows has doubts worth asking about from the first label on.

    >>> [type(ByBudget().stage(Pool(np.ones((900, 10))), labelled)).__name__ for labelled in (40, 400, 600)]
    ['Typiclust', 'DiverseMargin', 'Margin']
    """

    few: float = 5
    many: float = 50
    known: float = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.few <= self.many:
            raise ValueError(f"few is {self.few!r} and many {self.many!r}, expected 0 <= few <= many")

    def stage(self, pool: Pool, labelled: int) -> Mixed:
        """Return the strategy that suits a pool of which so many rows are labelled."""
        if pool.scores is None:
            return Typiclust(self.random_share)
        share = (labelled + self.known) / max(np.shape(pool.scores)[-1], 1)
        if share < self.few:
            return Typiclust(self.random_share)
        return DiverseMargin(self.random_share) if share <= self.many else Margin(self.random_share)

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        return self.stage(pool, len(labelled)).certain(pool, labelled, n, rng)

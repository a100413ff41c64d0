"""Many small random choices, drawn in blocks, since one call for each would cost more than the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

BLOCK = 512


class Dice:
    """Throw uniform numbers, normals and picks; the same rng gives the same throws.

    >>> Dice(np.random.default_rng(0)).pick("abc") in "abc"
    True
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: list[float] = []

    def one(self) -> float:
        if not self._left:
            self._left = self._rng.random(BLOCK).tolist()
        return self._left.pop()

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.one()

    def whole(self, low: int, high: int) -> int:
        """Throw a whole number from low to high, both included."""
        return low + int(self.one() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.one() < share

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.one() * len(choices))]

    def normal(self) -> float:
        """Throw a standard normal (Box and Muller 1958)."""
        return math.sqrt(-2 * math.log(1 - self.one())) * math.cos(2 * math.pi * self.one())

"""Distances of many rows to their nearest centre, worked out only where somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import IntArray

BLOCK = 4096
CENTRES = 512


class Nearest:
    """Keep, for each row, an upper bound of its squared distance to the nearest centre.

    A new centre only lowers distances, so a bound worked out for earlier centres still holds. `refresh` makes one
    block of rows exact, with all the centres it has missed in one matrix product; blocks that nobody asks about cost
    nothing. `products(centres, rows)` gives inner products of shape (centres, rows); rows that are closed have the
    bound -1.
    """

    def __init__(self, norms: NDArray[np.float32], products: Callable[[IntArray, slice], NDArray[np.float32]]) -> None:
        self.bounds = np.full(len(norms), np.inf, np.float32)
        self.blocks = -(-len(norms) // BLOCK)
        self._norms = norms
        self._products = products
        self._centres: list[int] = []
        self._seen = np.zeros(self.blocks, np.int64)

    def add(self, *centres: int) -> None:
        """Make rows centres, and no candidates any more."""
        self.close(np.array(centres, np.int64))
        self._centres.extend(centres)

    def close(self, rows: IntArray) -> None:
        """Make rows no candidates any more."""
        self.bounds[rows] = -1

    def rows(self, block: int) -> slice:
        """Return the rows of a block."""
        return slice(block * BLOCK, (block + 1) * BLOCK)

    def refresh(self, block: int) -> bool:
        """Make a block's bounds exact; return whether it had missed a centre."""
        missed = np.array(self._centres[self._seen[block] :], np.int64)
        self._seen[block] = len(self._centres)
        rows = self.rows(block)
        for start in range(0, len(missed), CENTRES):
            centres = missed[start : start + CENTRES]
            apart = self._products(centres, rows)
            apart *= -2
            apart += self._norms[centres, None]
            nearest = apart.min(axis=0)
            nearest += self._norms[rows]
            np.maximum(nearest, 0, out=nearest)
            np.minimum(self.bounds[rows], nearest, out=self.bounds[rows])
        return len(missed) > 0


def squared_norms(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each row's squared length, shape (rows,).

    >>> squared_norms(np.array([[3, 4]], np.float32))
    array([25.], dtype=float32)
    """
    norms: NDArray[np.float32] = np.einsum("ij,ij->i", rows, rows)
    return norms

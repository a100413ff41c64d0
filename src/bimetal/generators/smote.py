"""SMOTE for tables: rows of a rare class, or of every class, drawn between a row and one of its nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.generators._around import Around, Move, spread

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Smote(Around):
    """Go a random part of the way to one of the `neighbours` nearest rows of the same class (Chawla et al. 2002).

    Distances are taken after each column is divided by its spread over all seed rows. Whole numbers are rounded; a
    number missing on either side is the row's own. A class of one row is copied.

    >>> import pyarrow as pa
    >>> seed = pa.table({"x": [1.0, 2.0, 5.0], "label": ["few", "few", "one"]})
    >>> rows = pa.Table.from_batches(Smote(only="few")(4, np.random.default_rng(0), seed))
    >>> all(1 <= x <= 2 for x in rows["x"].to_pylist())
    True
    """

    neighbours: int = 5

    def __post_init__(self) -> None:
        if self.neighbours < 1:
            raise InputError(f"neighbours is {self.neighbours!r}, expected 1 or more", "5 is customary")

    def fitted(self, numbers: FloatArray, members: IntArray) -> Move:
        own = numbers[members]
        near = _nearest(own / np.where(spread(numbers) > 0, spread(numbers), 1), self.neighbours)

        def move(places: IntArray, rng: np.random.Generator) -> FloatArray:
            towards = near[places, (rng.random(len(places)) * near.shape[1]).astype(np.int64)]
            way = (own[towards] - own[places]) * rng.random((len(places), 1))
            return own[places] + np.where(np.isnan(way), 0.0, way)

        return move


def _nearest(numbers: FloatArray, k: int) -> IntArray:
    from sklearn.neighbors import NearestNeighbors

    if len(numbers) < 2:
        return np.zeros((len(numbers), 1), np.int64)
    filled = np.where(np.isnan(numbers), np.nansum(numbers, axis=0) / len(numbers), numbers)
    found = NearestNeighbors(n_neighbors=min(k, len(numbers) - 1)).fit(filled)
    return np.asarray(found.kneighbors(return_distance=False), np.int64)  # without rows: of the fitted, never itself

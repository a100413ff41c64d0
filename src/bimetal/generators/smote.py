"""SMOTE for tables: rows of a rare class, or of every class, drawn between a row and one of its nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.errors import InputError
from bimetal.generators._around import Around, Move, towards

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Smote(Around):
    """Go a random part of the way to one of the `neighbours` nearest rows of the same class (Chawla et al. 2002).

    Distances are taken after each column is divided by its spread over all seed rows. Whole numbers are rounded; a
    number missing on either side is the row's own. A class of one row is copied.

    >>> import numpy as np, pyarrow as pa
    >>> seed = pa.table({"x": [1.0, 2.0, 5.0], "label": ["few", "few", "one"]})
    >>> rows = pa.Table.from_batches(Smote(only="few")(4, np.random.default_rng(0), seed))
    >>> all(1 <= x <= 2 for x in rows["x"].to_pylist())
    True
    """

    neighbours: int = 5

    def __post_init__(self) -> None:
        if not isinstance(self.neighbours, int) or self.neighbours < 1:
            raise InputError(f"neighbours is {self.neighbours!r}, expected 1 or more", "5 is customary")

    def fitted(self, numbers: FloatArray, members: IntArray) -> tuple[IntArray, Move]:
        return members, towards(numbers, members, members, self.neighbours)

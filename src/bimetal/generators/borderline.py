"""Borderline-SMOTE for tables: rows of a rare class drawn around those of it that other classes crowd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.generators._around import Around, Move, neighbours, towards

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Borderline(Around):
    """Start from rows in danger alone, then go as SMOTE does (Han, Wang and Mao 2005, borderline-SMOTE1).

    In danger is a row of whose `crowd` nearest rows of any class half or more, but not all, are of other classes; one
    among others alone counts as noise. Where no row is in danger, it starts from those that are no noise, else from
    all. So the seed rows of the other classes matter, though only `neighbours` of the same class are gone towards.

    >>> import pyarrow as pa
    >>> seed = pa.table({"x": [0.0, 1.0, 2.0, 2.1, 2.2, 9.0], "label": ["few"] * 3 + ["many"] * 3})
    >>> rows = pa.Table.from_batches(Borderline("few", crowd=2)(50, np.random.default_rng(0), seed))
    >>> min(rows["x"].to_pylist()) < 1 and max(rows["x"].to_pylist()) <= 2
    True
    """

    neighbours: int = 5
    crowd: int = 10

    def __post_init__(self) -> None:
        if any(not isinstance(each, int) or each < 1 for each in (self.neighbours, self.crowd)):
            raise InputError(
                f"neighbours is {self.neighbours!r} and crowd {self.crowd!r}, expected 1 or more",
                "5 and 10 are customary",
            )

    def fitted(self, numbers: FloatArray, members: IntArray) -> tuple[IntArray, Move]:
        rows = members[self._starts(numbers, members)]
        return rows, towards(numbers, rows, members, self.neighbours)

    def _starts(self, numbers: FloatArray, members: IntArray) -> IntArray:
        around = neighbours(numbers, members, np.arange(len(numbers)), self.crowd)
        others = 1 - np.isin(around, members).mean(axis=1)
        danger, sound = (others >= 0.5) & (others < 1), others < 1
        kept = next((each for each in (danger, sound) if each.any()), np.ones(len(members), bool))
        return np.flatnonzero(kept)

"""Kernel jitter of tables: rows of a rare class, or of every class, drawn again with noise (a smoothed bootstrap)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.generators._around import Around, Move, spread

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

WIDEST = 1e6  # bandwidths: beyond it nothing of the seed is left


@dataclass(frozen=True)
class Jitter(Around):
    """Add Gaussian noise to every number, `width` times Silverman's bandwidth for the spread within the class.

    Silverman 1986, section 4.3: spread (4 / ((d + 2) n))^(1 / (d + 4)) a column, of d columns and n rows of the class.
    A class of one row borrows spread and number of the whole table. Whole numbers are rounded; missing ones stay so.
    Learns from its seed rows: it adds no information to them, and a fair comparison fits it to the same rows.

    >>> import pyarrow as pa
    >>> seed = pa.table({"x": [1.0, 1.2, 5.0], "town": ["a", "b", "c"], "label": ["few", "few", "one"]})
    >>> rows = pa.Table.from_batches(Jitter(only="few")(4, np.random.default_rng(0), seed))
    >>> rows.column_names, set(rows["label"].to_pylist())
    (['x', 'town', 'label'], {'few'})
    """

    width: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.width <= WIDEST:
            raise InputError(
                f"width is {self.width!r}, expected a number above 0, up to {WIDEST:g}", "1 is Silverman's"
            )

    def fitted(self, numbers: FloatArray, members: IntArray) -> tuple[IntArray, Move]:
        like = numbers[members] if len(members) > 1 else numbers
        n, d = like.shape
        step = self.width * (4 / ((d + 2) * n)) ** (1 / (d + 4)) * spread(like)

        def move(places: IntArray, rng: np.random.Generator) -> FloatArray:
            moved: FloatArray = numbers[members[places]] + step * rng.standard_normal((len(places), d))
            return moved

        return members, move

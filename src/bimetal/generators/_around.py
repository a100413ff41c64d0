"""Rows drawn around real ones of the same class: what kernel jitter, SMOTE and borderline-SMOTE share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._labelled import Labelled
from bimetal.generators._shares import raked
from bimetal.generators._table.keys import refuse_own
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

BATCH = 256
LARGEST = 1e150  # in size: a number beyond has no square, and is taken as missing

Move = Callable[["IntArray", np.random.Generator], "FloatArray"]


@dataclass(frozen=True)
class Around(ABC):
    """Draw a seed row of a class again and again and move its numbers; all else is copied from that row.

    `only` is a label, "rarest" for the class with the fewest seed rows, or "" for every class in the seed's shares.
    A column that is never negative, or never outside 0 to 1, stays so (it is mirrored there); one of two whole numbers
    at most is a flag and is copied. Raises InputError without seed rows, and where they have no labels, no such label
    or no numbers.
    """

    only: str = ""

    learns: ClassVar[bool] = True
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        labelled = Labelled.of(seed_rows)
        refuse_own(labelled.rows)
        seed = _Seed.of(labelled.rows)
        labels = labelled.chosen(self.only)
        members = [labelled.members(label) for label in labels]
        shares = raked(list(map(len, members)), {"label": labels}, targets)
        classes = [self.fitted(seed.numbers, rows) for rows in members]
        return (_drawn(seed, classes, shares, count, child) for count, child in batches(n, rng, BATCH))

    @abstractmethod
    def fitted(self, numbers: FloatArray, members: IntArray) -> tuple[IntArray, Move]:
        """Learn how one class moves, from the numbers of all seed rows, shape (rows, d), and its members' row numbers.

        Returns the rows to draw around, members all, and a move: it takes places among those rows, with repetition,
        and gives their moved numbers. Missing ones are NaN and stay so.
        """


@dataclass(frozen=True)
class _Seed:
    """Labelled rows as a table, and those of their columns that move as a matrix with NaN for missing."""

    rows: pa.Table
    numeric: tuple[str, ...]
    numbers: FloatArray

    @classmethod
    def of(cls, rows: pa.Table) -> _Seed:
        fields = [field for field in rows.schema if field.name != "label" and _is_number(field.type)]
        if not fields:
            raise InputError("the seed rows have no numeric columns", "pass labelled rows with numbers to move")
        found = {field.name: _numbers(rows[field.name]) for field in fields}
        flags = {field.name for field in fields if pa.types.is_integer(field.type) and _distinct(found[field.name]) < 3}
        moved = tuple(name for name in found if name not in flags) or tuple(found)
        return cls(rows, moved, np.column_stack([found[name] for name in moved]))


def spread(numbers: FloatArray) -> FloatArray:
    """Return each column's standard deviation over the rows that have it, shape (d,); 0 where fewer than two have.

    >>> spread(np.array([[1.0, np.nan], [3.0, 5.0]])).round(3).tolist()
    [1.414, 0.0]
    """
    known = ~np.isnan(numbers)
    held = known.sum(axis=0)
    centre = np.nansum(numbers, axis=0) / np.maximum(held, 1)
    squares = np.where(known, (numbers - centre) ** 2, 0.0).sum(axis=0)
    deviation: FloatArray = np.sqrt(squares / np.maximum(held - 1, 1))
    return deviation


def towards(numbers: FloatArray, rows: IntArray, members: IntArray, k: int) -> Move:
    """Move rows of a class part of the way to one of their k nearest among its members."""
    ends = neighbours(numbers, rows, members, k)

    def move(places: IntArray, rng: np.random.Generator) -> FloatArray:
        end = ends[places, (rng.random(len(places)) * ends.shape[1]).astype(np.int64)]
        start = numbers[rows[places]]
        way = (numbers[end] - start) * rng.random((len(places), 1))
        return start + np.where(np.isnan(way), 0.0, way)

    return move


def neighbours(numbers: FloatArray, rows: IntArray, among: IntArray, k: int) -> IntArray:
    """Return the k nearest of some rows to each of others, itself never: row numbers, shape (rows, k).

    Distances are taken after each column is divided by its spread over all seed rows; a missing number counts as its
    column's mean. Where there are fewer than k others, all are returned; where there is none, the row itself.
    """
    from sklearn.neighbors import NearestNeighbors

    if len(among) < 2:
        return rows[:, None]
    held = np.maximum((~np.isnan(numbers)).sum(axis=0), 1)
    filled = np.where(np.isnan(numbers), np.nansum(numbers, axis=0) / held, numbers)
    filled /= np.where(spread(numbers) > 0, spread(numbers), 1)
    search = NearestNeighbors(n_neighbors=min(k + 1, len(among))).fit(filled[among])
    found = among[search.kneighbors(filled[rows], return_distance=False)]
    itself = found == rows[:, None]
    itself[~itself.any(axis=1), -1] = True  # of equal rows another may stand in its place: the farthest gives way
    return np.asarray(found[~itself].reshape(len(rows), -1), np.int64)


def _drawn(
    seed: _Seed, classes: list[tuple[IntArray, Move]], shares: FloatArray, count: int, rng: np.random.Generator
) -> pa.RecordBatch:
    codes, where = rng.choice(len(classes), BATCH, p=shares), rng.random(BATCH)
    rows, numbers = np.zeros(BATCH, np.int64), np.zeros((BATCH, len(seed.numeric)))
    for code, (members, move) in enumerate(classes):
        drawn = codes == code
        places = (where[drawn] * len(members)).astype(np.int64)
        rows[drawn], numbers[drawn] = members[places], move(places, rng)
    table = seed.rows.take(rows[:count])
    for name, column, own in zip(seed.numeric, numbers[:count].T, seed.numbers.T, strict=True):
        field = table.schema.field(name)
        table = table.set_column(table.column_names.index(name), field, _typed(_within(column, own), field.type))
    return table.combine_chunks().to_batches()[0] if count else pa.RecordBatch.from_pylist([], table.schema)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _numbers(column: pa.ChunkedArray[Any]) -> FloatArray:
    values = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), float)
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def _distinct(values: FloatArray) -> int:
    return len(np.unique(values[~np.isnan(values)]))


def _within(column: FloatArray, own: FloatArray) -> FloatArray:
    known = own[~np.isnan(own)]
    if not known.size or known.min() < 0:
        return column
    column = np.abs(column)
    if known.max() > 1:
        return column
    return np.where(column > 1, np.clip(2 - column, 0, 1), column)


def _typed(column: FloatArray, kind: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_integer(kind):
        limits = np.iinfo(str(kind))  # Arrow and NumPy call whole numbers alike
        column = np.clip(
            np.rint(column), limits.min, np.nextafter(float(limits.max), 0) if limits.bits == 64 else limits.max
        )
    known = pa.array(column, mask=np.isnan(column))
    return pc.cast(known, kind, safe=False)

"""Rows drawn around real ones of the same class: what kernel jitter and SMOTE share."""

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
from bimetal.generators._shares import raked
from bimetal.payload import modality, payload_columns
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

BATCH = 256
RAREST = "rarest"

Move = Callable[["IntArray", np.random.Generator], "FloatArray"]


@dataclass(frozen=True)
class Around(ABC):
    """Draw a seed row of a class again and again and move its numbers; all else is copied from that row.

    `only` is a label, "rarest" for the class with the fewest seed rows, or "" for every class in the seed's shares.
    Raises InputError without seed rows, and where they have no labels, no such label or no numbers.
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
        seed = _Seed.of(seed_rows)
        labels = seed.chosen(self.only)
        members = [seed.members(label) for label in labels]
        shares = raked(list(map(len, members)), {"label": labels}, targets)
        classes = [(rows, self.fitted(seed.numbers, rows)) for rows in members]
        return (_drawn(seed, classes, shares, count, child) for count, child in batches(n, rng, BATCH))

    @abstractmethod
    def fitted(self, numbers: FloatArray, members: IntArray) -> Move:
        """Learn how one class moves, from the numbers of all seed rows, shape (rows, d), and its members' row numbers.

        A move takes places among the members, with repetition, and gives their moved numbers. Missing ones are NaN
        and stay so.
        """


@dataclass(frozen=True)
class _Seed:
    """Labelled rows as a table, and their numeric columns as a matrix with NaN for missing."""

    rows: pa.Table
    numeric: tuple[str, ...]
    numbers: FloatArray
    labels: tuple[str, ...]

    @classmethod
    def of(cls, given: pa.Table | None) -> _Seed:
        if given is None:
            raise InputError("this generator learns and got no seed rows", "pass labelled rows to draw around")
        if "label" not in given.column_names or modality(given) != "table":
            raise InputError(
                f"the seed rows have the columns {', '.join(given.column_names)}, expected plain columns and a label",
                "pass a table of numbers with a `label` column",
            )
        rows = given.select([*payload_columns(given), "label"]).filter(pc.is_valid(given["label"]))
        numeric = tuple(field.name for field in rows.schema if field.name != "label" and _is_number(field.type))
        if not rows.num_rows or not numeric:
            lacking = "labelled rows" if not rows.num_rows else "numeric columns"
            raise InputError(f"the seed rows have no {lacking}", "pass labelled rows with numbers to move")
        matrix = [np.asarray(pc.cast(rows[name], pa.float64()).to_numpy(), float) for name in numeric]
        return cls(rows, numeric, np.column_stack(matrix), tuple(map(str, rows["label"].to_pylist())))

    def chosen(self, only: str) -> list[str]:
        known = sorted(set(self.labels))
        if not only:
            return known
        if only == RAREST:
            return [min(known, key=self.labels.count)]
        if only not in known:
            raise InputError(f"no seed row has the label {only!r}", f"choose '{RAREST}' or among: {', '.join(known)}")
        return [only]

    def members(self, label: str) -> IntArray:
        return np.flatnonzero(np.array(self.labels) == label)


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
    for name, column in zip(seed.numeric, numbers[:count].T, strict=True):
        field = table.schema.field(name)
        table = table.set_column(table.column_names.index(name), field, _typed(column, field.type))
    return table.combine_chunks().to_batches()[0] if count else pa.RecordBatch.from_pylist([], table.schema)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _typed(column: FloatArray, kind: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_integer(kind):
        limits = np.iinfo(str(kind))  # Arrow and NumPy call whole numbers alike
        column = np.clip(np.rint(column), limits.min, limits.max)
    known = pa.array(column, mask=np.isnan(column))
    return pc.cast(known, kind, safe=False)

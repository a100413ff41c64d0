"""A table's columns as a network sees them: numbers as normal quantiles, categories as groups of ones; and back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray

MOST = 64  # categories a column with more keeps its commonest, and one place for all the rest
FEWEST = 20  # rows below which a column of distinct texts need not be a key


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers, dates or times: its quantiles between `ranks` (0-1), and the share that is missing."""

    field: pa.Field[Any]
    ranks: FloatArray
    values: FloatArray
    codes: IntArray | None  # 1 where missing; None where nothing is

    @classmethod
    def of(cls, column: pa.Array[Any], field: pa.Field[Any]) -> Numbers:
        numbers = _floats(column)
        missing = np.isnan(numbers)
        values, counts = np.unique(numbers[~missing], return_counts=True)
        ends = counts.cumsum() / max(counts.sum(), 1)
        half = 0.5 / max(counts.sum(), 1)
        # What stands once is a point on the way to the next; what stands often is a step as wide as its share.
        knots = np.column_stack([ends - counts * 2 * half + half, ends - half]).ravel()
        codes = missing.astype(np.int64) if missing.any() else None
        return cls(field, knots, np.repeat(values, 2), codes)

    @property
    def groups(self) -> tuple[int, ...]:
        return () if self.codes is None else (2,)

    def quantiles(self, column: pa.Array[Any], rng: np.random.Generator) -> FloatArray:
        """Give each number its normal quantile; equal ones spread over their step, missing ones are 0."""
        from scipy.special import ndtri

        numbers = _floats(column)
        if not len(self.values):
            return np.zeros(len(numbers))
        distinct, low, high = self.values[::2], self.ranks[::2], self.ranks[1::2]
        at = np.minimum(np.searchsorted(distinct, np.where(np.isnan(numbers), distinct[0], numbers)), len(distinct) - 1)
        rank = low[at] + (high - low)[at] * rng.random(len(numbers))
        return np.where(np.isnan(numbers), 0.0, ndtri(rank))

    def back(self, quantile: FloatArray, codes: IntArray | None) -> pa.Array[Any]:
        """Read numbers off the quantiles, null where the code says missing, in the column's own type."""
        from scipy.special import ndtr

        missing = np.full(len(quantile), not len(self.values))
        missing |= False if codes is None else codes == 1
        numbers = np.interp(ndtr(quantile), self.ranks, self.values) if len(self.values) else np.zeros(len(quantile))
        return _typed(numbers, missing, self.field.type)


@dataclass(frozen=True, eq=False)
class Categories:
    """A column of anything else: its values, commonest first; beyond `MOST` the rest share one place."""

    field: pa.Field[Any]
    values: pa.Array[Any]
    counts: IntArray
    codes: IntArray

    @classmethod
    def of(cls, column: pa.Array[Any], field: pa.Field[Any]) -> Categories:
        coded = column.dictionary_encode(null_encoding="encode")
        counts = np.bincount(coded.indices.to_numpy(zero_copy_only=False), minlength=len(coded.dictionary))
        if len(column) >= FEWEST and len(counts) > MOST and len(counts) > len(column) / 2:
            raise InputError(
                f"column {field.name!r} holds {len(counts)} different values in {len(column)} rows, as a key would",
                "drop it: to draw it would be to copy it",
            )
        order = np.argsort(-counts, kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        codes = place[coded.indices.to_numpy(zero_copy_only=False)]
        return cls(field, coded.dictionary.take(pa.array(order, pa.int64())), counts[order], codes)

    @property
    def groups(self) -> tuple[int, ...]:
        return (min(len(self.values), MOST),)

    def back(self, codes: IntArray, rng: np.random.Generator) -> pa.Array[Any]:
        """Look the codes up; the last place of many is drawn from the rest by how common each is."""
        rare = self.counts[MOST - 1 :]
        drawn = MOST - 1 + rng.choice(len(rare), len(codes), p=rare / rare.sum()) if len(rare) else codes
        return self.values.take(pa.array(np.where(codes == MOST - 1, drawn, codes), pa.int64()))


@dataclass(frozen=True, eq=False)
class Columns:
    """Every column of a table; a row is a vector: a number a numeric column, then a group of ones for each choice."""

    numbers: tuple[Numbers, ...]
    categories: tuple[Categories, ...]
    schema: pa.Schema

    @classmethod
    def of(cls, rows: pa.Table) -> Columns:
        """Learn a table's columns; raises InputError for one that holds bytes, lists or keys.

        >>> found = Columns.of(pa.table({"age": [30, 40, None], "town": ["a", "b", "a"]}))
        >>> found.spans, found.width
        (((1, 3), (3, 5)), 5)
        """
        rows = _plain(rows)
        numbers = [each for each in rows.schema if _is_ordered(each.type)]
        others = [each for each in rows.schema if not _is_ordered(each.type)]
        return cls(
            tuple(Numbers.of(_whole(rows, each.name), each) for each in numbers),
            tuple(Categories.of(_whole(rows, each.name), each) for each in others),
            rows.schema,
        )

    @property
    def parts(self) -> tuple[Numbers | Categories, ...]:
        """All columns in the order of their groups."""
        return (*self.numbers, *self.categories)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Say where each group of ones begins and ends, behind the numbers."""
        sizes = [size for each in self.parts for size in each.groups]
        ends = np.cumsum([len(self.numbers), *sizes]).tolist()
        return tuple(pairwise(ends))

    @property
    def width(self) -> int:
        return self.spans[-1][1] if self.spans else len(self.numbers)

    def vectors(self, rows: pa.Table, rng: np.random.Generator) -> NDArray[np.float32]:
        """Turn the rows that were learned from into vectors, shape (rows, width)."""
        rows = _plain(rows)
        matrix = np.zeros((rows.num_rows, self.width), np.float32)
        for place, each in enumerate(self.numbers):
            matrix[:, place] = each.quantiles(_whole(rows, each.field.name), rng)
        chosen = [each.codes for each in self.parts if each.codes is not None]
        for (begin, end), codes in zip(self.spans, chosen, strict=True):
            matrix[np.arange(rows.num_rows), begin + np.minimum(codes, end - begin - 1)] = 1
        return matrix

    def table(self, vectors: NDArray[Any], rng: np.random.Generator) -> pa.Table:
        """Turn vectors back into rows; of each group the largest counts."""
        chosen = iter([vectors[:, begin:end].argmax(axis=1) for begin, end in self.spans])
        drawn: dict[str, pa.Array[Any]] = {}
        for place, each in enumerate(self.numbers):
            codes = next(chosen) if each.groups else None
            drawn[each.field.name] = each.back(vectors[:, place].astype(float), codes)
        for every in self.categories:
            drawn[every.field.name] = every.back(next(chosen), rng)
        return pa.Table.from_arrays([drawn[name] for name in self.schema.names], schema=self.schema)


def _plain(rows: pa.Table) -> pa.Table:
    for field in rows.schema:
        if pa.types.is_dictionary(field.type):
            place = rows.column_names.index(field.name)
            rows = rows.set_column(place, field.name, pc.cast(rows[field.name], field.type.value_type))
        elif pa.types.is_nested(field.type) or pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            raise InputError(
                f"column {field.name!r} holds {field.type}, which is no number and no category", "drop the column"
            )
    return rows


def _whole(rows: pa.Table, name: str) -> pa.Array[Any]:
    combined = rows[name].combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _is_ordered(kind: pa.DataType) -> bool:
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return number or pa.types.is_temporal(kind)


def _counted(kind: pa.DataType) -> pa.DataType:
    return {32: pa.int32(), 64: pa.int64()}[kind.bit_width]


def _floats(column: pa.Array[Any]) -> FloatArray:
    if pa.types.is_temporal(column.type):
        column = pc.cast(column, _counted(column.type))
    numbers = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), float)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _typed(numbers: FloatArray, missing: NDArray[np.bool_], kind: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_temporal(kind):
        counted = pa.array(np.rint(numbers).astype(np.int64), mask=missing)
        return pc.cast(pc.cast(counted, _counted(kind)), kind)
    if pa.types.is_integer(kind):
        numbers = np.rint(numbers)
    return pc.cast(pa.array(numbers, mask=missing), kind, safe=False)

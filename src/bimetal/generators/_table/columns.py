"""Columns as ranks: any Arrow column coded to numbers between 0 and 1 and back, -1 for missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray

MISSING = -1.0
COMMON = 0.002  # a value this share of the rows holds is common, and drawn as it is
EXACT = 2.0**53
DECIMALS = 6
ROUNDING = 1e-12  # of a column's width
LARGEST = 1e150  # floats from here on count as missing, as infinite ones do: their squares would overflow

_COUNTED = (pa.types.is_date, pa.types.is_timestamp, pa.types.is_time, pa.types.is_duration)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the seed: its `levels` in order, the level of each row (-1: missing), and mid-ranks of levels.

    `ordered` says whether levels are numbers (or dates); then `points` are they, as distances from the lowest, and
    what is drawn falls on the grid of `step`. `rare` marks levels too few rows hold to be drawn as they are.
    """

    field: pa.Field[Any]
    levels: pa.Array[Any]
    codes: IntArray
    ranks: FloatArray
    ordered: bool = False
    points: FloatArray | None = None
    step: float = 0.0
    rare: BoolArray | None = None

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def lowest(self) -> float:
        """Give the number at point 0; dates count in their own unit."""
        first = self.levels[0] if is_number(self.field.type) else _counted(self.levels)[0]
        return float(first.as_py())

    @property
    def values(self) -> FloatArray:
        """Give each row's coded value: mid-rank of a number, index of a category, -1 where missing."""
        return self.values_of(self.codes)

    def values_of(self, codes: IntArray) -> FloatArray:
        """Give the coded values of some levels."""
        if not self.ordered or not len(self.levels):
            return codes.astype(float)
        return np.where(codes >= 0, self.ranks[codes], MISSING)

    @property
    def spelled(self) -> list[str | None]:
        """Give the levels as text, and None last for missing."""
        return [*pc.cast(self.levels, pa.string()).to_pylist(), None]

    def numbers(self, values: FloatArray) -> FloatArray:
        """Turn coded values of an ordered column into numbers, NaN for missing; dates count in their own unit."""
        if self.points is None:
            return np.full(len(values), np.nan)
        points = np.interp(values, self.ranks, self.points)
        points = np.rint(points / self.step) * self.step if self.step else points
        return np.where(values >= 0, points + self.lowest, np.nan)

    def nearest(self, values: FloatArray) -> IntArray:
        """Give the level of each coded value, -1 for missing."""
        if not self.ordered:
            return np.rint(values).astype(np.int64)
        after = np.searchsorted(self.ranks, np.maximum(values, 0) - 1e-12)
        return np.where(values >= 0, np.minimum(after, len(self.levels) - 1), -1)

    def settled(self, values: FloatArray) -> FloatArray:
        """Move ranks that fall within those of a value two seed rows or more hold to that value.

        So what is drawn is new as often as a fresh row's value would be: by the share of rows alone in theirs (Good
        1953).
        """
        held = np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels))
        level = np.minimum(np.searchsorted(np.cumsum(held) / held.sum(), values), len(held) - 1)
        return np.where(held[level] > 1, self.ranks[level], values)

    def coded(self, numbers: FloatArray) -> FloatArray:
        """Turn numbers into coded values, those outside the seed's range to its ends."""
        assert self.points is not None
        return np.interp(numbers - self.lowest, self.points, self.ranks)

    def bins(self, most: int) -> IntArray:
        """Cut into at most `most` + 1 groups, 0 for missing: numbers by quantile, categories by how common they are."""
        if self.ordered or len(self.levels) <= most:
            spread = np.minimum((self.values * most).astype(np.int64), most - 1) if self.ordered else self.codes
            return np.where(self.codes >= 0, spread + 1, 0)
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels))
        place = np.full(len(counts), most)
        place[np.argsort(-counts, kind="stable")[: most - 1]] = np.arange(1, most)
        return np.where(self.codes >= 0, place[self.codes], 0)

    def decoded(self, values: FloatArray) -> pa.Array[Any]:
        """Turn coded values back into an Arrow array of the seed's type."""
        missing = values < 0
        if not len(self.levels) or missing.all():
            empty: pa.Array[Any] = pa.nulls(len(values), self.field.type)
            return empty
        if not self.ordered or self.points is None:
            places = np.rint(np.where(missing, 0, values)).astype(np.int64)
            plain: pa.Array[Any] = self.levels.take(pa.array(places, pa.int64(), mask=missing))
            return plain.cast(self.field.type)
        return self.typed(np.interp(np.where(missing, 0, values), self.ranks, self.points), missing)

    def typed(self, numbers: FloatArray, missing: BoolArray) -> pa.Array[Any]:
        """Turn distances from the lowest level into an Arrow array of the seed's type."""
        kind = self.field.type
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            drawn = np.rint(numbers / self.step) * self.step if self.step else numbers
            drawn = np.round(drawn + self.lowest, DECIMALS) if self.step else self._exact(drawn)
            return pc.cast(pa.array(drawn, mask=missing), kind, safe=False)
        counts = _counted(self.levels)
        low, high = int(counts[0].as_py()), int(counts[-1].as_py())
        steps = np.rint(numbers / self.step) * self.step
        if max(abs(low), abs(high), high - low) >= EXACT:  # Python's integers: a float would round, int64 overflow
            wide = [None if gone else low + int(away) for away, gone in zip(steps, missing, strict=True)]
            return _uncounted(pa.array([_within(each, low, high) for each in wide], counts.type), kind)
        return _uncounted(pa.array(low + steps.astype(np.int64), mask=missing), kind)

    def _exact(self, numbers: FloatArray) -> FloatArray:
        """Add the lowest level; what differs from a level by rounding alone becomes that level."""
        assert self.points is not None
        levels = np.asarray(pc.cast(self.levels, pa.float64()), float)
        place = np.searchsorted((self.points[1:] + self.points[:-1]) / 2, numbers)
        same = np.abs(numbers - self.points[place]) <= ROUNDING * self.points[-1]
        return np.where(same, levels[place], numbers + self.lowest)


def _within(number: int | None, low: int, high: int) -> int | None:
    return None if number is None else min(max(number, low), high)


def coded(column: pa.ChunkedArray[Any], field: pa.Field[Any]) -> Column:
    """Code one column; raises InputError for bytes, lists and structs, which have no order and no few values."""
    kind = field.type
    if pa.types.is_nested(kind) or _is_bytes(kind):
        raise InputError(f"column {field.name!r} holds {kind}, expected plain values", "drop it or spell it out")
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(kind):
        whole = pc.cast(whole, kind.value_type)
    ordered = is_number(kind) or any(of(kind) for of in _COUNTED)
    if pa.types.is_floating(kind):
        whole = pc.if_else(
            pa.array(np.abs(np.asarray(whole.cast(pa.float64()).to_numpy(zero_copy_only=False))) < LARGEST), whole, None
        )
    packed = whole.dictionary_encode()
    if pa.types.is_null(kind) or not len(packed.dictionary):
        return Column(field, pa.array([], kind), np.full(len(whole), -1), np.zeros(0))
    order = np.asarray(pc.sort_indices(packed.dictionary))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    known = np.asarray(pc.is_valid(whole))
    codes = np.where(known, place[np.asarray(packed.indices.fill_null(0))], -1)
    levels = packed.dictionary.take(pa.array(order))
    counts = np.bincount(codes[known], minlength=len(levels))
    ranks = (np.cumsum(counts) - counts / 2) / counts.sum()
    if not ordered:
        return Column(field, levels, codes, ranks)
    points, step = _points(levels, kind)
    rare = counts < max(COMMON * counts.sum(), 2)
    return Column(field, levels, codes, ranks, True, points, step, rare)


def is_number(kind: pa.DataType) -> bool:
    """Say whether a type is a number."""
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)


def _points(levels: pa.Array[Any], kind: pa.DataType) -> tuple[FloatArray, float]:
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        points = np.asarray(pc.cast(levels, pa.float64()), float)
        return points - points[0], _decimal_step(points)
    counted = [int(each.as_py()) for each in _counted(levels)]
    away = [each - counted[0] for each in counted]  # Python's integers: the width of int64 does not fit int64
    step = math.gcd(*away) or 1
    return np.array(away, float), float(min(step, EXACT))


def _decimal_step(points: FloatArray) -> float:
    for digits in range(DECIMALS + 1):
        if np.abs(points).max() < EXACT / 10**DECIMALS and np.array_equal(np.round(points, digits), points):
            return float(10.0**-digits)
    return 0.0


def _counted(levels: pa.Array[Any]) -> pa.Array[Any]:
    if pa.types.is_integer(levels.type):
        return levels
    return levels.view(pa.int32() if levels.type.bit_width == 32 else pa.int64()).cast(pa.int64())


def _uncounted(counted: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_integer(kind):
        return counted.cast(kind, safe=False)
    return counted.cast(pa.int32() if kind.bit_width == 32 else pa.int64(), safe=False).view(kind)

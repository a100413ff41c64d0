"""Columns of a table as privacy sees them: numbers on a line, or names; read from seed rows, written back as drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray

LABEL = "label"
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SOONEST, _LATEST = -(2.0**62), 2.0**62


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers, NaN where missing; dates, times and spans are counted in their own smallest unit."""

    name: str
    kind: pa.DataType
    values: FloatArray
    bounds: tuple[float, float] | None = None

    @property
    def whole(self) -> bool:
        return not (pa.types.is_floating(self.kind) or pa.types.is_decimal(self.kind))


@dataclass(frozen=True, slots=True)
class Names:
    """A column of names, each row's as a code into `spelled`; `declared` where the list is public, else as found."""

    name: str
    kind: pa.DataType
    codes: IntArray
    spelled: tuple[Any, ...]
    declared: bool = False


Column = Numbers | Names
EXAMPLES = {"bounds": '{"age": [0, 120]}', "categories": '{"town": ["Ulm", "Bonn"]}'}


@dataclass(frozen=True, slots=True)
class Public:
    """What is known without looking at a row: ends of numeric columns, lists of names; whether all names must be."""

    bounds: Mapping[str, Sequence[float]]
    categories: Mapping[str, Sequence[str]]
    whole: bool = False

    def __post_init__(self) -> None:
        for said, given in (("bounds", self.bounds), ("categories", self.categories)):
            if not isinstance(given, Mapping):
                raise InputError(
                    f"{said} are {given!r}, expected columns by name", f"write --set {said}={EXAMPLES[said]}"
                )
        for name, ends in self.bounds.items():
            if not (isinstance(ends, list | tuple) and len(ends) == 2 and float(ends[0]) < float(ends[1])):
                raise InputError(f"bounds of {name!r} are {ends!r}", "give the least and the greatest: [0, 120]")
        for name, listed in self.categories.items():
            if not (isinstance(listed, list | tuple) and listed and all(isinstance(each, str) for each in listed)):
                raise InputError(f"categories of {name!r} are {listed!r}", 'give a list of names: ["yes", "no"]')

    def refuse_misfits(self, schema: pa.Schema) -> None:
        """Raise InputError where a declaration fits no column, or where names that must be declared are not."""
        if self.whole:
            self._refuse_unlisted(schema)
        for given, wanted in ((self.bounds, True), (self.categories, False)):
            for name in given:
                if name not in schema.names:
                    raise InputError(
                        f"there is no column {name!r} to declare", f"name one of: {', '.join(schema.names)}"
                    )
                if is_number(schema.field(name).type) is not wanted and name != LABEL:
                    kind, other = schema.field(name).type, "categories" if wanted else "bounds"
                    raise InputError(f"column {name!r} holds {kind}", f"declare its {other}, or cast the column")

    def _refuse_unlisted(self, schema: pa.Schema) -> None:
        named = [
            LABEL,
            *(name for name in payload_columns(schema.empty_table()) if not is_number(schema.field(name).type)),
        ]
        lone = [name for name in named if name not in self.categories]
        if lone:
            raise InputError(
                f"delta is 0 and the names in {', '.join(lone)} are declared nowhere",
                "declare them as `categories`, or allow a delta such as 1e-6 to find them privately",
            )


def columns_of(schema: pa.Schema, public: Public) -> tuple[Names, list[Column]]:
    """Describe the label and the columns of a schema, without rows; raises InputError where one cannot be had."""
    empty = schema.empty_table()
    if LABEL not in empty.column_names or modality(empty) != "table" or not payload_columns(empty):
        raise InputError(
            f"the seed rows have the columns {', '.join(schema.names) or 'none'}, expected plain columns and a label",
            "pass a table with a `label` column",
        )
    if pa.types.is_nested(schema.field(LABEL).type):
        raise InputError(f"the label holds {schema.field(LABEL).type}, expected plain values", "spell each as text")
    public.refuse_misfits(schema)
    label = _names(schema.field(LABEL), empty[LABEL], public)
    return label, [_column(schema.field(name), empty[name], public) for name in payload_columns(empty)]


def read(seed: pa.Table, public: Public) -> tuple[Names, list[Column]]:
    """Read labelled seed rows into their label and their columns; raises InputError where there is nothing to learn.

    Each row is read by itself, so one row more is one row more here.
    """
    columns_of(seed.schema, public)
    rows = seed.filter(pc.is_valid(seed[LABEL]))
    if not rows.num_rows:
        raise InputError("the seed rows have no labelled rows", "pass rows with labels")
    label = _names(rows.schema.field(LABEL), rows[LABEL], public)
    return label, [_column(rows.schema.field(name), rows[name], public) for name in payload_columns(rows)]


def is_number(kind: pa.DataType) -> bool:
    """Say whether a column is read as numbers: by its declared type alone, never by what stands in it."""
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_temporal(kind))


def written(column: Column, values: NDArray[Any]) -> pa.Array[Any]:
    """Write drawn numbers (NaN for missing) or names back in the column's type."""
    if isinstance(column, Names):
        return _as_words(pa.array(values.tolist(), pa.string()), column.kind)
    gone = np.isnan(values)
    if not column.whole:
        drawn: pa.Array[Any] = pc.cast(pa.array(values, mask=gone), column.kind, safe=False)
        return drawn
    counted = np.clip(np.where(gone, 0, values), *_ends(column.kind)).astype(np.int64)
    return _from_counts(pa.array(counted, mask=gone), column.kind)


def _column(field: pa.Field[Any], cells: pa.ChunkedArray[Any], public: Public) -> Column:
    kind = field.type
    if any(test(kind) for test in (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary, _is_span)):
        raise InputError(f"column {field.name!r} holds {kind}, which has no bins", "drop it or turn it into numbers")
    if not is_number(kind):
        return _names(field, cells, public)
    values = np.array(pc.cast(_counts(cells, kind), pa.float64(), safe=False).to_numpy(zero_copy_only=False), float)
    values = np.where(np.isfinite(values), values, np.nan)
    ends = public.bounds.get(field.name)
    return Numbers(field.name, kind, values, None if ends is None else (float(ends[0]), float(ends[1])))


def _names(field: pa.Field[Any], cells: pa.ChunkedArray[Any], public: Public) -> Names:
    words = cells.cast(pa.string()).to_pylist()
    declared = public.categories.get(field.name)
    listed: tuple[Any, ...] = tuple(sorted(set(declared))) if declared else tuple(sorted({*words} - {None}))
    if field.name != LABEL:
        listed = (*listed, None)  # that a value is missing needs no finding: every column may say so
    place = {each: code for code, each in enumerate(listed)}
    codes = np.array([place.get(each, -1) for each in words], np.int64)
    return Names(field.name, field.type, codes, listed, declared is not None)


def _is_span(kind: pa.DataType) -> bool:
    return bool(pa.types.is_interval(kind))


def _counts(cells: pa.ChunkedArray[Any], kind: pa.DataType) -> pa.ChunkedArray[Any]:
    if not pa.types.is_temporal(kind):
        return cells
    narrow = pa.types.is_date32(kind) or pa.types.is_time32(kind)
    return cells.cast(pa.int32()).cast(pa.int64()) if narrow else cells.cast(pa.int64())


def _as_words(spelled: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_null(kind):
        return pa.nulls(len(spelled))
    if pa.types.is_dictionary(kind):
        return spelled.cast(kind.value_type).dictionary_encode().cast(kind)
    return pc.cast(spelled, kind)


def _from_counts(counted: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_date32(kind) or pa.types.is_time32(kind):
        return counted.cast(pa.int32()).cast(kind)
    return counted.cast(kind)


def _ends(kind: pa.DataType) -> tuple[float, float]:
    if pa.types.is_integer(kind):
        limits = np.iinfo(str(kind))  # Arrow and NumPy call whole numbers alike
        return max(float(limits.min), _SOONEST), min(float(limits.max), _LATEST)
    if pa.types.is_time(kind):
        return 0.0, 86_400.0 * _A_SECOND[kind.unit] - 1
    if pa.types.is_date32(kind):
        return -(2.0**31), 2.0**31 - 1
    return _SOONEST, _LATEST

"""A flat table told apart: whose each row is, in which order, which columns are the entity's and which the event's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import PROVENANCE

if TYPE_CHECKING:
    from bimetal.types import IntArray

ENTITY = "entity"
_NAMED = re.compile(
    r"(^|_)(id|key|uuid|entity|customer|patient|client|account|user|person|member|device|sensor)$", re.IGNORECASE
)
REPEATS = 1.5  # rows a value needs on average before a column of such a name is taken for an entity


@dataclass(frozen=True, slots=True)
class Layout:
    """Seed rows sorted by entity and time; `of` numbers each row's entity, `firsts` are the entities' first rows.

    `entity` and `time` are columns, or "" where there is none; every other column is in `parents` or in `events`.
    """

    rows: pa.Table
    entity: str
    time: str
    of: IntArray
    firsts: IntArray
    parents: tuple[str, ...]
    events: tuple[str, ...]

    @property
    def counts(self) -> IntArray:
        """Count the events of each entity."""
        found: IntArray = np.diff(np.r_[self.firsts, len(self.of)])
        return found

    @property
    def places(self) -> IntArray:
        """Number each row within its entity, from 0."""
        return np.arange(len(self.of)) - self.firsts[self.of]


def layout(rows: pa.Table, entity: str, time: str) -> Layout:
    """Find entity and time where they are not named, sort, and tell entity's columns from events'.

    Without an entity column every row is an entity of one event, and all columns are the entity's. Raises InputError
    for a column that is not there, rows without an entity, and a time that has no order.
    """
    entity = entity_column(rows, entity)
    if time and time not in rows.column_names:
        raise InputError(f"the seed rows have no column {time!r} to order by", f"name one of: {_names(rows)}")
    rows = _widened(rows, entity)
    of = _numbered(rows, entity)
    order = np.argsort(of, kind="stable")
    parents = _constant(rows.take(order), of[order], entity)
    time = _time_column(rows, time, {*parents, entity})
    if time:
        order = order[np.lexsort((_ranked(rows[time].combine_chunks())[order], of[order]))]
    rows, of = rows.take(order), of[order]
    firsts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    events = tuple(name for name in rows.column_names if name not in {*parents, entity, time})
    return Layout(rows, entity, time, of, firsts, parents, events)


def entity_column(rows: pa.Table, named: str) -> str:
    """Give the column that says whose a row is, "" where there is none; raises InputError for one that cannot."""
    if named:
        if named not in rows.column_names or named in PROVENANCE:
            raise InputError(f"the seed rows have no entity column {named!r}", f"name one of: {_names(rows)}")
        if rows[named].null_count:
            raise InputError(
                f"{rows[named].null_count:,} of the seed rows have no {named}", "drop them or give each an entity"
            )
        return named
    likely = [name for name in rows.column_names if name not in PROVENANCE and _NAMED.search(name)]
    likely.sort(key=lambda name: name != ENTITY)
    return next((name for name in likely if _repeats(rows[name])), "")


def _repeats(column: pa.ChunkedArray[Any]) -> bool:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _repeats(column.cast(kind.value_type))
    plain = pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return plain and not column.null_count and pc.count_distinct(column).as_py() * REPEATS <= len(column)


def _numbered(rows: pa.Table, entity: str) -> IntArray:
    if not entity:
        return np.arange(rows.num_rows)
    return np.asarray(rows[entity].combine_chunks().dictionary_encode().indices, np.int64)


def _widened(rows: pa.Table, entity: str) -> pa.Table:
    """Make room for as many fresh keys as may be wanted."""
    if not entity:
        return rows
    kind, place = rows[entity].type, rows.column_names.index(entity)
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind) and kind != pa.uint64():
        kind = pa.int64()
    return rows.set_column(place, entity, rows[entity].cast(kind))


def _constant(rows: pa.Table, of: IntArray, entity: str) -> tuple[str, ...]:
    within = np.flatnonzero(of[1:] == of[:-1])
    found = []
    for name in rows.column_names:
        if name != entity:
            codes = np.asarray(_ranked(rows[name].combine_chunks()))
            if (codes[within] == codes[within + 1]).all():
                found.append(name)
    return tuple(found)


def _time_column(rows: pa.Table, named: str, taken: set[str]) -> str:
    if named:
        kind = rows[named].type
        if not (pa.types.is_temporal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            raise InputError(f"column {named!r} is {kind}, expected a date, a time or a number", "order by another")
        return "" if named in taken else named
    dated = (field.name for field in rows.schema if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type))
    return next((name for name in dated if name not in taken), "")


def _ranked(column: pa.Array[Any]) -> IntArray:
    """Number values in their order, missing ones last."""
    packed: Any = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    order = np.asarray(pc.sort_indices(packed.dictionary)) if len(packed.dictionary) else np.zeros(0, np.int64)
    place = np.empty(len(order) + 1, np.int64)
    place[order], place[-1] = np.arange(len(order)), len(order)
    return place[np.asarray(packed.indices.fill_null(-1) if packed.indices.null_count else packed.indices, np.int64)]


def _names(rows: pa.Table) -> str:
    return ", ".join(name for name in rows.column_names if name not in PROVENANCE)

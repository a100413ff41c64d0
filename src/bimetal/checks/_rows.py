"""Read provenance columns that may be missing or hold nulls, and name the rows a finding is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5


def values(table: pa.Table, name: str) -> list[str | None]:
    """Spell a column's values; all None where the column is missing.

    >>> import pyarrow as pa
    >>> values(pa.table({"id": [1, 2]}), "id"), values(pa.table({"id": [1, 2]}), "licence")
    (['1', '2'], [None, None])
    """
    if name not in table.column_names:
        return [None] * table.num_rows
    return [None if each is None else str(each) for each in table[name].to_pylist()]


def first(table: pa.Table, rows: Iterable[int]) -> str:
    """Name the first rows of a selection by id, or by place (from 0) where there is none.

    >>> import pyarrow as pa
    >>> first(pa.table({"id": ["a", "b", None]}), [0, 2])
    "'a', row 2"
    """
    chosen, ids = list(rows), values(table, "id")
    shown = [f"row {row}" if ids[row] is None else repr(ids[row]) for row in chosen[:SHOWN]]
    return ", ".join(shown) + (" ..." if len(chosen) > SHOWN else "")


def count(n: int, noun: str = "row") -> str:
    """Count rows in words.

    >>> count(1), count(1200)
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {noun}" + ("" if n == 1 else "s")

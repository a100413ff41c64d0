"""Bring a pilot's tables into one shape, and refuse what would make its answer false."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns, pixels

if TYPE_CHECKING:
    from collections.abc import Iterable


def arrow(rows: Any, what: str) -> pa.Table:
    """Read a table from anything that speaks Arrow (pyarrow, pandas, polars); raises InputError otherwise.

    An unnamed index of a pandas frame, which filters and shuffles leave behind, is no column.
    """
    if isinstance(rows, pa.Table):
        return rows
    try:
        table = pa.table(rows)
        return table.drop_columns([name for name in table.column_names if name.startswith("__index_level_")])
    except (TypeError, ValueError, pa.ArrowInvalid) as fault:
        raise InputError(f"{what} is {type(rows).__name__}: {fault}", "pass a pyarrow table or a data frame") from fault


def labelled(rows: pa.Table, label: str, what: str) -> pa.Table:
    """Name the label column `label`, as strings; raises InputError where it is missing, empty or one-valued.

    >>> labelled(pa.table({"x": [1, 2], "digit": [7, 9]}), "digit", "real")["label"].to_pylist()
    ['7', '9']
    """
    if rows.num_rows == 0:
        raise InputError(f"the {what} table has no rows", "pass a table with labelled rows")
    if label not in rows.column_names:
        raise InputError(f"the {what} table has no column {label!r}", f"name one of: {', '.join(rows.column_names)}")
    values = pc.cast(rows[label], pa.string())
    missing = [row for row, value in enumerate(values.to_pylist()) if value is None]
    if missing:
        raise InputError(
            f"{len(missing)} {what} rows have no label: {row_names(rows, missing)}", "label them, or leave them out"
        )
    if len(pc.unique(values)) < 2:
        raise InputError(f"the {what} table holds one class, {values[0].as_py()!r}", "pass rows of two classes or more")
    at = rows.column_names.index(label)
    if label != "label" and "label" in rows.column_names:
        raise InputError(f"the {what} table has a column 'label' beside {label!r}", "drop or rename one of them")
    return rows.set_column(at, "label", values)


def refuse_synthetic(rows: pa.Table, what: str) -> None:
    """Raise InputError where a table that must be real holds synthetic rows."""
    if "item_origin" not in rows.column_names:
        return
    count = rows["item_origin"].to_pylist().count("synthetic")
    if count:
        raise InputError(f"the {what} table holds {count} synthetic rows", "pass them as `synthetic`, not as real rows")


def refuse_overlap(panel: pa.Table, others: Iterable[tuple[str, pa.Table]]) -> None:
    """Raise InputError naming panel rows whose payload or id also stands in a table that is trained on."""
    fingerprints = payload_digests(panel)
    ids = set(panel["id"].to_pylist()) if "id" in panel.column_names else set()
    for what, table in others:
        seen = set(payload_digests(table))
        shared = [row for row, each in enumerate(fingerprints) if each in seen]
        if ids and "id" in table.column_names:
            known = set(table["id"].to_pylist())
            shared += [row for row, each in enumerate(panel["id"].to_pylist()) if each in known and row not in shared]
        if shared:
            raise InputError(
                f"{len(shared)} panel rows also stand in the {what} table: {row_names(panel, shared)}",
                "hold the panel out: remove these rows from one of the two",
            )


def payload_digests(rows: pa.Table) -> list[str]:
    """Digest each row's payload, so that equal items are found wherever they stand and however they are stored.

    The order of columns, whole numbers as decimals and the encoding of a picture make no difference.
    Raises InputError for a picture that cannot be read.

    >>> a, b = payload_digests(pa.table({"id": ["1", "2"], "x": [1, 2], "y": ["no", None]}))
    >>> payload_digests(pa.table({"y": ["no"], "x": [1.0]})) == [a]
    True
    """
    if modality(rows) == "image":
        pictures = pixels(rows)
        size = repr(pictures.shape[1:]).encode()
        return [hashlib.sha256(size + picture.tobytes()).hexdigest() for picture in pictures]
    cells = zip(*(map(_spelled, rows[name].to_pylist()) for name in sorted(payload_columns(rows))), strict=True)
    return [hashlib.sha256(repr(row).encode()).hexdigest() for row in cells]


def row_names(rows: pa.Table, which: list[int]) -> str:
    """Name the first few of some rows, by id where there is one.

    >>> row_names(pa.table({"id": ["a", "b", "c"]}), [0, 2])
    'a, c'
    """
    shown = [str(rows["id"][i].as_py()) if "id" in rows.column_names else f"row {i}" for i in which[:5]]
    return ", ".join(shown) + (" ..." if len(which) > 5 else "")


def _spelled(cell: Any) -> str:
    if isinstance(cell, int | float | Decimal):
        return repr(float(cell) + 0.0)  # the sum turns -0.0 into 0.0
    return repr(cell)

"""Bring a pilot's tables into one shape, and refuse what would make its answer false."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns, pictures

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


def labelled(rows: pa.Table, label: str, what: str, task: str = "classification") -> pa.Table:
    """Name the label column `label`, spelled as the task wants; raises InputError where it cannot be used.

    Classes become strings, scores float64; spans, boxes and masks stay as they are.

    >>> labelled(pa.table({"x": [1, 2], "digit": [7, 9]}), "digit", "real")["label"].to_pylist()
    ['7', '9']
    """
    if rows.num_rows == 0:
        raise InputError(f"the {what} table has no rows", "pass a table with labelled rows")
    if label not in rows.column_names:
        raise InputError(f"the {what} table has no column {label!r}", f"name one of: {', '.join(rows.column_names)}")
    values = _spelled_labels(rows[label], task, what)
    missing = [row for row, value in enumerate(values.is_valid().to_pylist()) if not value]
    if missing:
        raise InputError(
            f"{len(missing)} {what} rows have no label: {row_names(rows, missing)}", "label them, or leave them out"
        )
    if task == "classification" and len(pc.unique(values)) < 2:
        raise InputError(f"the {what} table holds one class, {values[0].as_py()!r}", "pass rows of two classes or more")
    at = rows.column_names.index(label)
    if label != "label" and "label" in rows.column_names:
        raise InputError(f"the {what} table has a column 'label' beside {label!r}", "drop or rename one of them")
    return rows.set_column(at, "label", values)


def _spelled_labels(values: pa.ChunkedArray[Any], task: str, what: str) -> pa.ChunkedArray[Any]:
    nested = pa.types.is_nested(values.type)
    if nested != (task in {"spans", "boxes", "masks"}):
        raise InputError(
            f"the {what} table's labels are {values.type}, the metric scores {task}",
            "choose a metric for these labels: bimetal list metrics",
        )
    if nested:
        return values
    try:
        return pc.cast(values, pa.float64() if task == "score" else pa.string())
    except pa.ArrowInvalid as fault:
        raise InputError(f"the {what} table's labels are no {task}: {fault}", "choose another metric") from fault


def stacked(tables: list[pa.Table]) -> pa.Table:
    """Put tables above one another on the columns they share, which must include the payload."""
    shared = [name for name in tables[0].column_names if all(name in table.column_names for table in tables)]
    missing = [name for name in _to_learn_from(tables[0]) if name not in shared]
    if missing:
        raise InputError(
            f"column {missing[0]!r} is not in every table", "give real and synthetic rows the same payload"
        )
    try:
        return pa.concat_tables([table.select(shared) for table in tables], promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        raise InputError(f"the tables do not fit together: {fault}", "give their columns the same types") from fault


def _to_learn_from(table: pa.Table) -> tuple[str, ...]:
    return ("_features",) if "_features" in table.column_names else tuple(payload_columns(table))


def refuse_synthetic(rows: pa.Table, what: str) -> None:
    """Raise InputError where a table that must be real holds synthetic rows."""
    if "item_origin" not in rows.column_names:
        return
    count = rows["item_origin"].to_pylist().count("synthetic")
    if count:
        raise InputError(f"the {what} table holds {count} synthetic rows", "pass them as `synthetic`, not as real rows")


def refuse_other_payload(real: pa.Table, rows: pa.Table, what: str) -> None:
    """Raise InputError where a table lacks a payload column of the real one, or holds another type in it."""
    names = list(payload_columns(real))
    missing = [name for name in names if name not in rows.column_names]
    if missing:
        raise InputError(
            f"the {what} table has no column {missing[0]!r}, which the real one has", "give all rows the same payload"
        )
    if modality(real) in {"table", "text"}:  # pictures and sounds are decoded, however they are stored
        stacked([table.select(names).slice(0, 0) for table in (real, rows)])


def refuse_overlap(panel: pa.Table, others: Iterable[tuple[str, pa.Table]]) -> None:
    """Raise InputError naming panel rows whose payload or id also stands in a table that is trained on."""
    fingerprints = payload_digests(panel)
    ids = set(panel["id"].to_pylist()) if "id" in panel.column_names else set()
    for what, table in others:
        seen = set(payload_digests(table))
        shared = [row for row, each in enumerate(fingerprints) if each in seen]
        hint = "hold the panel out: remove these rows from one of the two"
        if ids and "id" in table.column_names:
            known, copied = set(table["id"].to_pylist()) - {None}, set(shared)
            named = [row for row, each in enumerate(panel["id"].to_pylist()) if each in known and row not in copied]
            hint += "; or, where items differ and only ids agree, drop the id column of one" if named else ""
            shared += named
        if shared:
            raise InputError(
                f"{len(shared)} panel rows also stand in the {what} table: {row_names(panel, shared)}", hint
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
        return [
            hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).hexdigest() for picture in pictures(rows)
        ]
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

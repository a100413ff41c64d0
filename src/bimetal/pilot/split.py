"""Hold a panel out of one table: at random, by whole groups, or the latest rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.pilot.tables import payload_digests

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.types import BoolArray, FloatArray


def hold_out(
    rows: pa.Table, share: float, rng: np.random.Generator, group: str = "", time: str = ""
) -> tuple[pa.Table, pa.Table]:
    """Split a table into the rows to draw labels from and a panel of about `share` of them.

    With `time` the panel is the latest rows; with `group` whole groups go to one side. With both, groups are ordered
    by their latest row. Raises InputError where a side would be empty or a column is missing.

    >>> import pyarrow as pa
    >>> rest, panel = hold_out(pa.table({"x": range(10), "day": range(10)}), 0.3, np.random.default_rng(0), time="day")
    >>> panel["day"].to_pylist()
    [7, 8, 9]
    """
    for name in (group, time):
        if name and name not in rows.column_names:
            raise InputError(f"the table has no column {name!r}", f"name one of: {', '.join(rows.column_names)}")
    if not 0 < share < 1:
        raise InputError(f"the panel's share is {share}", "give a share between 0 and 1, such as 0.3, or a table")
    late = _ranks(rows, time) if time else rng.permutation(rows.num_rows).astype(float)
    held = _held_groups(rows, group, late, share) if group else late >= rows.num_rows - round(share * rows.num_rows)
    if held.all() or not held.any():
        raise InputError(
            f"a share of {share:g} of {rows.num_rows} rows leaves one side empty", "give more rows or groups"
        )
    return rows.filter(~held), rows.filter(held)


def without_repeats(rows: pa.Table, panel: pa.Table, apart: tuple[str, ...] = ()) -> pa.Table:
    """Leave out rows that repeat a panel item, so that no model is trained on what it is asked; `apart` is no payload.

    The panel keeps its repeats: it stands for the population as it is.

    >>> import pyarrow as pa
    >>> rows = pa.table({"text": ["thanks", "lost card"], "label": ["other", "cards"]})
    >>> without_repeats(rows, pa.table({"text": ["thanks"], "label": ["other"]}))["text"].to_pylist()
    ['lost card']
    """
    shown = set(payload_digests(_payload(panel, apart)))
    free = np.array([each not in shown for each in payload_digests(_payload(rows, apart))], bool)
    return rows if free.all() else rows.filter(free)


def _payload(rows: pa.Table, apart: tuple[str, ...]) -> pa.Table:
    return rows.select([name for name in rows.column_names if name not in apart])


def _ranks(rows: pa.Table, time: str) -> FloatArray:
    if rows[time].null_count:
        raise InputError(f"{rows[time].null_count} rows have no {time!r}", "fill it, or leave these rows out")
    return np.asarray(pc.rank(rows[time], tiebreaker="first").to_numpy(), float) - 1


def _held_groups(rows: pa.Table, group: str, late: FloatArray, share: float) -> BoolArray:
    codes = np.unique(np.array(rows[group].to_pylist(), str), return_inverse=True)[1]
    latest = np.full(codes.max() + 1, -np.inf)
    np.maximum.at(latest, codes, late)
    sizes = np.bincount(codes)
    order = np.argsort(-latest, kind="stable")
    before = np.cumsum(sizes[order]) - sizes[order]
    taken = order[before < share * len(codes)]
    return np.isin(codes, taken)

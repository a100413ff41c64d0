"""Drift of a production window against its reference, over all items and slice by slice."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.plugins import Context, make
from bimetal.types import Dataset, Finding, Origin, Role, Spec, Task

if TYPE_CHECKING:
    import numpy as np


def drift(
    reference: pa.Table,
    window: pa.Table,
    rng: np.random.Generator,
    slices: Sequence[str] = (),
    tolerance: float = 0.1,
    false_discovery: float = 0.05,
) -> list[Finding]:
    """Compare a production window with a reference: the shift check on all items and on each value of `slices`.

    Slice columns describe items and are no payload: they stand in both tables. False alarms stay bounded over all
    slices together, each being tested at its part of `false_discovery`. A slice the reference lacks is skipped; the
    classifier that sees all columns at once looks at all items alone.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> old, new = (pa.table({"amount": rng.normal(mean, 1, 400)}) for mean in (0, 1))
    >>> [(each.where, each.verdict) for each in drift(old, new, rng)]
    [('amount', 'fail'), ('overall', 'warn')]
    """
    parts = [
        ("", None, None),
        *((f"{name}={value}", name, value) for name in slices for value in _values(window, name)),
    ]
    limits: dict[str, Json] = {"tolerance": tolerance, "false_discovery": false_discovery / len(parts)}
    whole = make(Spec("checks", "distribution_shift", limits))
    part = make(Spec("checks", "distribution_shift", limits | {"rows": 0}))
    context, found = Context(rng), []
    for where, name, value in parts:
        old, new = (_part(table, name, value).drop_columns(_present(table, slices)) for table in (reference, window))
        check = part if name else whole
        for finding in check(_dataset("window", new, "production"), _dataset("reference", old, "train"), context):
            place = ", ".join(each for each in (where, finding.where) if each)
            found.append(dataclasses.replace(finding, check="drift", where=place))
    return found


def _values(table: pa.Table, name: str) -> list[str]:
    if name not in table.column_names:
        return []
    return sorted({str(each) for each in table[name].to_pylist() if each is not None})


def _part(table: pa.Table, name: str | None, value: str | None) -> pa.Table:
    if name is None:
        return table
    if name not in table.column_names:
        return table.slice(0, 0)
    return table.filter(pa.array([str(each) == value for each in table[name].to_pylist()], pa.bool_()))


def _present(table: pa.Table, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in table.column_names]


def _dataset(name: str, rows: pa.Table, role: Role) -> Dataset:
    return Dataset(name, rows, Task(), role, Origin("undeclared", name))

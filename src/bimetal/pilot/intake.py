"""Take in a pilot's tables before any fit: one shape, no leak, and findings on what weakens the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.pilot import tables
from bimetal.pilot.data import PilotData
from bimetal.pilot.design import Design
from bimetal.plugins import Context, find
from bimetal.stats import smallest_difference, time_blocks
from bimetal.types import Dataset, Finding, Origin, Role, Task

if TYPE_CHECKING:
    from bimetal.types import IntArray

BLOCKS = 30  # of consecutive time that count as one unit each
SAMPLED = 20_000  # synthetic rows looked at for near-duplicates of the panel


@dataclass(frozen=True)
class Taken:
    """What the fits read: tables with `label` columns, sources by name, and the panel's units and slices."""

    real: pa.Table
    panel: pa.Table
    sources: Mapping[str, Any]
    unlabelled: pa.Table | None
    units: IntArray | None
    slices: Mapping[str, list[Any]]
    findings: tuple[Finding, ...]


def taken(data: PilotData, design: Design, task: str) -> Taken:
    """Check every table against the design; raises InputError for what cannot be used."""
    real = tables.labelled(tables.arrow(data.real, "real"), data.label, "real", task)
    panel = tables.labelled(tables.arrow(data.panel, "panel"), data.label, "panel", task)
    for rows, what in ((real, "real"), (panel, "panel")):
        tables.refuse_synthetic(rows, what)
    if real.num_rows < design.sizes[-1]:
        raise InputError(
            f"the largest size is {design.sizes[-1]} and the real table has {real.num_rows} rows",
            f"choose sizes up to {real.num_rows}",
        )
    _refuse_shared_groups(real, panel, data.group)
    units, slices, findings = _units(panel, data), _slices(panel, data.slices), _findings(real, panel, data, design)
    apart = tuple(name for name in (data.group, data.time) if name)
    unlabelled = None if data.unlabelled is None else _without(_unlabelled(data), apart)
    sources = {name: _source(each, data, task, apart) for name, each in _named(data.synthetic).items()}
    real, panel = _without(real, apart), _without(panel, apart)
    others = {"real": real, "unlabelled": unlabelled, **{_called(name): each for name, each in sources.items()}}
    trained_on = [(what, rows) for what, rows in others.items() if isinstance(rows, pa.Table)]
    tables.refuse_overlap(panel, trained_on)
    near = tuple(each for what, rows in trained_on for each in _near(panel, rows, what))
    return Taken(real, panel, sources, unlabelled, units, slices, (*findings, *near))


def _named(synthetic: Any) -> dict[str, Any]:
    return dict(synthetic) if isinstance(synthetic, Mapping) else {"": synthetic}


def _called(name: str) -> str:
    return f"synthetic {name}".strip()


def _source(given: Any, data: PilotData, task: str, apart: tuple[str, ...]) -> Any:
    if callable(given):
        return given
    return _without(tables.labelled(tables.arrow(given, "synthetic"), data.label, "synthetic", task), apart)


def _unlabelled(data: PilotData) -> pa.Table:
    return _without(tables.arrow(data.unlabelled, "unlabelled"), ("label", data.label))


def _without(rows: pa.Table, names: tuple[str, ...]) -> pa.Table:
    return rows.select([name for name in rows.column_names if name not in names])


def _refuse_shared_groups(real: pa.Table, panel: pa.Table, group: str) -> None:
    if not group:
        return
    for rows, what in ((real, "real"), (panel, "panel")):
        if group not in rows.column_names:
            raise InputError(
                f"the {what} table has no column {group!r}", f"name one of: {', '.join(rows.column_names)}"
            )
    shared = sorted(set(map(str, real[group].to_pylist())) & set(map(str, panel[group].to_pylist())))
    if shared:
        raise InputError(
            f"{len(shared)} values of {group!r} stand in the panel and in the real table: {', '.join(shared[:5])}",
            "hold whole groups out: give each of them to one of the two tables",
        )


def _units(panel: pa.Table, data: PilotData) -> IntArray | None:
    if data.group:
        codes = np.unique(np.array(panel[data.group].to_pylist(), str), return_inverse=True)[1]
        return np.asarray(codes, np.int64)
    if data.time:
        if data.time not in panel.column_names:
            raise InputError(f"the panel table has no column {data.time!r}", f"name one of: {panel.column_names}")
        order = pc.rank(panel[data.time], tiebreaker="first").to_numpy()
        blocks: IntArray = time_blocks(order, min(BLOCKS, panel.num_rows))
        return blocks
    return None


def _slices(panel: pa.Table, names: tuple[str, ...]) -> dict[str, list[Any]]:
    unknown = [name for name in names if name not in panel.column_names]
    if unknown:
        raise InputError(f"the panel has no column {unknown[0]!r} to look into", f"it has: {panel.column_names}")
    found = {name: panel[name].to_pylist() for name in names}
    if pa.types.is_string(panel["label"].type):
        found.setdefault("label", panel["label"].to_pylist())
    return found


def _findings(real: pa.Table, panel: pa.Table, data: PilotData, design: Design) -> list[Finding]:
    found = [_power(panel.num_rows, design.margin)]
    for name in [] if data.group else [each for each in real.column_names if each == "id" or each.endswith("_id")]:
        repeats = real.num_rows - len(pc.unique(real[name]))
        if repeats:
            found.append(
                Finding(
                    "independence",
                    "warn",
                    f"column {name!r} repeats in {repeats} real rows, so rows may not be independent",
                    remedy=f"pass --group {name}, or drop the column",
                )
            )
    if data.time and pc.min(panel[data.time]).as_py() < pc.max(real[data.time]).as_py():
        message = "the panel begins before the training rows end, so it does not measure the future"
        found.append(Finding("time", "warn", message, remedy="hold out the latest rows"))
    return found


def _power(items: int, margin: float) -> Finding:
    seen = smallest_difference(items)
    told = f"this panel of {items} items can see a difference of {seen * 100:.1f} points in one pair of fits"
    guarantee = "power .8, two-sided .05, 6 % of items judged differently (Connor 1987)"
    if seen <= margin:
        return Finding("power", "pass", told, seen, margin, guarantee)
    told += f"; the margin is {margin * 100:g}"
    return Finding("power", "warn", told, seen, margin, guarantee, "take a larger panel, more seeds, or a wider margin")


def _near(panel: pa.Table, rows: pa.Table, what: str) -> list[Finding]:
    check = find("checks", "leakage")()
    origin = Origin("undeclared", what)

    def dataset(name: str, table: pa.Table, role: Role) -> Dataset:
        return Dataset(name, table, Task(), role, origin)

    context = Context(np.random.default_rng(0))
    found = check(dataset(what, rows.slice(0, SAMPLED), "train"), dataset("panel", panel, "panel"), context)
    return [each for each in found if each.verdict in {"warn", "fail"}]

"""Take in a pilot's tables before any fit: one shape, no leak, and findings on what weakens the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns
from bimetal.pilot import tables
from bimetal.pilot.data import PilotData
from bimetal.pilot.design import Design
from bimetal.pilot.split import without_repeats
from bimetal.plugins import Context, find
from bimetal.stats import smallest_difference, time_blocks
from bimetal.types import Dataset, Finding, Origin, Role, Task

if TYPE_CHECKING:
    from bimetal.types import IntArray

BLOCKS = 30  # of consecutive time that count as one unit each
FEWEST = 12  # groups a panel needs before intervals over them can be trusted
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
        _refuse_unbound(rows, what, data)
    if real.num_rows < design.sizes[-1]:
        raise InputError(
            f"the largest size is {design.sizes[-1]} and the real table has {real.num_rows} rows",
            f"choose sizes up to {real.num_rows}",
        )
    _refuse_shared_groups(real, panel, data.group)
    findings, units, slices = _findings(real, panel, data, design), _units(panel, data), _slices(panel, data.slices)
    apart = tuple(name for name in (data.group, data.time) if name)
    unlabelled = None if data.unlabelled is None else _without(_unlabelled(data), apart)
    sources = {name: _source(each, real, data, task) for name, each in _named(data.synthetic).items()}
    real, panel = _without(real, apart), _without(panel, apart)
    sources, chance = _apart_from(panel, sources)
    others = {"real": real, "unlabelled": unlabelled, **{_called(name): each for name, each in sources.items()}}
    trained_on = [(what, rows) for what, rows in others.items() if isinstance(rows, pa.Table) and rows.num_rows]
    for what, rows in (("panel", panel), *trained_on):
        tables.refuse_other_payload(real, rows, what)
    tables.refuse_overlap(panel, trained_on)
    found = [*findings, *chance, *_strange_labels(panel, dict(trained_on))]
    found += [each for what, rows in trained_on for each in _near(panel, rows, what)]
    kept = unlabelled if unlabelled is not None and unlabelled.num_rows else None
    return Taken(real, panel, sources, kept, units, slices, tuple(found))


def _named(synthetic: Any) -> dict[str, Any]:
    if isinstance(synthetic, Mapping) and not synthetic:
        raise InputError("synthetic names no table and no generator", "pass one, or several by name")
    return dict(synthetic) if isinstance(synthetic, Mapping) else {"": synthetic}


def _apart_from(panel: pa.Table, sources: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Leave out synthetic rows of plain columns that equal a panel row: with few values that happens by chance."""
    kept, found = dict(sources), []
    for name, rows in sources.items():
        if isinstance(rows, pa.Table) and modality(rows) == "table":
            kept[name] = without_repeats(rows, panel)
            dropped = rows.num_rows - kept[name].num_rows
            if dropped:
                told = f"{dropped} {_called(name)} rows equal a panel row, by chance or by copying, and were left out"
                found.append(Finding("coincidence", "warn", told))
    return kept, found


def _called(name: str) -> str:
    return f"synthetic {name}".strip()


def _source(given: Any, real: pa.Table, data: PilotData, task: str) -> Any:
    """Take in one source; of a table what the real one has, for a model shall not learn from what the panel lacks."""
    if callable(given):
        return given
    rows = tables.labelled(tables.arrow(given, "synthetic"), data.label, "synthetic", task)
    strange = [name for name in payload_columns(rows) if name not in real.column_names]
    return _without(rows, (data.group, data.time, *strange))


def _unlabelled(data: PilotData) -> pa.Table:
    rows = _without(tables.arrow(data.unlabelled, "unlabelled"), ("label", data.label))
    tables.refuse_synthetic(rows, "unlabelled")
    return rows


def _without(rows: pa.Table, names: tuple[str, ...]) -> pa.Table:
    return rows.select([name for name in rows.column_names if name not in names])


def _refuse_unbound(rows: pa.Table, what: str, data: PilotData) -> None:
    """Refuse rows without a group or a time where one is named: they would all count as one."""
    for name in filter(None, (data.group, data.time)):
        if name not in rows.column_names:
            raise InputError(f"the {what} table has no column {name!r}", f"name one of: {', '.join(rows.column_names)}")
        if rows[name].null_count:
            raise InputError(
                f"{rows[name].null_count} {what} rows have no {name!r}", "fill it, or leave these rows out"
            )


def _refuse_shared_groups(real: pa.Table, panel: pa.Table, group: str) -> None:
    if not group:
        return
    shared = sorted(set(map(str, real[group].to_pylist())) & set(map(str, panel[group].to_pylist())))
    if shared:
        raise InputError(
            f"{len(shared)} values of {group!r} stand in the panel and in the real table: {', '.join(shared[:5])}",
            "hold whole groups out: give each of them to one of the two tables",
        )


def _units(panel: pa.Table, data: PilotData) -> IntArray | None:
    if data.group:
        codes = np.unique(np.array(panel[data.group].to_pylist(), str), return_inverse=True)[1]
        return _several(np.asarray(codes, np.int64), data.group)
    if data.time:
        order = pc.rank(panel[data.time], tiebreaker="min").to_numpy()  # rows of one time belong together
        return _several(time_blocks(order, min(BLOCKS, panel.num_rows)), data.time)
    return None


def _several(units: IntArray, name: str) -> IntArray:
    if len(np.unique(units)) < 2:
        raise InputError(
            f"the panel's rows are all of one {name!r}, so nothing is known of another", "hold out rows of several"
        )
    return units


def _slices(panel: pa.Table, names: tuple[str, ...]) -> dict[str, list[Any]]:
    unknown = [name for name in names if name not in panel.column_names]
    if unknown:
        raise InputError(f"the panel has no column {unknown[0]!r} to look into", f"it has: {panel.column_names}")
    nested = [name for name in names if pa.types.is_nested(panel[name].type)]
    if nested:
        raise InputError(
            f"the panel's column {nested[0]!r} is {panel[nested[0]].type}", "look into a column of plain values"
        )
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
    groups = len(pc.unique(panel[data.group])) if data.group else FEWEST
    if groups < FEWEST:
        message = f"the panel holds {groups} values of {data.group!r}, and intervals over so few are rough"
        found.append(Finding("independence", "warn", message, groups, FEWEST, remedy="hold out rows of more of them"))
    if data.time and _begins_early(panel[data.time], real[data.time], data.time):
        message = "the panel begins before the training rows end, so it does not measure the future"
        found.append(Finding("time", "warn", message, remedy="hold out the latest rows"))
    return found


def _begins_early(panel: pa.ChunkedArray[Any], real: pa.ChunkedArray[Any], name: str) -> bool:
    try:
        return bool(pc.min(panel).as_py() < pc.max(real).as_py())
    except (TypeError, pa.ArrowNotImplementedError) as fault:
        raise InputError(
            f"the column {name!r} is {panel.type} in the panel and {real.type} in the real table",
            "give both one type that has an order, such as a date or a number",
        ) from fault


def _strange_labels(panel: pa.Table, trained_on: Mapping[str, pa.Table]) -> list[Finding]:
    """Warn of classes that stand on one side alone: no model can name what it was never shown."""
    if not pa.types.is_string(panel["label"].type):
        return []
    shown = set(panel["label"].to_pylist())
    real = set(trained_on["real"]["label"].to_pylist())
    found = [("the panel holds classes that no real row has", shown - real, "label real rows of them")]
    for what, rows in trained_on.items():
        if what not in {"real", "unlabelled"}:
            strange = set(rows["label"].to_pylist()) - real - shown
            found.append((f"the {what} table holds classes that no real row has", strange, "spell labels alike"))
    return [
        Finding("classes", "warn", f"{told}: {', '.join(sorted(map(str, names))[:5])}", remedy=remedy)
        for told, names, remedy in found
        if names
    ]


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

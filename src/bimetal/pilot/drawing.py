"""Draw a panel from the declared target population, and the order in which the other rows go to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.pilot.split import hold_out
from bimetal.pilot.tables import payload_digests

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Population:
    """How a table stands for what the model will meet; by default every row counts alike.

    `weight` names a column that says how often a row's like occurs out there, `stratify` one whose values shall keep
    their shares in the panel. `group` keeps whole groups together, `time` makes the panel the latest rows.
    """

    weight: str = ""
    stratify: str = ""
    group: str = ""
    time: str = ""

    @property
    def apart(self) -> tuple[str, ...]:
        """Columns that say where a row stands and are not learned from."""
        return tuple(name for name in (self.weight, self.stratify, self.group, self.time) if name)


def drawn_from(
    rows: pa.Table, size: int, population: Population, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return the panel's row numbers, and the other rows' in the order they are bought.

    The panel is a systematic sample in random order, with chances in proportion to the weights, so that its plain mean
    estimates the population's. Rows that repeat a panel item are never trained on. Raises InputError where the table
    is too small, a column cannot be used, or one row alone weighs more than a panel item stands for.

    >>> rows = pa.table({"x": range(12), "kind": ["a"] * 8 + ["b"] * 4})
    >>> panel, order = drawn_from(rows, 3, Population(stratify="kind"), np.random.default_rng(0))
    >>> rows["kind"].take(panel).to_pylist(), len(order)
    (['a', 'a', 'b'], 9)
    """
    _refuse_missing(rows, population)
    if not 0 < size < rows.num_rows:
        raise InputError(
            f"a panel of {size} items is asked of {rows.num_rows} rows", "pass more rows, or a smaller panel"
        )
    weights = _weights(rows, population.weight)
    if population.group or population.time:
        panel = _held_out(rows, size, population, rng)
    else:
        panel = _systematic(weights, size, _strata(rows, population.stratify), rng)
    waiting = rng.exponential(size=rows.num_rows) / np.maximum(weights, 1e-300)  # Efraimidis and Spirakis 2006
    order = np.argsort(waiting, kind="stable")
    fingerprints = payload_digests(_to_learn_from(rows, population))
    shown = {fingerprints[row] for row in panel}
    free = np.array([weights[row] > 0 and fingerprints[row] not in shown for row in order], bool)
    free &= ~np.isin(order, panel)
    return np.asarray(panel, np.int64), np.asarray(order[free], np.int64)


def _to_learn_from(rows: pa.Table, population: Population) -> pa.Table:
    return rows.select([name for name in rows.column_names if name not in population.apart])


def _refuse_missing(rows: pa.Table, population: Population) -> None:
    for name in population.apart:
        if name not in rows.column_names:
            raise InputError(f"the table has no column {name!r}", f"name one of: {', '.join(rows.column_names)}")
    if (population.group or population.time) and (population.weight or population.stratify):
        raise InputError(
            "a panel by group or time cannot be weighted or stratified as well", "choose one way to draw the panel"
        )


def _weights(rows: pa.Table, name: str) -> FloatArray:
    if not name:
        return np.ones(rows.num_rows)
    try:
        weights = np.asarray(pc.cast(rows[name], pa.float64()).to_numpy(zero_copy_only=False), float)
    except pa.ArrowInvalid as fault:
        raise InputError(f"the weights in {name!r} are no numbers: {fault}", "give numbers of zero or more") from fault
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise InputError(f"{name!r} holds weights below zero, missing or all zero", "give numbers of zero or more")
    return weights


def _strata(rows: pa.Table, name: str) -> Any:
    values = rows[name].to_pylist() if name else [""] * rows.num_rows
    return np.unique(np.array(values, str), return_inverse=True)[1]


def _systematic(weights: FloatArray, size: int, strata: IntArray, rng: np.random.Generator) -> IntArray:
    order = np.lexsort((rng.random(len(weights)), strata))
    ends = np.cumsum(weights[order])
    step = ends[-1] / size
    if weights.max() > step * (1 + 1e-9):
        raise InputError(
            f"one row weighs {weights.max():g} of {ends[-1]:g}, more than one of {size} panel items stands for",
            "take a smaller panel, or pass more rows like it",
        )
    points = (np.arange(size) + rng.random()) * step
    found = np.unique(order[np.minimum(np.searchsorted(ends, points, side="right"), len(order) - 1)])
    return np.asarray(found, np.int64)


def _held_out(rows: pa.Table, size: int, population: Population, rng: np.random.Generator) -> IntArray:
    numbered = rows.append_column("_row", pa.array(range(rows.num_rows)))
    _, panel = hold_out(numbered, size / rows.num_rows, rng, population.group, population.time)
    return np.asarray(panel["_row"].to_numpy(), np.int64)

"""Run a programme's pilot on its own data: registered in the log before the first fit, resumable cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.compute import run_local
from bimetal.errors import InputError
from bimetal.payload import where
from bimetal.pilot import Cell, Design, PilotData, PilotResult, run_pilot
from bimetal.plugins import make
from bimetal.programme.environment import environment

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

OnCell = Callable[[int, int, Cell], None]


def design_of(programme: Programme) -> Design:
    """Build the design that bimetal.toml's [pilot] table describes."""
    decided = programme.config.pilot
    return Design(
        sizes=decided.sizes,
        seeds=decided.seeds,
        targets=decided.targets,
        margin=decided.margin,
        rng_seed=programme.config.programme.rng_seed,
    )


def pilot(programme: Programme, on_cell: OnCell | None = None, workers: int | None = None) -> PilotResult:
    """Compare people, synthetic data and both on the programme's panel; a finished cell is never fitted again.

    Raises InputError where the programme lacks a panel or labelled real rows.
    """
    design = design_of(programme)
    data = _data(programme)
    learner, generator = programme.config.learner_spec, programme.config.generator_spec
    given: dict[str, Json] = {
        "design": design.json(),
        "learner": learner.json(),
        "generator": generator.json() if generator else None,
        "environment": environment(),
        "rows": [
            programme.snapshots.put(rows) for rows in (data.real, data.panel, data.unlabelled) if rows is not None
        ],
    }
    programme.record("pilot.registered", programme.config.programme.name, given)

    def key(item: Any) -> Json:
        return {**given, type(item).__name__: item.json()}

    run = programme.steps.mapper("pilot", key, lambda work, items: run_local(work, items, workers, ordered=False))
    with programme.alone("pilot"):
        result = run_pilot(data, make(learner), design, run, on_cell)
    found = result.json()
    programme.record(
        "pilot.finished", result.panel, {k: found[k] for k in ("answer", "transfer", "saving", "harm", "panel")}
    )
    return result


def _data(programme: Programme) -> PilotData:
    panel = programme.rows("panel")
    train = programme.rows("train", as_they_came=True)
    spec = programme.config.generator_spec
    if panel is None:
        raise InputError(
            "the programme has no panel", "run: bimetal add TABLE --role panel --source NAME --declare real,human"
        )
    if train is None:
        raise InputError("the programme has no labelled rows", "run: bimetal add TABLE --role train --source NAME")
    if spec is None:
        raise InputError("bimetal.toml names no generator", "add a [generator] table with a name")
    return PilotData(where(train, "item_origin", "real"), panel, make(spec), unlabelled=_unlabelled(programme))


def _unlabelled(programme: Programme) -> pa.Table | None:
    pool = programme.rows("pool")
    return None if pool is None else pool.drop_columns("label")

"""Run pilots that resume: registered before the first fit, every finished cell kept under the digest of its inputs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pyarrow as pa

from bimetal.canonical import Json, digest
from bimetal.compute import run_local
from bimetal.errors import InputError
from bimetal.payload import modality, where
from bimetal.pilot import Arm, Cell, Design, PilotData, PilotResult, Spent, run_pilot
from bimetal.pilot.arms import ARMS, DEFAULT_ARMS, arms_named
from bimetal.pilot.tables import arrow
from bimetal.plugins import make, spec_of
from bimetal.programme import clock
from bimetal.programme.environment import environment
from bimetal.store.lock import only_one
from bimetal.store.snapshots import Snapshots
from bimetal.store.state import State
from bimetal.store.steps import Steps
from bimetal.types import Spec

if TYPE_CHECKING:
    from bimetal.pilot.law import Law
    from bimetal.programme.programme import Programme

OnCell = Callable[[int, int, Cell], None]
SPOKEN = 30  # panel items below which nothing was measured in a language
LOGGED_DRAWS = 200  # of the law's, five numbers each: some 10 kB
CLASSES = 20  # decimal labels with more values than this are a score
MARKS = {"start:": "spans", "mask:": "masks", "x0:": "boxes"}  # fields that tell structured labels apart
TASKS = {
    "spans": (Spec("learners", "tagger"), Spec("metrics", "span_f1")),
    "boxes": (Spec("learners", "detector"), Spec("metrics", "box_ap")),
    "masks": (Spec("learners", "detector", {"kind": "masks"}), Spec("metrics", "mask_ap")),
    "score": (Spec("learners", "regression"), Spec("metrics", "explained")),
}
LEARNERS = {"image": "scattering", "text": "linear", "table": "boosted", "audio": "linear"}


@dataclass(frozen=True)
class Order:
    """All that a pilot is made of: its tables, its learner, its design, and what the answer costs beside."""

    data: PilotData
    learner: Spec
    design: Design
    spent: Spent = field(default_factory=Spent)

    def registered(self) -> dict[str, Json]:
        """Spell what is fixed before the first fit; tables and generators by their digest or spec."""
        data = self.data
        tables = {"real": data.real, "panel": data.panel, "unlabelled": data.unlabelled}
        named = data.synthetic if isinstance(data.synthetic, Mapping) else {"": data.synthetic}
        return {
            "design": self.design.json(),
            "learner": self.learner.json(),
            "label": data.label,
            "group": data.group,
            "time": data.time,
            "slices": list(data.slices),
            "spent": self.spent.json(),
            "synthetic": {
                name: spec_of(each).json() if callable(each) else table_digest(each) for name, each in named.items()
            },
            "rows": {name: table_digest(each) for name, each in tables.items() if each is not None},
        }


def design_of(programme: Programme) -> Design:
    """Build the design that bimetal.toml's [pilot] table describes."""
    decided = programme.config.pilot
    return Design(
        sizes=decided.sizes,
        seeds=decided.seeds,
        arms=DEFAULT_ARMS,
        targets=decided.targets,
        margin=decided.margin,
        metric=spec_of(make(Spec("metrics", decided.metric.name, decided.metric.args))),
        rng_seed=programme.config.programme.rng_seed,
    )


def pilot(programme: Programme, on_cell: OnCell | None = None, workers: int | None = None) -> PilotResult:
    """Compare people, synthetic data and both on the programme's panel; a finished cell is never fitted again.

    Raises InputError where the programme lacks a panel or labelled real rows.
    """
    raters = Spent(raters=programme.config.cycle.raters)
    order = Order(_data(programme), programme.config.learner_spec, design_of(programme), raters)
    return pilot_in(programme, order, on_cell, workers)


def pilot_in(
    programme: Programme, order: Order, on_cell: OnCell | None = None, workers: int | None = None
) -> PilotResult:
    """Run a pilot within a programme: registered and finished in its log."""
    programme.record("pilot.registered", programme.config.programme.name, order.registered())
    with programme.alone("pilot"):
        result = _run(programme.steps, order, on_cell, workers)
    found = result.json()
    kept = ("answer", "verdict", "transfer", "ratio", "saving", "net", "harm", "panel")
    law: dict[str, Json] = {"law": _thinned(result.law), "target": result.targets[0], "measure": result.measure}
    law["languages"] = _languages(programme, order, result)
    programme.record("pilot.finished", result.panel, {**{name: found[name] for name in kept}, **law})
    return result


def _languages(programme: Programme, order: Order, result: PilotResult) -> list[Json]:
    """Name the languages whose transfer the panel measured: enough items of each, and none where the mix harms."""
    panel = arrow(order.data.panel, "the panel")
    if "language" not in panel.column_names:
        return list(programme.config.facts.languages) if len(programme.config.facts.languages) == 1 else []
    harmed = {each.value for each in result.slices if each.column == "language" and each.harms}
    items = Counter(str(each) for each in panel["language"].to_pylist() if each is not None)
    return [name for name, count in sorted(items.items()) if count >= SPOKEN and name not in harmed]


def pilot_alone(order: Order, memory: Path, on_cell: OnCell | None = None, workers: int | None = None) -> PilotResult:
    """Run a pilot without a programme; `memory` keeps finished cells, so that the same command goes on where it was."""
    with _steps(memory / digest(order.registered()["rows"])[:16]) as steps:
        return _run(steps, order, on_cell, workers)


def default_task(rows: pa.Table, label: str) -> str:
    """Tell from the labels' type what is predicted: classes, spans, boxes, masks, or a score where numbers vary much.

    >>> default_task(pa.table({"text": ["a"], "label": [[{"start": 0, "end": 1, "label": "x"}]]}), "label")
    'spans'
    """
    if label not in rows.column_names:
        return "classification"  # refused by name when the table is taken in
    kind = rows[label].type
    if pa.types.is_floating(kind):
        return "score" if len(rows[label].unique()) > CLASSES else "classification"
    if not pa.types.is_nested(kind):
        return "classification"
    told = str(kind)
    return next((task for mark, task in MARKS.items() if mark in told), "classification")


def default_learner(rows: pa.Table, task: str = "classification") -> Spec:
    """Name the learner that suits a payload and a task."""
    if task in TASKS:
        return TASKS[task][0]
    if {"text_a", "text_b"} <= set(rows.column_names):
        return Spec("learners", "preference")
    return Spec("learners", LEARNERS[modality(rows)])


def default_metric(task: str) -> Spec:
    """Name the metric that suits a task."""
    return TASKS[task][1] if task in TASKS else Spec("metrics", "accuracy")


def _thinned(law: Law | None) -> Json:
    """Keep a law with as many of its draws as an entry of the log has room for, None where it does not hold."""
    if law is None or not law.fits:
        return None
    every = max(1, -(-len(law.draws) // LOGGED_DRAWS))
    draws: list[Json] = [[float(f"{each:.6g}") for each in row] for row in law.draws[::every].tolist()]
    return {**law.json(), "draws": draws}


def _run(steps: Steps, order: Order, on_cell: OnCell | None, workers: int | None) -> PilotResult:
    registered, design = order.registered(), order.design
    given: dict[str, Json] = {
        **{name: registered[name] for name in ("learner", "label", "group", "time", "synthetic", "rows")},
        "metric": design.metric.json(),
        "weight": design.weight,
        "rng_seed": design.rng_seed,
        "environment": environment(),
    }

    def key(item: Any) -> Json:
        return {**given, type(item).__name__: item.json()}

    run = steps.mapper("pilot", key, lambda work, items: run_local(work, items, workers, ordered=False))
    return run_pilot(order.data, make(order.learner), design, run, on_cell, order.spent)


@contextmanager
def _steps(memory: Path) -> Iterator[Steps]:
    memory.mkdir(parents=True, exist_ok=True)
    with only_one(memory, "pilot"):
        state = State.open(f"sqlite:///{memory / 'pilots.db'}")
        try:
            yield Steps(state, Snapshots(memory / "snapshots"), clock.now)
        finally:
            state.close()


def table_digest(rows: Any) -> str:
    """Digest a table by its bytes in Arrow's stream format, rechunked so that chunks make no difference."""
    table = arrow(rows, "a").replace_schema_metadata(None).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()


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
    asked = programme.config.pilot
    spoken = {"language"} & set(panel.column_names) - set(asked.slices)
    return PilotData(
        where(train, "item_origin", "real"),
        panel,
        make(spec),
        unlabelled=_unlabelled(programme),
        group=asked.group,
        time=asked.time,
        slices=(*asked.slices, *spoken),
    )


def _unlabelled(programme: Programme) -> pa.Table | None:
    pool = programme.rows("pool")
    return None if pool is None else pool.drop_columns("label")


def arms_of(names: tuple[str, ...], beside: tuple[str, ...] = ()) -> tuple[Arm, ...]:
    """Find arms by name, the default ones where none is named, and some beside them."""
    chosen = arms_named(names) if names else DEFAULT_ARMS
    known = {arm.name for arm in chosen}
    return (*chosen, *(ARMS[name] for name in beside if name not in known))


def remembered() -> Path:
    """Say where pilots on bare tables keep their finished cells: the user's cache folder."""
    return platformdirs.user_cache_path("bimetal", appauthor=False) / "pilots"

"""What a pilot before labels starts from: checked before anybody works, and spelled as its folder remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.pilot.arms import Arm
from bimetal.pilot.drawing import Population
from bimetal.pilot.prices import Prices
from bimetal.pilot.prospective import Prospective, begin
from bimetal.pilot.tables import arrow, refuse_overlap
from bimetal.pilot.terms import Terms
from bimetal.plugins import make, spec_of
from bimetal.programme.pilots import default_learner
from bimetal.programme.questions import Sheet
from bimetal.store.snapshots import Snapshots
from bimetal.types import Spec


@dataclass(frozen=True)
class Opening:
    """All that a pilot before labels starts from: rows, sources of synthetic rows, terms and how questions look.

    `seed_labels` counts the human labels the synthetic rows were fitted on, None where nobody said.
    """

    rows: Any
    synthetic: Mapping[str, Any]
    terms: Terms
    sheet: Sheet
    population: Population = field(default_factory=Population)
    learner: Spec | None = None
    seed_labels: int | None = None


def begun(opening: Opening) -> Prospective:
    """Draw the panel and the rungs, and refuse now what the fits would refuse after people have worked."""
    task = make(opening.terms.metric).task
    if task != "classification":
        raise InputError(
            f"the metric {opening.terms.metric.name} scores {task}, a pilot before labels asks for classes",
            "choose a metric for classes: bimetal list metrics",
        )
    make(opening.learner or Spec("learners", "linear"))
    pilot = begin(_unlabelled(opening), opening.terms, opening.population)
    _refuse_synthetic(pilot, opening)
    return pilot


def registered(pilot: Prospective, opening: Opening, snapshots: Snapshots) -> dict[str, Json]:
    """Spell what is fixed before the first question; tables are kept and named by their digests."""
    places = [*((row, True) for row in pilot.panel), *((row, False) for row in pilot.order)]
    drawn = pa.table({"row": [row for row, _ in places], "panel": [panel for _, panel in places]})
    learner = opening.learner or default_learner(pilot.rows)
    synthetic: dict[str, Json] = {
        name: spec_of(each).json() if callable(each) else snapshots.put(_labelled(name, each, opening.sheet))
        for name, each in opening.synthetic.items()
    }
    population = pilot.population
    return {
        "design": pilot.digest,
        "terms": pilot.terms.json(),
        "rows": snapshots.put(pilot.rows),
        "drawn": snapshots.put(drawn),
        "population": {name: getattr(population, name) for name in population.__dataclass_fields__},
        "synthetic": synthetic,
        "learner": learner.json(),
        "sheet": {"label": opening.sheet.label, "labels": list(opening.sheet.labels), "raters": opening.sheet.raters},
        "seed_labels": opening.seed_labels,
    }


def terms_from(value: dict[str, Any]) -> Terms:
    """Read back what `Terms.json` wrote."""
    prices: dict[str, Any] = {name: inf if each is None else each for name, each in value["prices"].items()}
    arms = tuple(Arm(**{**each, "improve": tuple(each["improve"])}) for each in value["arms"])
    made = {**value, "prices": Prices(**prices), "arms": arms, "rungs": tuple(value["rungs"])}
    return Terms(**{**made, "metric": Spec(**value["metric"])})


def remembered(body: Mapping[str, Any], snapshots: Snapshots, rung: int) -> Prospective:
    """Read a pilot back as it was registered, at a rung, without answers."""
    drawn = snapshots.get(body["drawn"]).to_pylist()
    panel, order = (tuple(int(each["row"]) for each in drawn if each["panel"] is held) for held in (True, False))
    rows, population = snapshots.get(body["rows"]), Population(**body["population"])
    return Prospective(terms_from(body["terms"]), rows, panel, order, population, rung=rung)


def synthetic_of(body: Mapping[str, Any], snapshots: Snapshots) -> Any:
    """Read the sources of synthetic rows back: generators made anew, tables as they were."""
    made = {
        name: make(Spec(**each)) if isinstance(each, Mapping) else snapshots.get(each)
        for name, each in body["synthetic"].items()
    }
    return made if len(made) > 1 else next(iter(made.values()))


def _unlabelled(opening: Opening) -> pa.Table:
    rows = arrow(opening.rows, "the table")
    empty = [name for name in dict.fromkeys(("label", opening.sheet.label)) if name in rows.column_names]
    for name in empty:
        held = rows.num_rows - rows[name].null_count
        if held:
            raise InputError(
                f"column {name!r} holds {held} labels already",
                f"measure on them with: bimetal pilot TABLE --label {name}, or drop the column to ask people anew",
            )
    return rows.drop_columns(empty)


def _refuse_synthetic(pilot: Prospective, opening: Opening) -> None:
    """Refuse now what the fits would refuse after people have worked: too few rows, no labels, rows of the panel."""
    most = max(arm.made(pilot.terms.rungs[-1]) for arm in pilot.terms.arms)
    tables = [
        (name, _labelled(name, rows, opening.sheet)) for name, rows in opening.synthetic.items() if not callable(rows)
    ]
    for name, rows in tables:
        called = f"the synthetic table {name}".strip()
        if rows.num_rows < most:
            raise InputError(
                f"{called} has {rows.num_rows} rows, {pilot.terms.rungs[-1]} labels want {most} beside them",
                "pass more synthetic rows, a generator, or fewer rungs",
            )
    refuse_overlap(pilot.rows.take(list(pilot.panel)), [(f"synthetic {name}".strip(), rows) for name, rows in tables])


def _labelled(name: str, given: Any, sheet: Sheet) -> pa.Table:
    """Name a synthetic table's label column `label`, as generators do, and refuse labels nobody may give."""
    called, rows = f"the synthetic table {name}".strip(), arrow(given, name)
    if sheet.label not in rows.column_names:
        raise InputError(f"{called} has no column {sheet.label!r}", f"name one of: {', '.join(rows.column_names)}")
    strange = sorted({str(each) for each in rows[sheet.label].to_pylist()} - set(sheet.labels))
    if strange:
        raise InputError(
            f"{called} holds labels that people may not give: {', '.join(strange[:5])}", "name them in --labels as well"
        )
    return rows.rename_columns(["label" if each == sheet.label else each for each in rows.column_names])

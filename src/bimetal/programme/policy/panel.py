"""What an evaluation panel may hold, and that nobody trains on it: real items, judged by people, found by payload."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sql

from bimetal.decision import BINDINGS
from bimetal.errors import InputError, PolicyError
from bimetal.pilot.tables import refuse_overlap, row_names
from bimetal.programme.payloads import payloads, payloads_held
from bimetal.programme.policy.case import rule_words
from bimetal.store import queue as store
from bimetal.store import schema

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

DEMANDS = {"panel-real": ("item_origin", "real"), "panel-human": ("label_origin", "human")}
LEARNED_FROM = frozenset({"train", "seed", "pool"})
"""Roles whose rows a model or a generator sees."""


def admit_to_panel(programme: Programme, rows: pa.Table, drawn_from: Collection[str] = ()) -> None:
    """Raise PolicyError, naming rows, where a panel would hold anything but real, human-labelled, held-out items.

    `drawn_from` are digests of datasets it was drawn from, whose rows of the panel are sealed since (`sealed`).
    """
    for name, (column, demanded) in DEMANDS.items():
        broken = [row for row, value in enumerate(rows[column].to_pylist()) if value != demanded]
        if broken:
            rule = next(each for each in BINDINGS if each.name == name)
            told = f"{len(broken)} rows break it: {row_names(rows, broken)}"
            raise PolicyError(f"{rule_words(rule)}; {told}", rule.way_out)
    others = (each for each in programme.datasets() if each.digest not in drawn_from)
    try:
        refuse_overlap(rows, ((each.name, programme.snapshots.get(each.digest)) for each in others))
    except InputError as fault:
        raise PolicyError(f"rule panel-sealed: {fault.message}", fault.hint) from fault


def sealed(programme: Programme) -> dict[str, str]:
    """Map every payload on an evaluation panel to the panel's name; a panel seals its items once people are asked."""
    found = dict(sealed_by_jobs(programme))
    for held in programme.datasets("panel"):
        found |= dict.fromkeys(payloads_held(programme, held.digest), held.name)
    return found


def sealed_by_jobs(programme: Programme) -> dict[str, str]:
    """Map the payloads that panels in the queue were drawn with to the job's name: their rows stand in other tables."""
    with programme.state.read() as connection:
        jobs = [each for each in store.read_jobs(connection) if each.kind == "panel" and each.snapshot]
        asked = {each.name: set(connection.execute(_ITEMS, {"in_job": each.name}).scalars()) for each in jobs}
    found: dict[str, str] = {}
    for job in jobs:
        ids = map(str, programme.snapshots.get(job.snapshot, ["id"])["id"].to_pylist())
        keys = zip(ids, payloads_held(programme, job.snapshot), strict=True)
        found |= {key: job.name for item, key in keys if item in asked[job.name]}
    return found


def unsealed(programme: Programme, stored: Stored) -> pa.Table:
    """Read a dataset's rows; of one that models or generators learn from, without those that a panel was drawn with."""
    rows = programme.snapshots.get(stored.digest)
    held = sealed_by_jobs(programme) if stored.role in LEARNED_FROM else {}
    if not held:
        return rows
    free = [key not in held for key in payloads_held(programme, stored.digest)]
    return rows.filter(pa.array(free, pa.bool_()))


def refuse_sealed(programme: Programme, rows: pa.Table) -> None:
    """Raise PolicyError naming rows that stand on a panel: before they enter, or leave to be trained on."""
    held = sealed(programme)
    keys = payloads(programme, rows) if held else []
    shared = [row for row, key in enumerate(keys) if key in held]
    if shared:
        names = ", ".join(sorted({held[keys[row]] for row in shared}))
        told = f"{len(shared)} rows stand on the panel {names}: {row_names(rows, shared)}"
        raise PolicyError(f"rule panel-sealed: {told}", "leave these rows out")


_ITEMS = sql.select(schema.items.c.item).where(schema.items.c.job == sql.bindparam("in_job"))

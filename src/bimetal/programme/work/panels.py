"""Evaluation panels in the queue: real items drawn at random, judged by people alone, sealed from training for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import sqlalchemy as sql

from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.payloads import payloads_held
from bimetal.programme.people import Person, require
from bimetal.programme.policy import admit_to_panel, sealed
from bimetal.programme.work.answered import given, job_named
from bimetal.programme.work.closing import Closed, decided, origin_of
from bimetal.store import schema
from bimetal.store.queue import Item, Job, adjudication_of
from bimetal.types import Dataset

if TYPE_CHECKING:
    from bimetal.annotation.sheet import Sheet
    from bimetal.programme.programme import Programme, Stored

SEEN = frozenset({"train", "seed", "gold", "panel"})
"""Roles whose rows a panel may not hold: they were learned from, are known, or judge already."""

DRAWN_FROM = frozenset({"pool", "production"})


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel to open: how many items of which dataset, how many people judge each, who may."""

    name: str
    dataset: str
    items: int
    raters: int = 3
    extra: int = 2
    languages: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()
    task: str = "classification"


def open_panel(
    programme: Programme, by: Person, wanted: Panel, rng: np.random.Generator, sheet: Sheet | None = None
) -> Job:
    """Draw real items that nothing learned from and open their job; from then on nobody trains on them.

    Every such item is as likely as any other. Raises PolicyError for a role that may not, InputError where the dataset
    holds too few, or is one that models learn from.
    """
    require(by.role, "steer queue")
    held = programme.dataset(wanted.dataset)
    if held.role not in DRAWN_FROM:
        raise InputError(
            f"{held.name!r} is a {held.role} dataset", f"draw from one of: {', '.join(sorted(DRAWN_FROM))}"
        )
    rows = programme.snapshots.get(held.digest)
    free = _free(programme, held, rows)
    if not 1 <= wanted.items <= len(free):
        raise InputError(
            f"{wanted.items} items are asked of {len(free)} that are real and that nothing has seen",
            "ask for fewer, or add rows",
        )
    drawn = [free[at] for at in sorted(rng.choice(len(free), wanted.items, replace=False))]
    items = _items(rows, drawn, wanted.items / len(free))
    job = Job(
        name=wanted.name,
        kind="panel",
        dataset=held.name,
        snapshot=held.digest,
        task=wanted.task,
        raters=wanted.raters,
        extra=wanted.extra,
        agreement=0.5,
        guideline=sheet.version if sheet else programme.config.task.guideline,
        languages=wanted.languages,
        expertise=wanted.expertise,
    )
    return queue.open_job(replace(programme, actor=by.id), job, items, sheet)


def close_panel(programme: Programme, by: Person, job: str) -> Closed:
    """Close a panel's job and keep what people decided as a dataset of role panel, named like the job.

    Its rows say who judged them, under pseudonyms, in the column `annotator`. Items without a label are left out and
    named. Raises PolicyError where anybody but people answered, InputError where nothing was decided.
    """
    require(by.role, "steer queue")
    held = job_named(programme, job)
    if held.kind != "panel":
        raise InputError(f"{job!r} is a job of kind {held.kind}", "close a panel")
    if programme.datasets(name=job):
        raise InputError(f"the panel {job!r} is a dataset already", "read it by its name")
    _refuse_models(programme, job)
    rows, undecided = decided(programme, held)
    source = replace(origin_of(programme, held), kind="real")
    admit_to_panel(programme, rows, [held.snapshot])
    acting = replace(programme, actor=by.id)
    queue.close(acting, job)
    dataset = Dataset(job, rows, programme.config.labelled, "panel", source)
    stored = acting.keep(dataset, "panel.closed", declared_by=by.id, label_column="label", job=job)
    return Closed(stored, undecided)


def _free(programme: Programme, held: Stored, rows: pa.Table) -> list[int]:
    """Number the rows that are real, that no table of SEEN holds, and that nobody was asked about elsewhere."""
    seen = set(sealed(programme))
    for each in programme.datasets():
        if each.role in SEEN:
            seen.update(payloads_held(programme, each.digest))
    items, jobs = schema.items.c, schema.jobs.c
    elsewhere = sql.select(items.item).join(schema.jobs, jobs.name == items.job).where(jobs.dataset == held.name)
    with programme.state.read() as connection:
        asked = set(connection.execute(elsewhere).scalars())
    known = zip(
        rows["id"].to_pylist(), rows["item_origin"].to_pylist(), payloads_held(programme, held.digest), strict=True
    )
    fresh, free = set(seen), []
    for at, (item, origin, key) in enumerate(known):
        if origin == "real" and str(item) not in asked and key not in fresh:
            free.append(at)
            fresh.add(key)  # a copy of an item on the panel tells nothing new
    return free


def _items(rows: pa.Table, drawn: list[int], probability: float) -> list[Item]:
    chosen = rows.take(drawn)
    spoken = chosen["language"].to_pylist() if "language" in chosen.column_names else [None] * len(drawn)
    return [
        Item(str(item), "panel", probability=probability, language=language or "", origin="real")
        for item, language in zip(chosen["id"].to_pylist(), spoken, strict=True)
    ]


def _refuse_models(programme: Programme, job: str) -> None:
    """Raise PolicyError where a model or a replay judged an item."""
    rows = given(programme, (job, adjudication_of(job)))
    strange = {row.answer.annotator for row in rows if row.answer.actor_kind != "human"}
    if strange:
        raise PolicyError(
            f"rule panel-human: {', '.join(sorted(strange))} is no person", "open a panel that people judge"
        )

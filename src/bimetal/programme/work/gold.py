"""Gold in a job: open a calibration, mix known items into work, find those that leaked and take them out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sql

from bimetal.annotation.gold import Worn, worn
from bimetal.canonical import digest
from bimetal.errors import InputError
from bimetal.programme import people, queue
from bimetal.programme.people import Person, require
from bimetal.programme.work.answered import given, job_named, last_of_rounds
from bimetal.programme.work.certifying import judged_gold
from bimetal.programme.work.exams import SET, Exam, spelled
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Item, Job

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bimetal.canonical import Json
    from bimetal.programme.programme import Programme, Stored


def calibrate(programme: Programme, by: Person, exam: Exam, dataset: str, items: Sequence[str] | None = None) -> Job:
    """Open a calibration: a job made of gold, on all of a gold dataset's items or those named, which anybody may take.

    Passing it qualifies for `exam.qualifies`, in the name of `exam.owner`. Raises PolicyError where somebody may not
    set gold, or the owner may not qualify; InputError for a dataset that is none of gold.
    """
    held = _settable(programme, by, exam, dataset)
    if not exam.qualifies:
        raise InputError(f"passing {exam.job!r} would qualify for nothing", "say what it qualifies for")
    found = _items(programme, held, items)
    guideline = programme.config.task.guideline
    wanted = Job(exam.job, "calibrate", dataset, held.digest, guideline=guideline, gold=1.0, extra=0)
    opened = queue.open_job(replace(programme, actor=by.id), wanted, found)
    _set(programme, by, exam, found, share=1.0)
    return opened


def mix(
    programme: Programme, by: Person, exam: Exam, dataset: str, items: Sequence[str] | None = None, share: float = 0.1
) -> int:
    """Mix a gold dataset's items, or those named, into a job as `share` of what each person is given.

    Nothing a rater gets tells them apart but their id: give them ids like the others'. Items that are there already
    are left out. In a calibration, `share` is not read. Raises as `calibrate` does, and InputError where failing would
    bar nobody because the job asks for no such expertise, or on a panel.
    """
    held, job = _settable(programme, by, exam, dataset), job_named(programme, exam.job)
    if job.kind in {"panel", "adjudicate"}:
        raise InputError(f"{exam.job!r} is {job.kind}, which takes no gold", "mix it into a job of labels")
    if job.kind == "label" and exam.qualifies and exam.qualifies not in job.expertise:
        asked = ", ".join(job.expertise) or "nothing"
        raise InputError(f"{exam.job!r} asks for {asked}, not for {exam.qualifies!r}", "open it with that expertise")
    with programme.state.read() as connection:
        there = set(connection.execute(sql.select(_columns.item).where(_columns.job == exam.job)).scalars())
    found = [each for each in _items(programme, held, items) if each.item not in there]
    _set(programme, by, exam, found, 1.0 if job.kind == "calibrate" else share)
    return len(found)


def leaked(programme: Programme, job: str) -> tuple[Worn, ...]:
    """Find gold that was shown too often or has leaked; each person's pace is that of their ordinary answers."""
    rows = last_of_rounds(given(programme, [job], former=True))
    pace: dict[str, list[float]] = {}
    for each in rows:
        if not each.gold and each.answer.seconds > 0:
            pace.setdefault(each.answer.annotator, []).append(each.answer.seconds)
    usual = {who: float(np.median(seconds)) for who, seconds in pace.items()}
    open_gold = {each.answer.item for each in rows if each.gold and each.state == "open"}
    return tuple(
        each
        for each in worn((it for *_, it in judged_gold(programme, job)), pace=usual or None)
        if each.item in open_gold
    )


def rotate(programme: Programme, by: Person, job: str) -> tuple[Worn, ...]:
    """Take leaked gold out of a job, so that nobody is given it again; its answers stay. Logged with its reasons."""
    require(by.role, "set gold")
    found = leaked(programme, job)
    names = [each.item for each in found]

    def act(connection: Connection) -> None:
        this = sql.and_(schema.leases.c.job == job, schema.leases.c.item.in_(names))
        waiting = schema.leases.c.state.in_(("pending", "draft", "returned"))
        ended = sql.update(schema.leases).where(this, waiting).values(state="closed", expires=None)
        connection.execute(ended)
        out = sql.update(schema.items).where(_columns.job == job, _columns.item.in_(names))
        connection.execute(out.values(state="resolved", open=0, held=0))
        body: dict[str, Json] = {"items": {each.item: each.words for each in found}}
        programme.log.append(connection, at=programme.now(), actor=by.id, action="gold.rotated", subject=job, body=body)

    if found:
        programme.state.write(act)
    return found


def _settable(programme: Programme, by: Person, exam: Exam, dataset: str) -> Stored:
    require(by.role, "set gold")
    require(people.person(programme, exam.owner).role, "qualify")
    held = programme.dataset(dataset)
    if held.role != "gold":
        raise InputError(f"{held.name!r} is a {held.role} dataset, not one of gold", "add it with --role gold")
    return held


def _items(programme: Programme, held: Stored, wanted: Sequence[str] | None) -> list[Item]:
    rows = programme.snapshots.get(held.digest)
    if wanted is not None:
        rows = rows.filter(pc.is_in(rows["id"], pa.array(sorted(set(wanted)), pa.string())))
        if rows.num_rows < len(set(wanted)):
            raise InputError(f"{held.name!r} holds {rows.num_rows} of {len(set(wanted))} items named", "name its items")
    one = programme.config.facts.languages
    spoken = rows["language"].to_pylist() if "language" in rows.column_names else [None] * rows.num_rows
    columns = zip(*(rows[name].to_pylist() for name in ("id", "label", "item_origin")), spoken, strict=True)
    return [
        Item(
            str(item),
            "gold",
            language=language or (one[0] if len(one) == 1 else ""),
            gold=True,
            origin=origin,
            known=_spelled(label),
        )
        for item, label, origin, language in columns
    ]


def _spelled(label: Any) -> str:
    """Spell a dataset's label as an answer's value."""
    if isinstance(label, str):
        return label
    return json.dumps(label, separators=(",", ":"), ensure_ascii=False)


def _set(programme: Programme, by: Person, exam: Exam, found: Sequence[Item], share: float) -> None:
    """Add gold to a job and write its terms; nobody gets a run of gold for the time before it was there."""
    at = programme.now()
    with programme.state.read() as connection:
        known = set(connection.execute(sql.select(_columns.item).where(_columns.job == exam.job)).scalars())

    def act(connection: Connection) -> None:
        job = replace(store.read_job(connection, exam.job), gold=share)
        body = json.dumps(asdict(job))
        connection.execute(sql.update(schema.jobs).where(schema.jobs.c.name == job.name).values(body=body))
        store.add_items(connection, job.name, [each for each in found if each.item not in known], at)
        _level(connection, job)
        told: dict[str, Json] = {"exam": spelled(exam), "items": len(found), "share": share}
        told["digest"] = digest(sorted(each.item for each in found))
        programme.log.append(connection, at=at, actor=by.id, action=SET, subject=job.name, body=told)

    programme.state.write(act)


def _level(connection: Connection, job: Job) -> None:
    """Count to each rater the gold they would have had by now."""
    paths = schema.paths.c
    if not job.gold < 1:
        return
    ordinary = sql.select(paths.person, sql.func.sum(paths.asked)).where(paths.job == job.name, paths.gold == 0)
    for who, many in connection.execute(ordinary.group_by(paths.person)).all():
        had = ceil(many * job.gold / (1 - job.gold))
        mine = sql.and_(paths.job == job.name, paths.person == who, paths.gold == 1)
        known = connection.execute(sql.select(paths.asked).where(mine)).scalar()
        if known is None and had:
            row = {"job": job.name, "person": who, "language": "", "gold": 1, "asked": had, "rank": 0.0, "place": 0}
            connection.execute(sql.insert(schema.paths), row)
        elif known is not None and known < had:
            connection.execute(sql.update(schema.paths).where(mine).values(asked=had))


_columns = schema.items.c

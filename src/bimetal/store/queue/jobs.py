"""Jobs and their items: open one, add items by priority, open a new round, close it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import Job, check_priority
from bimetal.errors import InputError, PolicyError
from bimetal.store import schema
from bimetal.store.queue.paths import begin_again, pull_back
from bimetal.store.queue.tallies import count, tally
from bimetal.types import ItemOrigin

LONGEST_WARNING = 100
"""Characters in the name of a content warning, which people accept by it."""

_BOUND = 500  # variables in one look-up: SQLite before 3.32 allows 999
_items, _leases = schema.items.c, schema.leases.c


@dataclass(frozen=True, slots=True)
class Item:
    """An item people are asked about: why, how urgently (more is first), and how likely it was to be drawn.

    `known` is gold's answer, which judges who gives another and leaves the server with no lease. `suggestion` is shown
    to some raters alone, `warning` names what is in it that somebody may not wish to see.
    """

    item: str
    reason: str = ""
    priority: float = 0.0
    probability: float = 1.0
    language: str = ""
    gold: bool = False
    origin: ItemOrigin = "undeclared"
    known: str | None = None
    suggestion: str | None = None
    warning: str = ""


def open_job(connection: Connection, job: Job, at: datetime) -> None:
    """Keep a new job; raises InputError where one of its name stands."""
    if connection.execute(_JOB, {"name": job.name}).first() is not None:
        raise InputError(f"there is a job {job.name!r} already", "choose another name, or add items to that one")
    row = {"name": job.name, "dataset": job.dataset, "body": json.dumps(asdict(job)), "at": at}
    connection.execute(sql.insert(schema.jobs), row)


def read_job(connection: Connection, name: str) -> Job:
    """Read a job; raises InputError where there is none of that name."""
    body = connection.execute(_JOB, {"name": name}).scalar()
    if body is None:
        raise InputError(f"there is no job {name!r}", "ask for one of those that are open")
    return job_of(body)


def read_jobs(connection: Connection, dataset: str | None = None) -> list[Job]:
    """List jobs, oldest first, of one dataset if asked."""
    query = sql.select(schema.jobs.c.body).order_by(schema.jobs.c.at, schema.jobs.c.name)
    if dataset is not None:
        query = query.where(schema.jobs.c.dataset == dataset)
    return [job_of(body) for body in connection.execute(query).scalars()]


@lru_cache(maxsize=256)
def job_of(body: str) -> Job:
    """Read a job's stored body."""
    said: dict[str, Any] = json.loads(body)
    return Job(**said | {name: tuple(value) for name, value in said.items() if isinstance(value, list)})


def add_items(connection: Connection, name: str, items: Iterable[Item], at: datetime) -> int:
    """Put items into a job, each once, and return how many; raises InputError, PolicyError for those it may not hold.

    Equal priorities keep the order they come in.
    """
    job = read_job(connection, name)
    newest = sql.select(sql.func.coalesce(sql.func.max(_items.place), 0)).where(_items.job == name)
    begin = int(connection.execute(newest).scalar_one()) + 1
    rows = [_row(job, each, place, at) for place, each in enumerate(items, begin)]
    refuse_twice(connection, name, [row["item"] for row in rows])
    if rows:
        connection.execute(sql.insert(schema.items), rows)
        first: dict[tuple[str, int], tuple[float, int]] = {}
        for row in rows:
            kind, stands = (row["language"], row["gold"]), (row["rank"], row["place"])
            first[kind] = min(first.get(kind, stands), stands)
        for (language, gold), (rank, place) in first.items():
            if not gold:
                pull_back(connection, name, language, rank, place)
        count(connection, name)
    return len(rows)


def _row(job: Job, item: Item, place: int, at: datetime) -> dict[str, Any]:
    check_priority(item.priority, item.probability)
    if job.kind == "panel" and item.origin != "real":
        raise PolicyError(
            f"item {item.item!r} is {item.origin}, and the panel {job.name!r} takes real items alone", "leave it out"
        )
    if job.kind == "calibrate" and not item.gold:
        raise InputError(f"item {item.item!r} is not gold, and {job.name!r} calibrates", "add items of known answer")
    if job.kind == "panel" and item.gold:
        raise InputError(f"item {item.item!r} is gold, and {job.name!r} is a panel", "add it to a calibration")
    if item.known is not None and not item.gold:
        raise InputError(f"item {item.item!r} has a known answer and is not gold", "add it as gold, or without")
    if len(item.warning) > LONGEST_WARNING or not (item.warning + "x").isprintable():
        raise InputError(f"item {item.item!r} warns of {item.warning[:60]!r}", "name it in 100 characters at most")
    told = {name: getattr(item, name) for name in _TOLD}
    begun = {"round": 1, "state": "open", "open": 1, "wanted": job.raters, "given": 0, "skipped": 0, "held": 0}
    return told | begun | {"job": job.name, "place": place, "rank": -item.priority, "gold": int(item.gold), "at": at}


def refuse_twice(connection: Connection, name: str, items: Sequence[str]) -> None:
    """Raise InputError where an item is listed twice or stands in the job already."""
    listed = set(items)
    known = {item for part in parts(sorted(listed)) for item in connection.execute(_among(name, part)).scalars()}
    if known or len(listed) < len(items):
        twice = sorted(known) or sorted(each for each in listed if items.count(each) > 1)
        raise InputError(f"job {name!r} holds {twice[0]!r} already, of {len(twice)} such items", "add each item once")


def reopen(connection: Connection, name: str, items: Sequence[str], guideline: int) -> int:
    """Begin a new round on exactly these items, under a new version of the guideline; returns how many there are.

    Answers of the round before are kept and stand no more. Raises InputError for items the job does not hold, and
    for a version that is not newer.
    """
    job = read_job(connection, name)
    if guideline <= job.guideline:
        raise InputError(f"guideline {guideline} is not newer than {job.guideline}", "give it the next version")
    asked = sorted(set(items))
    known = sum(len(connection.execute(_among(name, part)).all()) for part in parts(asked))
    if known < len(asked):
        raise InputError(f"{len(asked) - known} items are not in job {name!r}", "name items of the job")
    _renew_guideline(connection, name, guideline)
    _renew_guideline(connection, adjudication_of(name), guideline)
    for part in parts(asked):
        _let_go(connection, name, part)
        connection.execute(_answers_among(name, part).values(standing=0))
        fresh = _NOTHING | {"state": "open", "open": 1, "wanted": job.raters}
        connection.execute(_items_among(name, part).values(round=_items.round + 1, **fresh))
        withdraw(connection, adjudication_of(name), part)
    begin_again(connection, name)
    count(connection, name)
    return len(asked)


def _renew_guideline(connection: Connection, name: str, guideline: int) -> None:
    body = connection.execute(_JOB, {"name": name}).scalar()
    if body is not None:
        newer = json.dumps(asdict(replace(job_of(body), guideline=guideline)))
        connection.execute(sql.update(schema.jobs).where(schema.jobs.c.name == name).values(body=newer))


def close_job(connection: Connection, name: str) -> None:
    """Ask nobody any more: every item is resolved as it stands, and no answer is corrected."""
    for job in (name, adjudication_of(name)):
        held = sql.update(schema.leases).where(_leases.job == job, _leases.state.in_(("pending", "draft", "returned")))
        connection.execute(held.values(state="closed", expires=None))
        ended = sql.update(schema.items).where(_items.job == job)
        connection.execute(ended.values(state="resolved", open=0, held=0))
        count(connection, job)


def adjudication_of(name: str) -> str:
    """Name the job in which an adjudicator decides another job's conflicts."""
    return f"{name}/adjudication"


def escalate(connection: Connection, job: Job, item: str, at: datetime) -> None:
    """Hand an item whose raters differ to an adjudicator, at the place it had."""
    name = adjudication_of(job.name)
    if connection.execute(_JOB, {"name": name}).first() is None:
        alone = replace(job, raters=1, gold=0.0, suggestions=False)
        open_job(connection, replace(alone, name=name, kind="adjudicate", of=job.name), at)
    row = connection.execute(sql.select(schema.items).where(_items.job == job.name, _items.item == item)).one()
    before = connection.execute(sql.select(_items.state).where(_items.job == name, _items.item == item)).scalar()
    fresh = _NOTHING | {"state": "open", "open": 1, "wanted": 1}
    if before is None:
        asked = {"job": name, "reason": "conflict", "gold": 0, "round": 1, "at": at, "known": None, "suggestion": None}
        connection.execute(sql.insert(schema.items), dict(row._mapping) | asked | fresh)
    else:
        connection.execute(_answers_among(name, [item]).values(standing=0))
        connection.execute(_items_among(name, [item]).values(round=_items.round + 1, **fresh))
    pull_back(connection, name, row.language, row.rank, row.place)
    tally(connection, name, row.language, before, "open")


def withdraw(connection: Connection, name: str, items: Sequence[str]) -> None:
    """Take items back from an adjudicator, whose word on them stands no more."""
    _let_go(connection, name, items)
    connection.execute(_answers_among(name, items).values(standing=0))
    waiting = sql.select(_items.item, _items.language, _items.state).where(_items.job == name, _items.item.in_(items))
    for item, language, before in connection.execute(waiting).all():
        connection.execute(_items_among(name, [item]).values(state="withdrawn", **_NOTHING))
        tally(connection, name, language, before, "withdrawn")


def parts(listed: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list into pieces one statement can name."""
    return (listed[start : start + _BOUND] for start in range(0, len(listed), _BOUND))


def _let_go(connection: Connection, name: str, items: Sequence[str]) -> None:
    unanswered = _leases.state.in_(("pending", "draft", "returned"))
    ended = sql.update(schema.leases).where(_leases.job == name, _leases.item.in_(items), unanswered)
    connection.execute(ended.values(state="closed", expires=None))


def _among(name: str, items: Sequence[str]) -> sql.Select[Any]:
    return sql.select(_items.item).where(_items.job == name, _items.item.in_(items))


def _items_among(name: str, items: Sequence[str]) -> sql.Update:
    return sql.update(schema.items).where(_items.job == name, _items.item.in_(items))


def _answers_among(name: str, items: Sequence[str]) -> sql.Update:
    answers = schema.annotations
    return sql.update(answers).where(answers.c.job == name, answers.c.item.in_(items), answers.c.standing == 1)


_TOLD = ("item", "reason", "probability", "language", "known", "suggestion", "warning")
_NOTHING: dict[str, Any] = {"open": 0, "given": 0, "skipped": 0, "held": 0}
_JOB = sql.select(schema.jobs.c.body).where(schema.jobs.c.name == sql.bindparam("name"))

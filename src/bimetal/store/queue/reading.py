"""What a queue shows: a rater's four lists, progress, others' answers once one's own is in, the history of an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import Job, Rater
from bimetal.errors import PolicyError
from bimetal.store import schema
from bimetal.store.queue.answering import annotation_of
from bimetal.store.queue.holding import Lease, lease_of
from bimetal.store.queue.jobs import adjudication_of, job_of
from bimetal.store.statements import Statement
from bimetal.types import Annotation

List = Literal["pending", "draft", "submitted", "discarded"]

_STATES: Mapping[List, str] = {
    "pending": "pending",
    "draft": "draft",
    "submitted": "submitted",
    "discarded": "skipped",
}
_answers, _items, _leases = schema.annotations.c, schema.items.c, schema.leases.c


@dataclass(frozen=True, slots=True)
class Held:
    """A line of a rater's list: the lease, and the answer where one was given."""

    lease: Lease
    at: datetime
    answer: Annotation | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rater came and the whole job, by list and by state; `languages` maps each to its states."""

    own: Mapping[List, int]
    job: Mapping[str, int]
    languages: Mapping[str, Mapping[str, int]]


def counts(connection: Connection, rater: Rater, job: str) -> dict[List, int]:
    """Count a rater's four lists."""
    found = {state: int(number) for state, number in connection.execute(_COUNTS, {"in_job": job, "who": rater.name})}
    return {name: found.get(state, 0) for name, state in _STATES.items()}


class After(NamedTuple):
    """Where the next page of a list begins: after this line of the page before."""

    at: datetime
    lease: str


def page(
    connection: Connection, rater: Rater, job: str, which: List, after: After | None = None, n: int = 50
) -> list[Held]:
    """List up to `n` lines of one of a rater's four lists, those waiting oldest first, those answered newest first."""
    query = _LINES.where(_leases.person == rater.name, _leases.job == job, _leases.state == _STATES[which]).limit(n)
    waiting = which in {"pending", "draft"}
    line = sql.tuple_(_leases.at, _leases.id)
    query = query.order_by(*((_leases.at, _leases.id) if waiting else (_leases.at.desc(), _leases.id.desc())))
    if after is not None:
        here = sql.tuple_(sql.literal(after.at, schema.Moment), sql.literal(after.lease))
        query = query.where(line > here if waiting else line < here)
    return [_held(connection, row) for row in connection.execute(query).all()]


def progress(connection: Connection, rater: Rater, job: str) -> Progress:
    """Say how far a rater and the job came; gold items are in neither the job's sums nor a language's."""
    languages: dict[str, dict[str, int]] = {}
    total: dict[str, int] = {}
    for language, state, number in connection.execute(_TALLIES, {"in_job": job}):
        languages.setdefault(language, {})[state] = int(number)
        total[state] = total.get(state, 0) + int(number)
    return Progress(counts(connection, rater, job), total, languages)


def look(connection: Connection, rater: Rater, job: str, item: str) -> list[Annotation]:
    """Read everybody's answers to an item; a rater whose own is not in is refused, for they judge blind.

    A rater who has looked corrects no more. An adjudicator looks at what they were given, who oversees the work at
    everything. Raises PolicyError.
    """
    here = {"in_job": job, "of_item": item, "who": rater.name, "adjudication": adjudication_of(job)}
    own = connection.execute(_OWN, here).all()
    deciding = any(row.job != job for row in own)
    said = any(row.job == job and row.state in {"submitted", "skipped"} for row in own)
    begun = any(row.job == job and row.state in {"pending", "draft"} for row in own)
    if begun or not (said or deciding or rater.oversees):
        raise PolicyError(f"{rater.name} has not answered the item yet", "answer it first, without knowing the others")
    if said:
        connection.execute(_LOOKED, here)
    return [annotation_of(row) for row in connection.execute(_STANDING, here)]


def leased(connection: Connection, rater: Rater, lease: str) -> tuple[Job, str]:
    """Say of which job and item a rater's lease is; raises InputError for none, PolicyError for another person's."""
    row = lease_of(_LEASED.first(connection, {"lease": lease}), rater, lease)
    return job_of(row.body), row.item


def history(connection: Connection, rater: Rater, job: str, item: str) -> list[tuple[int, bool, Annotation]]:
    """Read every revision of every answer to an item as (revision, does it stand, answer), oldest first.

    Raises PolicyError but for who oversees the work.
    """
    if not rater.oversees:
        raise PolicyError(f"{rater.name} may not read the history of {item!r}", "ask a lead or an auditor")
    rows = connection.execute(_HISTORY, {"in_job": job, "of_item": item})
    return [(row.revision, bool(row.standing), annotation_of(row)) for row in rows]


def _held(connection: Connection, row: sql.Row[Any]) -> Held:
    told = {name: getattr(row, name) for name in Lease.__slots__}
    told |= {"suggest": bool(row.suggest), "suggestion": row.suggestion if row.suggest else None}
    answer = None
    if row.state in {"submitted", "skipped"}:
        here = {"in_job": row.job, "of_item": row.item, "who": row.person, "when": row.at}
        said = connection.execute(_LAST, here).first()
        answer = annotation_of(said) if said is not None else None
    return Held(Lease(**told), row.at, answer)


_COUNTS = (
    sql.select(_leases.state, sql.func.count())
    .where(_leases.person == sql.bindparam("who"), _leases.job == sql.bindparam("in_job"))
    .group_by(_leases.state)
)
_LINES = sql.select(schema.leases, _items.language, _items.suggestion, _items.warning).where(
    _items.job == _leases.job, _items.item == _leases.item
)
_TALLIES = (
    sql.select(schema.tallies.c.language, schema.tallies.c.state, schema.tallies.c.number)
    .where(schema.tallies.c.job == sql.bindparam("in_job"), schema.tallies.c.number > 0)
    .order_by(schema.tallies.c.language, schema.tallies.c.state)
)
_LEASED = Statement(
    sql.select(_leases.item, _leases.person, schema.jobs.c.body).where(
        _leases.id == sql.bindparam("lease"), schema.jobs.c.name == _leases.job
    )
)
_OWN = sql.select(_leases.job, _leases.state).where(
    _leases.person == sql.bindparam("who"),
    _leases.item == sql.bindparam("of_item"),
    _leases.job.in_((sql.bindparam("in_job"), sql.bindparam("adjudication"))),
    _leases.state.in_(("pending", "draft", "submitted", "skipped")),
    _leases.round == _items.round,
    _items.job == _leases.job,
    _items.item == _leases.item,
)
_LOOKED = (
    sql.update(schema.leases)
    .where(
        _leases.person == sql.bindparam("who"),
        _leases.item == sql.bindparam("of_item"),
        _leases.job == sql.bindparam("in_job"),
    )
    .values(looked=1)
)
_answers_here = sql.and_(_answers.job == sql.bindparam("in_job"), _answers.item == sql.bindparam("of_item"))
_in_order = (_answers.at, _answers.id)
_STANDING = sql.select(schema.annotations).where(_answers_here, _answers.standing == 1).order_by(*_in_order)
_HISTORY = sql.select(schema.annotations).where(_answers_here).order_by(*_in_order)
_LAST = (
    sql.select(schema.annotations)
    .where(_answers_here, _answers.annotator == sql.bindparam("who"), _answers.at <= sql.bindparam("when"))
    .order_by(_answers.revision.desc())
    .limit(1)
)

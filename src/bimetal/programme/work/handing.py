"""Items handed out and answers taken in, as people work: warnings counted, values spelled one way."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import BY_PEOPLE_ALONE
from bimetal.annotation.sheet import Sheet
from bimetal.annotation.values import canonical
from bimetal.programme import queue as answers
from bimetal.programme.people import Person, may
from bimetal.programme.work.bearable import Asked, bearable
from bimetal.programme.work.certifying import judge
from bimetal.programme.work.exams import exam_of
from bimetal.programme.work.raters import rater
from bimetal.programme.work.sheets import sheet, told_by
from bimetal.programme.work.shown import shown
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Job, Lease, Rater, Receipt, Submission
from bimetal.store.queue.jobs import job_of
from bimetal.store.statements import Statement

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

_SEEN_TO_JUDGE = frozenset({"spans", "boxes", "polygons", "keypoints", "ranking", "best-worst"})
"""Tasks whose answers can be checked only beside the item."""


def hand_out(
    programme: Programme, person: Person, job: str, n: int, at: datetime, *, to_program: bool = False
) -> list[Lease]:
    """Lease up to `n` items of a job to a person; those with a content warning count towards the day's cap.

    Raises PolicyError where the job does not admit them, where a program asks in their name for what people alone
    judge, or nothing is left but items behind a warning not accepted.
    """
    with programme.state.read() as connection:
        held = store.read_job(connection, job)
    known = _asking(rater(programme, person, held, at), held, to_program)

    def act(connection: Connection) -> list[Lease]:
        given = store.lease(connection, known, job, n, at)
        return bearable(connection, known, given, Asked(job, n, at)) if given else given

    return programme.state.write(act)


class Taking(NamedTuple):
    """An answer on its way to disk, in which job, to which item; `gold` is for the server alone.

    In a job that `calibrates` people, they learn at once whether they were right.
    """

    receipt: Future[Receipt]
    job: str = ""
    item: str = ""
    gold: bool = False
    calibrates: bool = False


def take(programme: Programme, person: Person, sent: Submission, at: datetime, *, by_program: bool = False) -> Taking:
    """Begin to keep an answer; the receipt is there once it and its log entry are on disk.

    The value is spelled the one way its task has. An answer that comes after its lease ran out is kept where the
    item still has a place; the suggestion kept is the item's own, whatever was sent. Raises as `store.queue.submit`
    does, and InputError for a value that is none.
    """
    with programme.state.read() as connection:
        row = _LEASED.first(connection, {"lease": sent.lease})
    if row is None or row.person != person.id:
        return Taking(answers.submitting(programme, Rater(person.id), sent, at))
    job = job_of(row.body)
    if job.languages or job.expertise:
        known = rater(programme, person, job, at)
    else:
        known = Rater(person.id, adjudicates=may(person.role, "adjudicate"))
    known = _asking(known, job, by_program)
    told = sheet(programme, job) if job.of else told_by(programme, job, row.told)
    spelled = _spelled(programme, row, sent, told)
    late = row.state in {"pending", "draft", "returned"} and (row.expires is None or row.expires <= at)
    kept = answers.submitting(programme, known, spelled, at, renewed=late)
    return Taking(kept, row.job, row.item, bool(row.gold), job.kind == "calibrate")


def judge_by(programme: Programme, person: Person, taken: Taking) -> None:
    """Draw what follows from an answer to gold, where the job has terms for that."""
    if taken.gold and exam_of(programme, taken.job) is not None:
        judge(programme, taken.job, person.id)


def _asking(known: Rater, job: Job, program: bool) -> Rater:
    """Take a program for the model it may be, where people alone judge."""
    return replace(known, kind="model") if program and job.kind in BY_PEOPLE_ALONE else known


def _spelled(programme: Programme, row: Any, sent: Submission, told: Sheet) -> Submission:
    if sent.suggestion is not None and row.suggest:
        sent = replace(sent, suggestion=row.suggestion)
    if sent.status != "submitted" or sent.value is None:
        return sent
    about = shown(programme, row.job, row.item) if told.task in _SEEN_TO_JUDGE else None
    return replace(sent, value=canonical(told, sent.value, about))


_leases, _items, _jobs, _guidelines = schema.leases.c, schema.items.c, schema.jobs.c, schema.guidelines.c
_LEASED = Statement(
    sql.select(
        *(_leases[name] for name in ("job", "item", "person", "state", "expires", "suggest")),
        _items.gold,
        _items.suggestion,
        _jobs.body,
        _guidelines.body.label("told"),
    )
    .join_from(schema.leases, schema.jobs, _jobs.name == _leases.job)
    .join(schema.items, sql.and_(_items.job == _leases.job, _items.item == _leases.item))
    .outerjoin(schema.guidelines, sql.and_(_guidelines.job == _leases.job, _guidelines.version == _leases.guideline))
    .where(_leases.id == sql.bindparam("lease"))
)

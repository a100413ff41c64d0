"""What a job's people answered, each answer beside what its item is: language, origin, gold, suggestion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import sqlalchemy as sql

from bimetal.annotation.agreement import answers
from bimetal.annotation.values import parsed
from bimetal.errors import InputError
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Job
from bimetal.types import Annotation

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

_FIELDS = tuple(Annotation.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, and what it was an answer to.

    `known` is gold's answer and `suggested` the item's suggestion; `shown` says whether the rater could see that.
    `stands` is true for the rater's last word of the item's round; `state` says where the item stands.
    """

    answer: Annotation
    job: str
    language: str
    state: str
    gold: bool
    known: str | None
    suggested: str | None
    shown: bool
    revision: int
    stands: bool


def job_named(programme: Programme, name: str) -> Job:
    """Read a job; raises InputError where there is none."""
    with programme.state.read() as connection:
        return store.read_job(connection, name)


def given(programme: Programme, jobs: Iterable[str], *, former: bool = False) -> list[Given]:
    """Read the answers that stand in some jobs, oldest first; `former` adds every revision and round before."""
    query = _GIVEN.where(_answers.job.in_(list(jobs)))
    if not former:
        query = query.where(_answers.standing == 1)
    with programme.state.read() as connection:
        return [_read(row) for row in connection.execute(query)]


def given_to_gold(programme: Programme, job: str, person: str | None = None) -> list[Given]:
    """Read every answer to gold in a job, each revision and round, or one person's alone."""
    query = _GIVEN.where(_answers.job == job, _items.gold == 1)
    if person is not None:
        query = query.where(_answers.annotator == person)
    with programme.state.read() as connection:
        return [_read(row) for row in connection.execute(query)]


def last_of_rounds(rows: Iterable[Given]) -> list[Given]:
    """Keep each rater's last word to an item in each round: one a guideline, as nobody may mix two of them."""
    kept: dict[tuple[str, str, str, int], Given] = {}
    for each in rows:
        key = (each.job, each.answer.item, each.answer.annotator, each.answer.round)
        if key not in kept or kept[key].revision <= each.revision:
            kept[key] = each
    return list(kept.values())


def by_item(rows: Iterable[Given], task: str) -> dict[str, dict[str, Any]]:
    """Return item -> rater -> answer, in the form the task's measure of agreement reads."""
    return answers((each.answer for each in rows), lambda value: parsed(task, value))


def told_of(programme: Programme, job: Job, column: str) -> Mapping[str, str]:
    """Read what a column of the job's dataset says of each item, as text; raises InputError where it has none."""
    if not job.snapshot:
        raise InputError(f"job {job.name!r} has no dataset to read {column!r} from", "break down by rater or language")
    known = pq.read_schema(programme.snapshots.path(job.snapshot)).names
    if column not in known:
        raise InputError(f"the items of {job.name!r} have no column {column!r}", f"name one of: {', '.join(known)}")
    rows = programme.snapshots.get(job.snapshot, ["id", column])
    said = zip(rows["id"].to_pylist(), rows[column].to_pylist(), strict=True)
    return {str(item): str(value) for item, value in said if value is not None}


def _read(row: Any) -> Given:
    return Given(
        answer=Annotation(**{name: getattr(row, name) for name in _FIELDS}),
        job=row.job,
        language=row.language,
        state=row.state,
        gold=bool(row.gold),
        known=row.known,
        suggested=row.offered,
        shown=bool(row.suggest),
        revision=row.revision,
        stands=bool(row.standing),
    )


_answers, _items, _leases = schema.annotations.c, schema.items.c, schema.leases.c
_had = sql.and_(
    _leases.job == _answers.job,
    _leases.item == _answers.item,
    _leases.person == _answers.annotator,
    _leases.round == _answers.round,
)
_GIVEN = (
    sql.select(
        schema.annotations,
        _items.language,
        _items.state,
        _items.gold,
        _items.known,
        _items.suggestion.label("offered"),
        _leases.suggest,
    )
    .select_from(
        schema.annotations.join(
            schema.items, sql.and_(_items.job == _answers.job, _items.item == _answers.item)
        ).outerjoin(schema.leases, _had)
    )
    .order_by(_answers.at, _answers.id)
)

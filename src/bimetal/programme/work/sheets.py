"""Guidelines of a job, every version kept: write the next one, and ask again about exactly the items it touches."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.sheet import LABELLED, Label, Sheet
from bimetal.annotation.values import canonical
from bimetal.canonical import Json, digest
from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import Person, require
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Job

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.store.snapshots import Snapshots

USUAL_SCALE = (1.0, 5.0, 1.0)
"""The scale of a score nobody wrote a sheet for."""

_columns = schema.guidelines.c


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a job's guideline: when, by whom (a pseudonym), and the first line of its text."""

    version: int
    at: datetime
    author: str
    summary: str


def sheet(programme: Programme, job: Job | str, version: int | None = None) -> Sheet:
    """Return a job's sheet, the newest or one version; an adjudication judges by that of the job it is of.

    Where none was written it is made of what bimetal.toml says. Raises InputError for a version there is not.
    """
    with programme.state.read() as connection:
        held = job if isinstance(job, Job) else store.read_job(connection, job)
        return _sheet(programme, connection, held, version)


def versions(programme: Programme, job: Job | str) -> list[Version]:
    """List the versions of a job's guideline that were written, the newest first."""
    with programme.state.read() as connection:
        held = job if isinstance(job, Job) else store.read_job(connection, job)
        rows = connection.execute(_VERSIONS, {"in_job": held.of or held.name}).all()
    return [Version(row.version, row.at, row.author, _summary(_read(row.body))) for row in rows]


def write(
    programme: Programme, by: Person, job: Job | str, written: Sheet, affected: Sequence[str] | None = None
) -> int:
    """Keep the next version of a job's sheet, begin a new round on the items affected, and return its number.

    The act stands in the log. Where nothing was written and nobody asked for an item yet, it takes the version the job
    has. Raises PolicyError for a role that writes none, and where answers that stand would be none any more while their
    items are not among those affected.
    """
    require(by.role, "write guideline")
    at = programme.now()
    items = sorted(set(affected or ()))

    def act(connection: Connection) -> int:
        held = store.read_job(connection, job if isinstance(job, str) else job.name)
        if held.kind == "adjudicate":
            raise InputError(f"{held.name!r} decides by the guideline of {held.of!r}", "write that one")
        if held.task != written.task:
            raise InputError(f"the sheet is for {written.task}, the job for {held.task}", "open another job for it")
        before = _sheet(programme, connection, held, None)
        version = _next(connection, held)
        kept = replace(written, version=version)
        _refuse_orphans(connection, held.name, before, kept, items)
        keep(connection, held.name, kept, by.id, at)
        if version > held.guideline:
            store.reopen(connection, held.name, items, version)
        elif items:
            raise InputError(f"nobody was asked about an item of {held.name!r} yet", "leave out what is affected")
        body: dict[str, Json] = {"version": version, "digest": digest(kept.json()), "affected": len(items)}
        body |= {"items": digest(list(items))}
        programme.log.append(connection, at=at, actor=by.id, action="guideline.written", subject=held.name, body=body)
        return version

    return programme.state.write(act)


def keep(connection: Connection, job: str, written: Sheet, author: str, at: datetime) -> None:
    """Store a version of a job's sheet inside a transaction that is already open."""
    body = json.dumps(written.json(), ensure_ascii=False)
    row = {"job": job, "version": written.version, "at": at, "author": author, "body": body}
    connection.execute(schema.guidelines.insert(), row)


def warning(connection: Connection, job: str) -> str:
    """Say what a job's sheet warns of, inside a transaction that is already open."""
    held = store.read_job(connection, job)
    body = connection.execute(_NEWEST, {"in_job": held.of or job}).scalar()
    return _read(body).warning if body is not None else ""


def told_by(programme: Programme, job: Job, body: str | None) -> Sheet:
    """Read a sheet from its stored body, or make the one that nobody wrote."""
    return _from_config(programme, job) if body is None else _read(body)


def _sheet(programme: Programme, connection: Connection, job: Job, version: int | None) -> Sheet:
    name = job.of or job.name
    if version is None:
        body = connection.execute(_NEWEST, {"in_job": name}).scalar()
    else:
        body = connection.execute(_ONE, {"in_job": name, "of_version": version}).scalar()
    if body is None and version not in {None, job.guideline}:
        raise InputError(f"job {name!r} has no guideline {version}", "ask for one of its versions")
    return told_by(programme, job, body)


def _from_config(programme: Programme, job: Job) -> Sheet:
    """Make the sheet nobody wrote: the programme's labels, by their values."""
    values = label_values(programme) if job.task in LABELLED else ()
    language = next(iter(job.languages or programme.config.facts.languages), "en")
    return _unwritten(job.task, values, job.guideline, language)


@lru_cache(maxsize=64)
def _unwritten(task: str, values: tuple[str, ...], version: int, language: str) -> Sheet:
    scale = USUAL_SCALE if task == "score" else None
    return Sheet(task, tuple(map(Label, values)), version=version, language=language, scale=scale)  # type: ignore[arg-type]  # a sheet checks its task


def label_values(programme: Programme) -> tuple[str, ...]:
    """Name the labels people may give: those of bimetal.toml, else those the labelled rows hold."""
    if programme.config.task.labels:
        return programme.config.task.labels
    held = [each.digest for each in programme.datasets() if each.role in {"train", "panel"}]
    return _labels_in(programme.snapshots, tuple(held))


@lru_cache(maxsize=16)
def _labels_in(snapshots: Snapshots, digests: tuple[str, ...]) -> tuple[str, ...]:
    held: set[str] = set()
    for name in digests:
        for said in snapshots.get(name, ["label"])["label"].to_pylist():
            held.update(_label_names(said))
    return tuple(sorted(held))


def _label_names(said: Any) -> Iterator[str]:
    """Name the labels in a cell: itself, those of its shapes, or none."""
    if isinstance(said, list):
        yield from (str(each["label"] if isinstance(each, dict) else each) for each in said)
    elif said is not None:
        yield str(said)


def _next(connection: Connection, job: Job) -> int:
    written = connection.execute(_NEWEST, {"in_job": job.name}).first()
    asked = connection.execute(_ASKED, {"in_job": job.name}).first()
    return job.guideline if written is None and asked is None else job.guideline + 1


def _refuse_orphans(connection: Connection, job: str, before: Sheet, after: Sheet, items: Collection[str]) -> None:
    """Refuse to take away what answers that stand are made of, unless their items are asked about again."""
    if not _narrower(before, after):
        return
    here = {"jobs": [job, store.adjudication_of(job)]}
    gone = {value for value in connection.execute(_GIVEN, here).scalars() if not _holds(after, value)}
    orphans = {item for item, value in connection.execute(_WHO_GAVE, here) if value in gone} - set(items)
    if orphans:
        raise PolicyError(
            f"{len(orphans)} items have answers that the new sheet does not allow, such as {min(orphans)!r}",
            "name them among the affected, or keep what they were answered with",
        )


def _narrower(before: Sheet, after: Sheet) -> bool:
    points = set(before.points) - set(after.points)
    return bool(before.values - after.values or points or before.scale != after.scale)


def _holds(after: Sheet, value: str) -> bool:
    try:
        canonical(after, value)
    except InputError:
        return False
    return True


def _summary(written: Sheet) -> str:
    lines = (line.strip("# \t") for line in written.guide(written.language).splitlines())
    return next((line[:120] for line in lines if line), "")


@lru_cache(maxsize=64)
def _read(body: str) -> Sheet:
    return Sheet.read(json.loads(body))


_NEWEST = (
    sql.select(_columns.body).where(_columns.job == sql.bindparam("in_job")).order_by(_columns.version.desc()).limit(1)
)
_ONE = sql.select(_columns.body).where(
    _columns.job == sql.bindparam("in_job"), _columns.version == sql.bindparam("of_version")
)
_VERSIONS = (
    sql.select(schema.guidelines).where(_columns.job == sql.bindparam("in_job")).order_by(_columns.version.desc())
)
_ASKED = sql.select(schema.leases.c.id).where(schema.leases.c.job == sql.bindparam("in_job")).limit(1)
_stand = sql.and_(
    schema.annotations.c.job.in_(sql.bindparam("jobs", expanding=True)),
    schema.annotations.c.standing == 1,
    schema.annotations.c.status == "submitted",
)
_GIVEN = sql.select(schema.annotations.c.value).distinct().where(_stand)
_WHO_GAVE = sql.select(schema.annotations.c.item, schema.annotations.c.value).where(_stand)

"""Everything said of one item: who, when, in which role, under which guideline, and the log's entry that binds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from bimetal.errors import InputError
from bimetal.programme.work.sheets import sheet
from bimetal.programme.work.shown import shown
from bimetal.store import queue, schema
from bimetal.store.queue import Job, Rater
from bimetal.web.addresses import Named, at
from bimetal.web.door import Ask, NotFoundError, page
from bimetal.web.names import Names
from bimetal.web.pages.items import both
from bimetal.web.pages.job import asked
from bimetal.web.record import bound_by, role_at

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.programme.programme import Programme
    from bimetal.types import Annotation


@dataclass(frozen=True)
class Given:
    """One revision of an answer: does it stand, did it decide, the role its author had, the entry that bound it."""

    answer: Annotation
    revision: int
    stands: bool
    deciding: bool
    role: str
    entry: int | None


@page("read answers")
def show(ask: Ask) -> Response:
    """Show an item and every revision of every answer to it."""
    job, item = asked(ask), ask.path("item")
    row, told = _row(ask.programme, job, item), sheet(ask.programme, job)
    try:
        payload, fault = shown(ask.programme, job, item), None
    except InputError as broken:  # what people said stays readable where the rows are gone
        payload, fault = None, broken
    return ask.render(
        "item.html",
        job=job,
        at=at,
        item=item,
        row=row,
        payload=payload,
        fault=fault,
        media=[(name, at("media", job=job.name, item=item, column=name)) for name in payload.media] if payload else [],
        given=history(ask.programme, job, item),
        names=Names(ask),
        named=lambda value: told.named(value, ask.language),
        warning=row.warning or told.warning,
    )


def history(programme: Programme, job: Job, item: str) -> list[Given]:
    """Read every revision of every answer to an item, an adjudicator's among them, oldest first."""
    overseer = Rater("", oversees=True)
    found = []
    for name in both(job):
        with programme.state.read() as connection:
            rows = queue.history(connection, overseer, name, item)
        deciding = name != job.name or job.kind == "adjudicate"
        for revision, stands, answer in rows:
            role = role_at(programme, answer.annotator, answer.at)
            found.append(Given(answer, revision, stands, deciding, role, bound_by(programme, answer)))
    return sorted(found, key=lambda each: (each.answer.at, each.answer.id))


def _row(programme: Programme, job: Job, item: str) -> Any:
    with programme.state.read() as connection:
        row = connection.execute(_ONE, {"in_job": job.name, "of_item": item}).first()
    if row is None:
        raise NotFoundError(f"job {job.name!r} asks about no item {item[:60]!r}", "choose one of its items")
    return row


_items = schema.items.c
_ONE = sql.select(schema.items).where(_items.job == sql.bindparam("in_job"), _items.item == sql.bindparam("of_item"))

ROUTES = [Named("/jobs/{job}/items/{item}", show)]

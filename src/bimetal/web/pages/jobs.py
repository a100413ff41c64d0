"""Every job there is: its kind, how far it is, who works on it, what waits for an adjudicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sql
from starlette.routing import Route

from bimetal.store import queue, schema
from bimetal.store.queue import Job, Rater, adjudication_of
from bimetal.web.addresses import at
from bimetal.web.door import Ask, page

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.programme.programme import Programme

DONE = ("settled", "resolved")
STATES = ("open", "conflict", *DONE)
OPENED = ("label", "panel", "calibrate")
"""The kinds of job a lead opens; an adjudication opens by itself."""


@dataclass(frozen=True)
class Far:
    """How far a job is: items by state, in all and by language, who holds one now, what waits for an adjudicator."""

    job: Job
    items: Mapping[str, int]
    languages: Mapping[str, Mapping[str, int]]
    at_work: int
    waiting: int

    @property
    def url(self) -> str:
        return at("jobs", self.job.name)

    @property
    def total(self) -> int:
        return total(self.items)

    @property
    def done(self) -> int:
        return done(self.items)

    @property
    def decided_at(self) -> str:
        return at("jobs", adjudication_of(self.job.name))


@page("read progress")
def show(ask: Ask) -> Response:
    """List the jobs, the newest first; an adjudication stands with the job it is of."""
    with ask.programme.state.read() as connection:
        held = queue.read_jobs(connection)
    found = [far(ask.programme, each, ask.at) for each in reversed(held) if each.kind != "adjudicate"]
    return ask.render("jobs.html", jobs=found, kinds=OPENED, done=done, total=total)


def far(programme: Programme, job: Job, now: datetime) -> Far:
    """Say how far a job is; gold is in no sum but a calibration's, which is made of it."""
    nobody = Rater("")
    with programme.state.read() as connection:
        came = queue.progress(connection, nobody, job.name)
        waiting = queue.progress(connection, nobody, adjudication_of(job.name)).job.get("open", 0)
        at_work = connection.execute(_AT_WORK, {"in_job": job.name, "now": now}).scalar_one()
        items = came.job
        if job.kind == "calibrate":
            rows = connection.execute(_OF_GOLD, {"in_job": job.name})
            items = {state: int(number) for state, number in rows}
    return Far(job, items, came.languages, int(at_work), waiting)


def total(items: Mapping[str, int]) -> int:
    """Count the items of a job that people are or were asked about."""
    return sum(items.get(state, 0) for state in STATES)


def done(items: Mapping[str, int]) -> int:
    """Count the items that need nobody any more."""
    return sum(items.get(state, 0) for state in DONE)


_leases, _items = schema.leases.c, schema.items.c
_AT_WORK = sql.select(sql.func.count(sql.distinct(_leases.person))).where(
    _leases.job == sql.bindparam("in_job"), _leases.expires > sql.bindparam("now", type_=schema.Moment)
)
_OF_GOLD = (
    sql.select(_items.state, sql.func.count()).where(_items.job == sql.bindparam("in_job")).group_by(_items.state)
)

ROUTES = [Route("/jobs", show)]

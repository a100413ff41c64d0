"""One job: how far it is by language and by rater, what waits, and what a lead may do to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue as work
from bimetal.programme.work.closing import close_labels
from bimetal.programme.work.exams import exam_of
from bimetal.programme.work.panels import close_panel
from bimetal.programme.work.relabelling import look_again
from bimetal.programme.work.sheets import versions
from bimetal.store import queue, schema
from bimetal.store.queue import Job, Rater, adjudication_of
from bimetal.web.addresses import Named, at
from bimetal.web.door import Ask, Form, NotFoundError, page, posted, status_of
from bimetal.web.names import Names
from bimetal.web.pages.jobs import STATES, done, far, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from bimetal.errors import BimetalError
    from bimetal.programme.programme import Programme


@dataclass(frozen=True)
class Worked:
    """What one rater did in a job: last words by status, when the last came, how many items they hold now."""

    who: str
    kind: str
    submitted: int = 0
    skipped: int = 0
    last: datetime | None = None
    held: int = 0


@page("read progress")
def show(ask: Ask) -> Response:
    """Show a job."""
    return shown(ask)


@posted("steer queue")
def close(ask: Ask, form: Form) -> Response:
    """Ask nobody about the job any more; its labels become a dataset, a panel's one that nothing trains on."""
    job = asked(ask)

    def act() -> None:
        if form.get("sure") != "yes":
            raise InputError(f"closing {job.name!r} was not confirmed", "tick that it is for good")
        if job.kind == "panel":
            close_panel(ask.programme, ask.person, job.name)
        elif form.get("keep") and job.kind == "label":
            close_labels(ask.programme, ask.person, job.name, name=form.get("called").strip() or job.name)
        else:
            work.close(ask.programme, job.name)

    return _tried(ask, act, "closed")


@posted("steer queue")
def release(ask: Ask, form: Form) -> Response:
    """Give back what somebody holds in the job, for whoever asks next."""
    job, who = asked(ask), form.get("person")

    def act(connection: Connection) -> None:
        held = list(connection.execute(_HELD, {"in_job": job.name, "who": who}).scalars())
        if not held:
            raise InputError(f"{who[:60]!r} holds nothing of {job.name!r}", "reload the page")
        queue.release(connection, Rater(who), held)

    return _tried(ask, lambda: ask.programme.record("leases.released", job.name, {"person": who}, act), "released")


@posted("steer queue")
def again(ask: Ask, form: Form) -> Response:
    """Put items back before the others, for one rater more each."""
    items = form.all("item")
    if not items:
        return shown(ask, InputError("no item is ticked", "tick those to look at again"))
    return _tried(ask, lambda: look_again(ask.programme, ask.person, asked(ask).name, items), "again")


def asked(ask: Ask) -> Job:
    """Read the job an address names; raises NotFoundError where there is none."""
    name = ask.path("job")
    with ask.programme.state.read() as connection:
        try:
            return queue.read_job(connection, name)
        except InputError as fault:
            raise NotFoundError(f"there is no job {name[:60]!r}", "choose one of /jobs") from fault


def shown(ask: Ask, fault: BimetalError | None = None) -> Response:
    """Show a job, with the reason something was refused."""
    job = asked(ask)
    return ask.render(
        "job.html",
        status_of(fault) if fault else 200,
        fault=fault,
        far=far(ask.programme, job, ask.at),
        job=job,
        states=STATES,
        done=done,
        total=total,
        names=Names(ask),
        raters=worked(ask.programme, job.name, ask.at),
        versions=versions(ask.programme, job),
        exam=exam_of(ask.programme, job.name),
        at=at,
        decided_in=adjudication_of(job.name),
        kept=bool(ask.programme.datasets("panel", job.name)),
    )


def worked(programme: Programme, job: str, now: datetime) -> list[Worked]:
    """Say what each rater of a job did, people before models, the busiest first."""
    here = {"in_job": job, "now": now}
    with programme.state.read() as connection:
        said = connection.execute(_SAID, here).all()
        held = {who: int(number) for who, number in connection.execute(_HOLDS, here)}
    found = {
        row.annotator: Worked(row.annotator, row.actor_kind, int(row.submitted), int(row.skipped), row.last)
        for row in said
    }
    found |= {who: replace(found.get(who, Worked(who, "human")), held=number) for who, number in held.items()}
    return sorted(found.values(), key=lambda each: (each.kind != "human", -each.submitted, each.who))


def _tried(ask: Ask, act: Callable[[], object], told: str) -> Response:
    try:
        act()
    except (InputError, PolicyError) as fault:
        return shown(ask, fault)
    return ask.redirect(at("jobs", ask.path("job")), told=told)


_answers, _leases = schema.annotations.c, schema.leases.c
_SAID = (
    sql.select(
        _answers.annotator,
        _answers.actor_kind,
        sql.func.sum(sql.case((_answers.status == "submitted", 1), else_=0)).label("submitted"),
        sql.func.sum(sql.case((_answers.status == "skipped", 1), else_=0)).label("skipped"),
        sql.type_coerce(sql.func.max(_answers.at), schema.Moment).label("last"),
    )
    .where(_answers.job == sql.bindparam("in_job"), _answers.standing == 1)
    .group_by(_answers.annotator, _answers.actor_kind)
)
_HOLDS = (
    sql.select(_leases.person, sql.func.count())
    .where(_leases.job == sql.bindparam("in_job"), _leases.expires > sql.bindparam("now", type_=schema.Moment))
    .group_by(_leases.person)
)
_HELD = sql.select(_leases.id).where(
    _leases.job == sql.bindparam("in_job"),
    _leases.person == sql.bindparam("who"),
    _leases.state.in_(("pending", "draft")),
    _leases.expires.is_not(None),
)

ROUTES = [
    Named("/jobs/{job}", show),
    Named("/jobs/{job}/close", close, methods=["POST"]),
    Named("/jobs/{job}/release", release, methods=["POST"]),
    Named("/jobs/{job}/again", again, methods=["POST"]),
]

"""What programs and the labelling screen call: who am I, which jobs are there, what am I told about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

import bimetal
from bimetal.errors import InputError
from bimetal.programme import people
from bimetal.programme.people import ACTS, accept_warning
from bimetal.programme.work.raters import jobs_for, rater
from bimetal.programme.work.sheets import sheet, versions
from bimetal.store import queue
from bimetal.store.schema import rfc3339
from bimetal.web.attempts import noted
from bimetal.web.distance import far
from bimetal.web.door import Ask, called, page, text_of
from bimetal.web.presented import anonymous

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.types import Annotation


@page()
def me(ask: Ask) -> Response:
    """Tell who asks, what the role allows, and the token a page sends with each call."""
    who = ask.person
    return ask.json(
        {
            "person": who.id,
            "name": people.profile(ask.programme, who, who.id).name,
            "role": who.role,
            "language": ask.language,
            "csrf": ask.csrf,
            "acts": [act for act in ACTS if ask.may(act)],
            "version": bimetal.__version__,
        }
    )


@page("answer")
def jobs(ask: Ask) -> Response:
    """List the jobs with how far each is, and why it gives this person nothing where it does."""
    return ask.json({"jobs": [_job(ask, *each) for each in jobs_for(ask.programme, ask.person, ask.at)]})


def _job(ask: Ask, job: queue.Job, refused: str | None) -> dict[str, Any]:
    who = queue.Rater(ask.person.id)
    with ask.programme.state.read() as connection:
        now = queue.progress(connection, who, job.name)
    told = {name: getattr(job, name) for name in ("name", "kind", "task", "dataset", "languages")}
    return {**told, "refusal": refused, "own": dict(now.own), "items": far(ask, job.name, now.job)}


@page("answer")
def shown_sheet(ask: Ask) -> Response:
    """Give what raters of a job are told: a version of the guideline, the newest unless asked."""
    name, wanted = ask.path("job"), ask.query("version")
    if wanted and not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):
        raise InputError(f"version is {wanted[:40]!r}", "send a whole number, or none for the newest")
    read = sheet(ask.programme, name, int(wanted) if wanted else None)
    listed = [
        {"version": each.version, "at": rfc3339(each.at), "summary": each.summary}
        for each in versions(ask.programme, name)
    ]
    return ask.json({**read.json(), "versions": listed})


@called("answer")
def accepted(ask: Ask, said: dict[str, Any]) -> Response:
    """Record that somebody read a content warning and goes on."""
    accept_warning(ask.programme, ask.person, text_of(said, "warning"), ask.at)
    return ask.json({"accepted": True})


@called("answer")
def looked(ask: Ask, said: dict[str, Any]) -> Response:
    """Show everybody's answers to an item one had, once one's own is in."""
    lease = text_of(said, "lease")
    with noted(ask, lease):
        with ask.programme.state.read() as connection:
            job, item = queue.leased(connection, queue.Rater(ask.person.id), lease)
        asking = rater(ask.programme, ask.person, job, ask.at)
        given = ask.programme.state.write(lambda connection: queue.look(connection, asking, job.name, item))
    return ask.json({"answers": [anonymous(_called(ask, place, each), each) for place, each in enumerate(given, 1)]})


def _called(ask: Ask, place: int, each: Annotation) -> str:
    return "you" if each.annotator == ask.person.id else f"rater {place}"


ROUTES = [
    Route("/api/me", me),
    Route("/api/jobs", jobs),
    Route("/api/jobs/{job:path}/sheet", shown_sheet),
    Route("/api/warnings", accepted, methods=["POST"]),
    Route("/api/look", looked, methods=["POST"]),
]

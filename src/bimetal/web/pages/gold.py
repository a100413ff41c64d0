"""Gold of one job: on which terms it judges, where everybody stands, what leaked, and more of it mixed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.errors import InputError, PolicyError
from bimetal.programme.work.certifying import certify_anew, standings
from bimetal.programme.work.exams import exam_of
from bimetal.programme.work.gold import leaked, mix, rotate
from bimetal.web.addresses import Named, at
from bimetal.web.door import Ask, Form, page, posted, status_of
from bimetal.web.names import Names
from bimetal.web.opened import mixed_in, usual
from bimetal.web.pages.job import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from bimetal.errors import BimetalError


@page("read answers")
def show(ask: Ask) -> Response:
    """Show where gold puts everybody in a job."""
    return _shown(ask, _begun(ask))


@posted("set gold")
def add(ask: Ask, form: Form) -> Response:
    """Mix a gold dataset into the job."""

    def act() -> None:
        wanted = mixed_in(ask.person, form, asked(ask).name)
        mix(ask.programme, ask.person, wanted.exam, form.get("gold"), share=wanted.share)

    return _tried(ask, form, act, "gold_set")


@posted("set gold")
def turn(ask: Ask, form: Form) -> Response:
    """Take out what leaked."""
    return _tried(ask, form, lambda: rotate(ask.programme, ask.person, asked(ask).name), "gold_rotated")


@posted("qualify")
def anew(ask: Ask, form: Form) -> Response:
    """Let a person who failed begin again."""
    who, language = form.get("person"), form.get("language")
    return _tried(
        ask, form, lambda: certify_anew(ask.programme, ask.person, asked(ask).name, who, language), "gold_anew"
    )


def _begun(ask: Ask) -> Form:
    """Fill the form with the terms the job has."""
    job, exam = asked(ask), exam_of(ask.programme, ask.path("job"))
    if exam is None:
        return usual(job.kind)
    fields = {
        "share": f"{100 * job.gold:.0f}",
        "qualifies": exam.qualifies,
        "passing": f"{100 * exam.bar.passing:.0f}",
        "calibration": str(exam.bar.calibration),
        "days": f"{exam.days:.0f}",
    }
    return Form({name: (text,) for name, text in fields.items()})


def _shown(ask: Ask, form: Form, fault: BimetalError | None = None) -> Response:
    job = asked(ask)
    exam = exam_of(ask.programme, job.name)
    return ask.render(
        "gold.html",
        status_of(fault) if fault else 200,
        fault=fault,
        job=job,
        exam=exam,
        stands=standings(ask.programme, job.name, ask.at) if exam else (),
        leaked=leaked(ask.programme, job.name) if exam else (),
        datasets=list({each.name: each for each in ask.programme.datasets("gold")}.values()),
        names=Names(ask),
        form=form,
        takes=job.kind in {"label", "calibrate"},
        at=at,
    )


def _tried(ask: Ask, form: Form, act: Callable[[], object], told: str) -> Response:
    try:
        act()
    except (InputError, PolicyError) as fault:
        return _shown(ask, Form({**_begun(ask).fields, **form.fields}), fault)
    return ask.redirect(at("jobs", ask.path("job"), "gold"), told=told)


ROUTES = [
    Named("/jobs/{job}/gold", show),
    Named("/jobs/{job}/gold", add, methods=["POST"]),
    Named("/jobs/{job}/gold/rotate", turn, methods=["POST"]),
    Named("/jobs/{job}/gold/anew", anew, methods=["POST"]),
]

"""Open a job: labels, a panel or a calibration over a dataset the programme holds, with the sheet people judge by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.annotation.sheet import KINDS
from bimetal.errors import InputError, PolicyError
from bimetal.programme.quarantine import in_quarantine
from bimetal.programme.work.panels import DRAWN_FROM
from bimetal.web import sheet_form
from bimetal.web.addresses import Named, at
from bimetal.web.door import Ask, Form, NotFoundError, page, posted, status_of
from bimetal.web.opened import OPENED_BY, usual
from bimetal.web.pages.jobs import OPENED

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.errors import BimetalError


@page("steer queue")
def show(ask: Ask) -> Response:
    """Show the form for one kind of job."""
    return _shown(ask, Form({**sheet_form.blank(ask.programme).fields, **usual(_kind(ask)).fields}))


@posted("steer queue")
def take(ask: Ask, form: Form) -> Response:
    """Open the job that was described, or show the form again with what was typed."""
    kind = _kind(ask)
    if form.get("more"):
        return _shown(ask, sheet_form.grown(form))
    try:
        job = OPENED_BY[kind](ask.programme, ask.person, form)
    except (InputError, PolicyError) as fault:
        return _shown(ask, sheet_form.grown(form), fault)
    return ask.redirect(at("jobs", job.name), told="opened")


def _kind(ask: Ask) -> str:
    kind = ask.path("kind")
    if kind not in OPENED:
        raise NotFoundError(f"no kind of job is called {kind[:60]!r}", f"open one of: {', '.join(OPENED)}")
    return kind


def _shown(ask: Ask, form: Form, fault: BimetalError | None = None) -> Response:
    kind = _kind(ask)
    held = {each.name: each for each in ask.programme.datasets() if not in_quarantine(ask.programme, each)}
    return ask.render(
        "opening.html",
        status_of(fault) if fault else 200,
        fault=fault,
        kind=kind,
        form=form,
        tasks=KINDS,
        datasets=[each for each in held.values() if _fits(each.role, kind)],
        gold=[each for each in held.values() if each.role == "gold"],
        tags=sheet_form.languages(form),
        label_rows=sheet_form.rows(form, "value", "key", "name", "about"),
        example_rows=sheet_form.rows(form, "text", "answer", "why"),
    )


def _fits(role: str, kind: str) -> bool:
    if kind == "panel":
        return role in DRAWN_FROM
    return role == "gold" if kind == "calibrate" else role not in {"gold", "panel"}


ROUTES = [Named("/open/{kind}", show), Named("/open/{kind}", take, methods=["POST"])]

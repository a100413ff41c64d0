"""Joining by invitation: what is measured is told first, then name and password are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.people import NOTICE, Profile
from bimetal.programme.people.passwords import SHORTEST
from bimetal.web.door import Ask, Form, page, posted
from bimetal.web.entering import entered, speaking

if TYPE_CHECKING:
    from starlette.responses import Response

_NOBODY = Profile("", "")


@page(public=True)
def show(ask: Ask) -> Response:
    """Tell what is measured, and ask for names and a password; refuse a link that does not work."""
    return _shown(ask, _NOBODY)


@posted(public=True)
def join(ask: Ask, form: Form) -> Response:
    """Make the account and its first session, or show the form again with what was wrong."""
    typed = Profile(*(form.get(name)[:400] for name in ("login", "name", "email")))
    try:
        token = _joined(ask, typed, form)
    except InputError as fault:
        return _shown(ask, typed, fault)
    return entered(ask, token)


def _joined(ask: Ask, typed: Profile, form: Form) -> str:
    wanted = Profile.read(typed.login, typed.name, typed.email)
    return people.join(ask.programme, ask.path("token"), wanted, chosen_password(ask, form), ask.visitor, ask.at)


def chosen_password(ask: Ask, form: Form) -> str:
    """Return the password that was typed twice; raises InputError where the two differ."""
    if form.get("password") != form.get("repeat"):
        raise InputError(ask.words["join.differ"].rstrip("."), "")
    return form.get("password")


def _shown(ask: Ask, typed: Profile, fault: InputError | None = None) -> Response:
    offered = people.link(ask.programme, ask.path("token"), ask.at)
    if offered.kind != "invitation":
        raise PolicyError("this link is for a new password", "open the page it leads to")
    known = {"offered": offered, "typed": typed, "fault": fault, "notice": NOTICE, "shortest": SHORTEST}
    return ask.render("join.html", 400 if fault else 200, **known, **speaking(ask))


ROUTES = [Route("/join/{token}", show), Route("/join/{token}", join, methods=["POST"])]

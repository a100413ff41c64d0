"""Choosing a new password by a reset link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.people.passwords import SHORTEST
from bimetal.web.door import Ask, Form, page, posted
from bimetal.web.entering import speaking
from bimetal.web.pages.join import chosen_password

if TYPE_CHECKING:
    from starlette.responses import Response


@page(public=True)
def show(ask: Ask) -> Response:
    """Ask for the new password; refuse a link that does not work."""
    return _shown(ask)


@posted(public=True)
def reset(ask: Ask, form: Form) -> Response:
    """Set the password, which ends all sessions and tokens of the account, or show the form again with why not."""
    try:
        people.reset(ask.programme, ask.path("token"), chosen_password(ask, form), ask.at)
    except InputError as fault:
        return _shown(ask, fault)
    return ask.redirect("/login", told="reset")


def _shown(ask: Ask, fault: InputError | None = None) -> Response:
    offered = people.link(ask.programme, ask.path("token"), ask.at)
    if offered.kind != "reset":
        raise PolicyError("this link is an invitation", "open the page it leads to")
    return ask.render("reset.html", 400 if fault else 200, fault=fault, shortest=SHORTEST, **speaking(ask))


ROUTES = [Route("/reset/{token}", show), Route("/reset/{token}", reset, methods=["POST"])]

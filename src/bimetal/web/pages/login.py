"""Logging in with a user name and a password, and logging out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import PolicyError
from bimetal.programme import people
from bimetal.web.door import Ask, Form, page, posted
from bimetal.web.entering import entered, left, local, speaking

if TYPE_CHECKING:
    from starlette.responses import Response


@page(public=True)
def show(ask: Ask) -> Response:
    """Ask for user name and password; who is logged in already goes on."""
    onward = local(ask.query("next"))
    return _shown(ask, onward) if ask.session is None else ask.redirect(onward)


@posted(public=True)
def enter(ask: Ask, form: Form) -> Response:
    """Open a session, or show the form again with why not, or how long to wait."""
    name, onward = form.get("name")[:300], local(form.get("next"))
    try:
        token = people.login(ask.programme, name, form.get("password"), ask.visitor, ask.at)
    except people.TooManyError as waits:
        answer = _shown(ask, onward, name, ask.words["login.wait"].format(n=waits.seconds), 429)
        answer.headers["retry-after"] = str(waits.seconds)
        return answer
    except PolicyError:
        return _shown(ask, onward, name, ask.words["login.wrong"], 403)
    return entered(ask, token, onward)


@posted(public=True)
def leave(ask: Ask, _: Form) -> Response:
    """End the session; somebody whose session is over already is told the same."""
    if ask.session is not None:
        people.logout(ask.programme, ask.session, ask.at)
    return left(ask, "logged_out")


def _shown(ask: Ask, onward: str, name: str = "", refused: str = "", status: int = 200) -> Response:
    return ask.render("login.html", status, onward=onward, name=name, refused=refused, **speaking(ask))


ROUTES = [
    Route("/login", show),
    Route("/login", enter, methods=["POST"]),
    Route("/logout", leave, methods=["POST"]),
]

"""Where one is logged in, and the API tokens that act for one: listed, made and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.web.door import Ask, Form, posted
from bimetal.web.pages.account import browser, shown, tried, whole

if TYPE_CHECKING:
    from starlette.responses import Response


@posted("read own record")
def end(ask: Ask, form: Form) -> Response:
    """End one of one's own sessions, perhaps this one."""
    return tried(ask, lambda: people.end_session(ask.programme, ask.person, form.get("session"), ask.at), "ended")


@posted("read own record")
def end_others(ask: Ask, _: Form) -> Response:
    """End all of one's own sessions but this one."""
    return tried(ask, lambda: people.end_others(ask.programme, browser(ask), ask.at), "ended")


@posted("make token")
def make(ask: Ask, form: Form) -> Response:
    """Make an API token and show it, this once."""
    try:
        days = whole(form, "days")
        made = people.make_token(ask.programme, browser(ask), form.get("name"), form.get("role"), days, ask.at)
    except (InputError, PolicyError) as fault:
        return shown(ask, fault)
    return shown(ask, made=made)


@posted("make token")
def revoke(ask: Ask, form: Form) -> Response:
    """End one of one's own API tokens."""
    return tried(ask, lambda: people.end_token(ask.programme, ask.person, form.get("token"), ask.at), "ended")


ROUTES = [
    Route("/account/sessions/end", end, methods=["POST"]),
    Route("/account/sessions/end-others", end_others, methods=["POST"]),
    Route("/account/tokens", make, methods=["POST"]),
    Route("/account/tokens/end", revoke, methods=["POST"]),
]

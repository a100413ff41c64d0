"""The first page: where each role begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.web.door import Ask, page

if TYPE_CHECKING:
    from starlette.responses import Response


@page()
def show(ask: Ask) -> Response:
    """Lead on to where the person's work is."""
    return ask.redirect(_begin(ask))


def _begin(ask: Ask) -> str:
    if ask.may("answer"):
        return "/label"
    return "/jobs" if ask.may("read progress") else "/account"


ROUTES = [Route("/", show)]

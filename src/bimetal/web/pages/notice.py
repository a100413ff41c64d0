"""What is measured about the people who work here, told to everybody who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.programme.people import NOTICE
from bimetal.web.door import Ask, page

if TYPE_CHECKING:
    from starlette.responses import Response


@page(public=True)
def show(ask: Ask) -> Response:
    """Tell all that is kept about a person, why, who sees it and how long it stays."""
    return ask.render("notice.html", notice=NOTICE)


ROUTES = [Route("/notice", show)]

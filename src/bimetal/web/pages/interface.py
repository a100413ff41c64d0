"""The language and the colours of the pages, kept on the device."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import InputError
from bimetal.web.door import Ask, Form, posted
from bimetal.web.entering import local
from bimetal.web.words import languages

if TYPE_CHECKING:
    from starlette.responses import Response

THEMES = ("light", "dark")
YEAR = 31_536_000
"""Seconds."""

_OPEN = re.compile(r"/login|/(join|reset)/[A-Za-z0-9_-]{1,200}")


@posted(public=True)
def choose(ask: Ask, form: Form) -> Response:
    """Keep what was chosen for a year; an empty choice is left to the browser."""
    answer = ask.redirect(_back(form), told="saved")
    known = {"language": tuple(each.tag for each in languages()), "theme": THEMES}
    for name, allowed in known.items():
        wanted = form.get(name)
        if wanted and wanted not in allowed:
            raise InputError(f"{wanted[:40]!r} is no {name}", f"choose one of: {', '.join(allowed)}")
        if wanted:  # the labelling screen reads and sets them too
            answer.set_cookie(name, wanted, max_age=YEAR, path="/", secure=ask.settings.secure, samesite="lax")
        else:
            answer.delete_cookie(name, path="/", secure=ask.settings.secure, samesite="lax")
    return answer


def _back(form: Form) -> str:
    asked = form.get("next")
    return asked if _OPEN.fullmatch(asked) else local(asked)


ROUTES = [Route("/interface", choose, methods=["POST"])]

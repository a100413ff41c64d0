"""The labelling screen: the page, and what its script needs to begin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.routing import Route

from bimetal.programme import people
from bimetal.web.door import Ask, page
from bimetal.web.words import languages

if TYPE_CHECKING:
    from starlette.responses import Response


@page("answer")
def show(ask: Ask) -> Response:
    """Give the page with everything its script needs at once: who labels, and the words of the interface."""
    boot = {
        "person": ask.person.id,
        "name": people.profile(ask.programme, ask.person, ask.person.id).name,
        "role": ask.person.role,
        "csrf": ask.csrf,
        "language": ask.language,
        "languages": [{"tag": each.tag, "name": each.name, "drafted": not each.reviewed} for each in languages()],
        "words": dict(ask.words),
    }
    return ask.render("label.html", boot=_inert(boot))


def _inert(value: object) -> Markup:
    """Spell JSON so that it can stand in a script element of type application/json: no tag can begin in it."""
    spelled = json.dumps(value, ensure_ascii=False)
    return Markup(spelled.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704  # no tag is left in it


ROUTES = [Route("/label", show)]

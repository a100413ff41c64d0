"""A session begins and ends in the browser: its cookie, and which pages of this server one may be sent on to."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from bimetal.errors import PolicyError
from bimetal.programme import people
from bimetal.web.words import languages

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.web.door import Ask

LONGEST = 500
"""Characters of a path one is sent on to."""


def entered(ask: Ask, token: str, onward: str = "/") -> Response:
    """Send on with the cookie of a new session; the one this browser held before ends."""
    if ask.session is not None and ask.session.kind == "browser":
        with contextlib.suppress(PolicyError):  # it may have ended by itself meanwhile
            people.logout(ask.programme, ask.session, ask.at)
    answer = ask.redirect(onward)
    keep(ask, answer, ask.settings.cookie, token)
    return answer


def left(ask: Ask, told: str) -> Response:
    """Send to the login page without the session's cookie."""
    answer = ask.redirect("/login", told=told)
    forget(ask, answer, ask.settings.cookie)
    return answer


def keep(ask: Ask, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Give the browser a cookie that no script reads and no other site's form sends; it ends with the browser."""
    secure = ask.settings.secure
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def forget(ask: Ask, answer: Response, name: str) -> None:
    """Take a cookie away from the browser."""
    answer.delete_cookie(name, path="/", secure=ask.settings.secure, httponly=True, samesite="lax")


def speaking(ask: Ask) -> dict[str, object]:
    """Say which languages a page offers that nobody need be logged in for, and whether a machine drafted this one."""
    offered = languages()
    return {"languages": offered, "drafted": not next(each for each in offered if each.tag == ask.language).reviewed}


def local(path: str) -> str:
    r"""Return a path of this server as given, or the first page for anything that leads elsewhere or in a circle.

    Browsers take `\` for `/` and leave out tabs and line breaks, so neither is let through.

    >>> local("/label?job=notes"), local("//evil.example"), local("/\\evil.example"), local("https://evil.example")
    ('/label?job=notes', '/', '/', '/')
    """
    here = path.startswith("/") and not path.startswith("//") and len(path) <= LONGEST
    plain = path.isprintable() and "\\" not in path and " " not in path
    circle = path.startswith(("/login", "/logout", "/join/", "/reset/"))
    return path if here and plain and not circle else "/"

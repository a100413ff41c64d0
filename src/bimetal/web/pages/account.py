"""One's own account: name, password, well-being, qualifications, and the record to take away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.people import Profile
from bimetal.programme.people.passwords import SHORTEST
from bimetal.web.door import Ask, Form, page, posted, status_of
from bimetal.web.pages.interface import THEMES
from bimetal.web.pages.join import chosen_password
from bimetal.web.words import languages

if TYPE_CHECKING:
    from bimetal.errors import BimetalError


@page("read own record")
def show(ask: Ask) -> Response:
    """Show one's own account."""
    return shown(ask)


@posted("read own record")
def rename(ask: Ask, form: Form) -> Response:
    """Change user name, name and e-mail."""

    def act() -> None:
        wanted = Profile.read(*(form.get(name) for name in ("login", "name", "email")))
        people.change_profile(ask.programme, ask.person, wanted, ask.at)

    return tried(ask, act, "saved")


@posted("read own record")
def change_password(ask: Ask, form: Form) -> Response:
    """Change the password, which ends all other sessions."""

    def act() -> None:
        people.change_password(ask.programme, browser(ask), form.get("old"), chosen_password(ask, form), ask.at)

    return tried(ask, act, "password")


@posted("read own record")
def lower_cap(ask: Ask, form: Form) -> Response:
    """Lower one's own daily cap for harmful items."""
    return tried(
        ask, lambda: people.set_cap(ask.programme, ask.person, ask.person.id, whole(form, "cap"), ask.at), "saved"
    )


@posted("read own record")
def withdraw_warning(ask: Ask, form: Form) -> Response:
    """Take back that one reads on past a content warning."""
    people.withdraw_warning(ask.programme, ask.person, form.get("warning"), ask.at)
    return ask.redirect("/account", told="saved")


@posted("read own record")
def download(ask: Ask, _: Form) -> Response:
    """Hand over everything that is kept about who asks, as a JSON file; the log notes it."""
    record = people.export(ask.programme, ask.person, ask.person.id, ask.at)
    written = json.dumps(record, ensure_ascii=False, indent=2)
    kept_as = {"content-disposition": f'attachment; filename="bimetal-{ask.person.id}.json"'}
    return Response(written, media_type="application/json", headers=kept_as)


def shown(ask: Ask, fault: BimetalError | None = None, made: str = "") -> Response:
    """Show the account: with what was refused, or with the API token `made` just now."""
    book, who = ask.programme, ask.person
    return ask.render(
        "account.html",
        status_of(fault) if fault else 200,
        fault=fault,
        made=made,
        profile=people.profile(book, who, who.id),
        cap=people.cap(book, who.id),
        allowance=people.allowance(book, who.id, ask.at),
        warnings=people.warnings(book, who),
        held=people.qualifications(book, who.id),
        sessions=[each for each in people.sessions(book, who) if each.is_open(ask.at)],
        tokens=[each for each in people.tokens(book, who) if each.is_open(ask.at)],
        device=device,
        roles=[role for role in people.ROLES if people.covers(who.role, role)],
        languages=languages(),
        drafted=not next(each for each in languages() if each.tag == ask.language).reviewed,
        themes=THEMES,
        shortest=SHORTEST,
    )


def tried(ask: Ask, act: Callable[[], object], told: str) -> Response:
    """Do an act in the browser and say so, or show the account with the reason it was refused, as to a program."""
    try:
        browser(ask)
        act()
    except (InputError, PolicyError) as fault:
        return shown(ask, fault)
    return ask.redirect("/account", told=told)


def browser(ask: Ask) -> people.Session:
    """Return the session that asks; raises PolicyError for a program's."""
    if ask.session is None or ask.session.kind != "browser":
        raise PolicyError("a program cannot do this", "log in in the browser")
    return ask.session


def whole(form: Form, name: str) -> int:
    """Read a whole number from a form; raises InputError for anything else."""
    text = form.get(name).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(f"{name} is {text[:40]!r}", "type a whole number")
    return int(text)


_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device(said: str) -> str:
    """Name a browser as its owner would; one that calls itself otherwise is shown by what it says.

    >>> device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox, Linux'
    >>> device("curl/8.5.0")
    'curl/8.5.0'
    """
    known = [next((name for part, name in names.items() if part in said), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(known) if all(known) else said or "?"


ROUTES = [
    Route("/account", show),
    Route("/account/profile", rename, methods=["POST"]),
    Route("/account/password", change_password, methods=["POST"]),
    Route("/account/cap", lower_cap, methods=["POST"]),
    Route("/account/warnings/withdraw", withdraw_warning, methods=["POST"]),
    Route("/account/record", download, methods=["POST"]),
]

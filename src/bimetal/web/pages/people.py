"""Everybody who works here: who may do what, invitations, resets, caps, qualification, removal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.people import Person, Profile, Qualification
from bimetal.web.door import Ask, Form, page, posted, status_of
from bimetal.web.pages.account import whole

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.errors import BimetalError

QUALIFIED_FOR = timedelta(days=365)
"""How long a qualification lasts unless the form says otherwise."""


@dataclass(frozen=True)
class Line:
    """A person in the list: the name where it may be read, and what they may judge now."""

    person: Person
    profile: Profile | None
    held: list[Qualification]


@page("read log")
def show(ask: Ask) -> Response:
    """List everybody, under pseudonyms for who may read no names."""
    return _shown(ask)


@posted("invite")
def invite(ask: Ask, form: Form) -> Response:
    """Make an invitation and show its link, this once."""
    try:
        token = people.invite(ask.programme, ask.person, form.get("role"), ask.at)
    except (InputError, PolicyError) as fault:
        return _shown(ask, fault)
    return _link(ask, f"/join/{token}", "invitation", form.get("role"))


@posted("invite")
def withdraw(ask: Ask, form: Form) -> Response:
    """Make a link stop working."""
    try:
        people.withdraw_link(ask.programme, ask.person, form.get("link"), ask.at)
    except PolicyError as fault:
        return _shown(ask, fault)
    return ask.redirect("/people", told="withdrawn")


@page("read log")
def show_one(ask: Ask) -> Response:
    """Show one person, with what one's own role may do to the account."""
    return _one(ask)


@posted("appoint")
def appoint(ask: Ask, form: Form) -> Response:
    """Give a person another role."""
    return _tried(
        ask, lambda who: people.change_role(ask.programme, ask.person, who, form.get("role"), ask.at), "appointed"
    )


@posted("reset password")
def offer_reset(ask: Ask, _: Form) -> Response:
    """Make a link by which a person chooses a new password, and show it, this once."""
    try:
        token = people.offer_reset(ask.programme, ask.person, ask.path("person"), ask.at)
    except PolicyError as fault:
        return _one(ask, fault)
    return _link(ask, f"/reset/{token}", "reset", ask.path("person"))


@posted("set cap")
def set_cap(ask: Ask, form: Form) -> Response:
    """Set how many harmful items a person sees in a day."""
    return _tried(ask, lambda who: people.set_cap(ask.programme, ask.person, who, whole(form, "cap"), ask.at), "saved")


@posted("qualify")
def qualify(ask: Ask, form: Form) -> Response:
    """Record what a person may judge from now on, on which test."""

    def act(who: str) -> None:
        task, language, test = (form.get(name).strip() for name in ("task", "language", "test"))
        until = _day(form.get("until")) if form.get("until") else ask.at + QUALIFIED_FOR
        wanted = Qualification(who, task, language.casefold(), test, ask.at, until)
        people.qualify(ask.programme, ask.person, wanted, ask.at)

    return _tried(ask, act, "qualified")


@posted("qualify")
def end_qualification(ask: Ask, form: Form) -> Response:
    """End what a person may judge, from now on."""
    task, language = form.get("task"), form.get("language")
    return _tried(
        ask, lambda who: people.end_qualification(ask.programme, ask.person, who, task, language, ask.at), "saved"
    )


@posted("remove")
def remove(ask: Ask, form: Form) -> Response:
    """Erase a person's name for good, once the pseudonym was typed."""
    who = ask.path("person")
    try:
        if form.get("pseudonym").strip() != who:
            raise InputError("the pseudonym that was typed is another", f"type {who} to remove this person")
        gone = people.remove(ask.programme, ask.person, who, ask.at)
    except (InputError, PolicyError) as fault:
        return _one(ask, fault)
    return ask.redirect("/people", told="removed" if gone else "removed_later")


def _shown(ask: Ask, fault: BimetalError | None = None) -> Response:
    return ask.render(
        "people.html",
        status_of(fault) if fault else 200,
        fault=fault,
        lines=[_line(ask, each) for each in people.people(ask.programme)],
        links=people.open_links(ask.programme, ask.person, ask.at) if ask.may("invite") else [],
        roles=people.ROLES if ask.may("appoint") else people.INVITED_BY_LEADS,
    )


def _line(ask: Ask, each: Person) -> Line:
    named = people.profile(ask.programme, ask.person, each.id) if ask.may("read names") else None
    held = people.qualifications(ask.programme, each.id)
    return Line(each, named, [kept for kept in held if kept.since <= ask.at < kept.until])


def _one(ask: Ask, fault: BimetalError | None = None) -> Response:
    who = people.person(ask.programme, ask.path("person"))
    held = people.qualifications(ask.programme, who.id)
    return ask.render(
        "person.html",
        status_of(fault) if fault else 200,
        fault=fault,
        line=_line(ask, who),
        former=[each for each in held if each.until <= ask.at],
        cap=people.cap(ask.programme, who.id),
        roles=people.ROLES,
        until=(ask.at + QUALIFIED_FOR).date().isoformat(),
        answers=people.may(who.role, "answer"),
    )


def _link(ask: Ask, path: str, kind: str, whom: str) -> Response:
    return ask.render("link.html", url=f"{ask.settings.origin}{path}", kind=kind, whom=whom)


def _tried(ask: Ask, act: Callable[[str], object], told: str) -> Response:
    """Do an act to the person of this page and say so, or show the page with the reason it was refused."""
    try:
        act(ask.path("person"))
    except (InputError, PolicyError) as fault:
        return _one(ask, fault)
    return ask.redirect(f"/people/{ask.path('person')}", told=told)


def _day(text: str) -> datetime:
    """Read the last day of a qualification as the moment it is over, in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as fault:
        raise InputError(f"the day is {text[:40]!r}", "write it as 2027-01-31") from fault


ROUTES = [
    Route("/people", show),
    Route("/people/invite", invite, methods=["POST"]),
    Route("/people/links/withdraw", withdraw, methods=["POST"]),
    Route("/people/{person}", show_one),
    Route("/people/{person}/role", appoint, methods=["POST"]),
    Route("/people/{person}/reset", offer_reset, methods=["POST"]),
    Route("/people/{person}/cap", set_cap, methods=["POST"]),
    Route("/people/{person}/qualify", qualify, methods=["POST"]),
    Route("/people/{person}/unqualify", end_qualification, methods=["POST"]),
    Route("/people/{person}/remove", remove, methods=["POST"]),
]

"""Links that work once: invitations, password resets, and the first admin's."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import sealing, throttle
from bimetal.programme.people.accounts import SERVER, Book, Person, Profile, enrol, opened, present
from bimetal.programme.people.credentials import Visitor, login_target, set_password
from bimetal.programme.people.ending import end_sessions, end_tokens
from bimetal.programme.people.passwords import check_password, hash_password
from bimetal.programme.people.roles import Role, read_role, require
from bimetal.programme.people.session import open_session
from bimetal.store.schema import people, people_links

Kind = Literal["invitation", "reset"]

LASTS = {"invitation": timedelta(days=7), "reset": timedelta(hours=24)}
_PREFIX = {"invitation": "bi", "reset": "br"}
INVITED_BY_LEADS: tuple[Role, ...] = ("annotator", "adjudicator")
"""Roles a lead may invite to; for the others one must be allowed to appoint."""


@dataclass(frozen=True)
class Link:
    """A link that still works: what for, with which role, and whose password it resets."""

    id: str
    kind: Kind
    role: Role
    person: str | None
    by: str
    expires: datetime


def invite(book: Book, by: Person, role: str, at: datetime) -> str:
    """Return the token of an invitation, shown this once.

    A lead invites annotators and adjudicators, an admin anybody; raises PolicyError for the rest.
    """
    require(by.role, "invite" if role in INVITED_BY_LEADS else "appoint")
    wanted = _lasting("invitation", read_role(role), None, by, at)
    return book.state.write(lambda connection: _made(book, connection, wanted, at))


def first_admin(book: Book, at: datetime) -> str:
    """Return the token of a link by which the first admin joins; the one made before it stops working.

    Raises PolicyError where there is an admin.
    """

    def act(connection: Connection) -> str:
        admins = sql.select(people.c.id).where(people.c.role == "admin", people.c.removed.is_(None)).limit(1)
        if connection.execute(admins).scalar():
            raise PolicyError("there is an admin already", "ask that person for an invitation")
        before = (people_links.c.by == SERVER.id) & people_links.c.ended.is_(None)
        connection.execute(people_links.update().where(before).values(ended=at))
        return _made(book, connection, _lasting("invitation", "admin", None, SERVER, at), at)

    return book.state.write(act)


def offer_reset(book: Book, by: Person, reference: str, at: datetime) -> str:
    """Return the token of a link by which a person chooses a new password; those made before stop working."""
    require(by.role, "reset password")

    def act(connection: Connection) -> str:
        who = present(connection, reference)
        words = opened(connection, who.id)
        if words is None or not words["login"]:
            raise PolicyError(f"{reference} has no password to reset", "reset it at the provider")
        end_links(connection, who.id, at)
        return _made(book, connection, _lasting("reset", who.role, who.id, by, at), at)

    return book.state.write(act)


def link(book: Book, token: str, at: datetime) -> Link:
    """Say what a link is for; raises PolicyError where it was used, is over or never was."""
    with book.state.read() as connection:
        return _found(connection, token, at)


def join(book: Book, token: str, wanted: Profile, password: str, visitor: Visitor, at: datetime) -> str:
    """Make an account by invitation and return the token of its first session; the invitation is used up.

    Raises PolicyError for a link that does not work, InputError for a name or password that is refused.
    """
    if not wanted.login:
        raise InputError("the user name is empty", "choose one to log in with")
    _expect(link(book, token, at), "invitation")
    check_password(password, (wanted.login, wanted.name, wanted.email))
    hashed = hash_password(password)

    def act(connection: Connection) -> str:
        role = _used(connection, token, at).role
        who = enrol(book, connection, wanted, role, at, hashed)
        return open_session(book, connection, who, visitor.device, at)

    return book.state.write(act)


def reset(book: Book, token: str, password: str, at: datetime) -> None:
    """Choose a new password by a reset link; all sessions and API tokens of the account end."""
    offered = link(book, token, at)
    reference = _expect(offered, "reset")
    with book.state.read() as connection:
        words = opened(connection, reference) or {}
    check_password(password, words.values())
    hashed = hash_password(password)

    def act(connection: Connection) -> None:
        _used(connection, token, at)
        who = present(connection, reference)
        set_password(book, connection, who, hashed, at)
        end_sessions(book, connection, who.id, at)
        end_tokens(book, connection, who.id, at)
        throttle.forgive(connection, login_target(connection, who.id), at)

    book.state.write(act)


def open_links(book: Book, by: Person, at: datetime) -> list[Link]:
    """List the links that still work, for those who may invite, newest first; their tokens nobody can read any more."""
    require(by.role, "invite")
    live = people_links.c.ended.is_(None) & (people_links.c.expires > at)
    with book.state.read() as connection:
        rows = connection.execute(people_links.select().where(live).order_by(people_links.c.at.desc())).mappings()
        return [_link(row) for row in rows]


def withdraw_link(book: Book, by: Person, reference: str, at: datetime) -> None:
    """Make a link stop working, by its id: one's own, or any for who may appoint."""

    def act(connection: Connection) -> None:
        live = (people_links.c.id == reference) & people_links.c.ended.is_(None) & (people_links.c.expires > at)
        row = connection.execute(people_links.select().where(live)).mappings().first()
        if row is None:
            raise PolicyError(f"no link {reference[:40]!r} works any more", "take one from the list of links")
        if row["by"] != by.id:
            require(by.role, "appoint")
        connection.execute(people_links.update().where(live).values(ended=at))
        body = {"link": row["id"]}
        book.log.append(connection, at=at, actor=by.id, action="link.withdrawn", subject=row["id"], body=body)

    book.state.write(act)


def end_links(connection: Connection, reference: str, at: datetime) -> None:
    """Make the links for a person stop working, inside a transaction."""
    theirs = (people_links.c.person == reference) & people_links.c.ended.is_(None)
    connection.execute(people_links.update().where(theirs).values(ended=at))


def _lasting(kind: Kind, role: Role, reference: str | None, by: Person, at: datetime) -> Link:
    return Link(secrets.token_hex(8), kind, role, reference, by.id, at + LASTS[kind])


def _made(book: Book, connection: Connection, wanted: Link, at: datetime) -> str:
    token = sealing.new_token(_PREFIX[wanted.kind])
    connection.execute(people_links.insert(), {**asdict(wanted), "hash": sealing.token_hash(token), "at": at})
    action, subject, body = (
        f"{wanted.kind}.offered",
        wanted.person or wanted.id,
        {"link": wanted.id, "role": wanted.role},
    )
    book.log.append(connection, at=at, actor=wanted.by, action=action, subject=subject, body=body)
    return token


def _link(row: Mapping[Any, Any]) -> Link:
    return Link(row["id"], row["kind"], read_role(row["role"]), row["person"], row["by"], row["expires"])


def _found(connection: Connection, token: str, at: datetime) -> Link:
    same = people_links.c.hash == sealing.token_hash(token[:100])
    row = connection.execute(people_links.select().where(same)).mappings().first()
    if row is None or row["ended"] is not None or row["expires"] <= at:
        raise PolicyError("this link was used, is over or never was", "ask for a new one")
    return _link(row)


def _used(connection: Connection, token: str, at: datetime) -> Link:
    """Use a link up; one writer at a time makes sure that only one of many succeeds."""
    found = _found(connection, token, at)
    same = people_links.c.hash == sealing.token_hash(token[:100])
    connection.execute(people_links.update().where(same).values(ended=at))
    return found


def _expect(found: Link, kind: Kind) -> str:
    if found.kind != kind:
        raise PolicyError(f"this link is for {found.kind}, not {kind}", "open the page it leads to")
    return found.person or ""

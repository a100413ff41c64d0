"""Accounts entered through an OpenID provider: found by issuer and subject, never by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import PolicyError
from bimetal.programme.people import sealing
from bimetal.programme.people.accounts import Book, Person, Profile, enrol, keep_an_admin, person_of, present
from bimetal.programme.people.credentials import Visitor
from bimetal.programme.people.roles import Role
from bimetal.programme.people.session import Session, open_session
from bimetal.store.schema import people, people_lookups


@dataclass(frozen=True)
class Identity:
    """Who a provider says somebody is; where `steers`, the role there is the role here at every login."""

    issuer: str
    subject: str
    name: str
    email: str
    role: Role | None
    steers: bool = False


def enter(book: Book, identity: Identity, visitor: Visitor, at: datetime) -> str:
    """Open a session for an identity, making its account the first time, and return the token.

    Raises PolicyError where the provider gives it no role.
    """
    if identity.role is None:
        raise PolicyError("your account at the provider has no role here", "ask an admin to give it one there")
    role = identity.role
    wanted = Profile.read("", identity.name, identity.email)

    def act(connection: Connection) -> str:
        sealing.make_secret(connection)
        who = _known(connection, identity)
        if who is None:
            who = enrol(book, connection, wanted, role, at)
            _link(book, connection, who, identity, at)
        elif identity.steers and who.role != role:
            who = _moved(book, connection, who, role, at)
        return open_session(book, connection, who, visitor.device, at)

    return book.state.write(act)


def link_identity(book: Book, session: Session, identity: Identity, at: datetime) -> None:
    """Let the person who is logged in enter through a provider too; refuses an identity that is somebody's."""
    if session.kind != "browser":
        raise PolicyError("a program cannot link an identity", "log in in the browser")

    def act(connection: Connection) -> None:
        who = present(connection, session.person.id)
        if _known(connection, identity) is not None:
            raise PolicyError("this identity has an account already", "log in with it")
        _link(book, connection, who, identity, at)

    book.state.write(act)


def _known(connection: Connection, identity: Identity) -> Person | None:
    hashed = _lookup(connection, identity)
    found = connection.execute(sql.select(people_lookups.c.person).where(people_lookups.c.lookup == hashed)).scalar()
    return None if found is None else person_of(connection, found)


def _link(book: Book, connection: Connection, who: Person, identity: Identity, at: datetime) -> None:
    row = {"lookup": _lookup(connection, identity), "kind": "identity", "person": who.id}
    connection.execute(people_lookups.insert(), row)
    book.log.append(connection, at=at, actor=who.id, action="identity.linked", subject=who.id, body={})


def _moved(book: Book, connection: Connection, who: Person, role: Role, at: datetime) -> Person:
    keep_an_admin(connection, who)
    connection.execute(people.update().where(people.c.id == who.id).values(role=role))
    body = {"from": who.role, "to": role}
    book.log.append(connection, at=at, actor="provider", action="person.appointed", subject=who.id, body=body)
    return person_of(connection, who.id)


def _lookup(connection: Connection, identity: Identity) -> bytes:
    return sealing.lookup(connection, "identity", identity.issuer, identity.subject)

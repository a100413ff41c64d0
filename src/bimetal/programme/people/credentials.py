"""Login with a user name and a password, and changing the password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import sealing, throttle
from bimetal.programme.people.accounts import Book, Person, as_person, opened
from bimetal.programme.people.ending import end_sessions
from bimetal.programme.people.names import login_name
from bimetal.programme.people.passwords import check_password, hash_password, is_outdated, verify_password
from bimetal.programme.people.session import Session, open_session
from bimetal.programme.people.throttle import Target
from bimetal.store.schema import people, people_lookups, people_sessions


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from: the address as the server sees it, and what the browser calls itself."""

    address: str
    device: str = ""


def login(book: Book, name: str, password: str, visitor: Visitor, at: datetime) -> str:
    """Open a session and return its token.

    Raises PolicyError, alike and after as long for an unknown name and a wrong password; or where too many attempts
    were made on the account or from the address.
    """
    name = _spelled(name)
    targets = [throttle.account(name), throttle.address(visitor.address)]
    book.state.write(lambda connection: throttle.reserve(connection, targets, at))
    with book.state.read() as connection:
        row = _named(connection, name)
    kept = row["password"] if row else None
    if not verify_password(kept, password) or row is None or kept is None:
        _note_failure(book, row, at)
        raise PolicyError("the user name or the password is wrong", "try again, or ask an admin for a reset link")
    renewed = hash_password(password) if is_outdated(kept) else kept

    def act(connection: Connection) -> str:
        who = _still(connection, as_person(row), kept)
        throttle.forgive(connection, targets, at)
        if renewed != kept:
            connection.execute(people.update().where(people.c.id == who.id).values(password=renewed))
        return open_session(book, connection, who, visitor.device, at)

    return book.state.write(act)


def change_password(book: Book, session: Session, old: str, new: str, at: datetime) -> None:
    """Change the password of who asks, and end all other sessions.

    Raises PolicyError where `old` is wrong or was guessed at too often, InputError where `new` is refused.
    """
    with book.state.read() as connection:
        kept = connection.execute(sql.select(people.c.password).where(people.c.id == session.person.id)).scalar()
        words = opened(connection, session.person.id)
    if session.kind != "browser" or kept is None or words is None:
        raise PolicyError("this account or session cannot change a password", "log in with a password first")
    targets = [throttle.account(words["login"])]
    check_password(new, (words["login"], words["name"]))
    book.state.write(lambda connection: throttle.reserve(connection, targets, at))
    if not verify_password(kept, old):
        raise PolicyError("the old password is wrong", "try again")
    hashed = hash_password(new)

    def act(connection: Connection) -> None:
        who = _still(connection, session.person, kept)
        throttle.forgive(connection, targets, at)
        set_password(book, connection, who, hashed, at)
        end_sessions(book, connection, who.id, at, people_sessions.c.id != session.id)

    book.state.write(act)


def set_password(book: Book, connection: Connection, who: Person, hashed: str, at: datetime) -> None:
    """Keep a new password's hash inside a transaction."""
    connection.execute(people.update().where(people.c.id == who.id).values(password=hashed))
    book.log.append(connection, at=at, actor=who.id, action="password.changed", subject=who.id, body={})


def login_target(connection: Connection, reference: str) -> list[Target]:
    """Name the account that guesses at a person count against, if there is one."""
    words = opened(connection, reference)
    return [throttle.account(words["login"])] if words and words["login"] else []


def _spelled(name: str) -> str:
    """Spell a name as typed; one that no account can have is unknown like any other."""
    try:
        return login_name(name)
    except InputError:
        return ""


def _named(connection: Connection, name: str) -> Mapping[Any, Any] | None:
    table = people_lookups
    found = sql.select(people).join_from(table, people, table.c.person == people.c.id)
    return (
        connection.execute(found.where(table.c.lookup == sealing.lookup(connection, "login", name))).mappings().first()
    )


def _still(connection: Connection, who: Person, kept: str) -> Person:
    """Make sure that neither removal nor a new password came between the look and the act."""
    row = connection.execute(people.select().where(people.c.id == who.id)).mappings().one()
    if row["removed"] is not None or row["password"] != kept:
        raise PolicyError("the account changed meanwhile", "try again")
    return as_person(row)


def _note_failure(book: Book, row: Mapping[Any, Any] | None, at: datetime) -> None:
    subject = row["id"] if row else "unknown"

    def act(connection: Connection) -> None:
        book.log.append(connection, at=at, actor="unknown", action="login.failed", subject=subject, body={})

    book.state.write(act)

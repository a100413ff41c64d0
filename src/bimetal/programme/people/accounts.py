"""Accounts: a pseudonym for all work, the name and e-mail sealed beside it, a role."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import sealing
from bimetal.programme.people.names import email_address, login_name, looks, shown_name
from bimetal.programme.people.roles import Role, read_role, require
from bimetal.store import schema

if TYPE_CHECKING:
    from bimetal.canonical import Json
    from bimetal.store.log import Log
    from bimetal.store.state import State

HARM_CAP = 100
"""Harmful items a person sees at most in a day, where nobody set another number."""


class Book(Protocol):
    """Where people are kept: a programme, or anything else with a state and a log over it."""

    @property
    def state(self) -> State: ...

    @property
    def log(self) -> Log: ...


@dataclass(frozen=True)
class Person:
    """Somebody under a pseudonym, which stays when the name goes: `removed` says since when there is none."""

    id: str
    role: Role
    at: datetime | None = None
    removed: datetime | None = None


SERVER = Person("server", "admin")
"""Who acts where nobody is logged in: the operator at the machine itself."""


@dataclass(frozen=True)
class Profile:
    """The personal words of an account; `login` is empty where a person enters through a provider alone."""

    login: str
    name: str
    email: str = ""

    @classmethod
    def read(cls, login: str, name: str, email: str = "") -> Profile:
        """Spell each the one way it is kept; raises InputError, see `names`."""
        return cls(login_name(login) if login else "", shown_name(name), email_address(email))


def person(book: Book, reference: str) -> Person:
    """Find a person by pseudonym; raises InputError where there is none."""
    with book.state.read() as connection:
        return person_of(connection, reference)


def people(book: Book) -> list[Person]:
    """List everybody who ever joined, oldest first, those removed among them."""
    query = schema.people.select().order_by(schema.people.c.at, schema.people.c.id)
    with book.state.read() as connection:
        return [as_person(row) for row in connection.execute(query).mappings()]


def profile(book: Book, by: Person, reference: str) -> Profile:
    """Open a person's own words, for that person or a role that may read names; a removed one has a pseudonym alone."""
    if by.id != reference:
        require(by.role, "read names")
    with book.state.read() as connection:
        words = opened(connection, person_of(connection, reference).id)
    return Profile(words["login"], words["name"], words["email"]) if words else Profile("", reference)


def change_profile(book: Book, by: Person, wanted: Profile, at: datetime) -> None:
    """Change one's own words; the log gets a new commitment and nothing of them."""

    def act(connection: Connection) -> None:
        present(connection, by.id)
        key, known = sealing.key_of(connection, by.id), opened(connection, by.id)
        if key is None or known is None or bool(known["login"]) != bool(wanted.login):
            raise InputError("a user name cannot be added or left out", "keep the one there is, or choose another")
        sealed, committed = _sealed(by.id, key, wanted)
        change = schema.people.update().where(schema.people.c.id == by.id)
        connection.execute(change.values(sealed=sealed))
        _keep_login(connection, by.id, wanted.login)
        _enter(book, connection, "person.renamed", by.id, {"commitment": committed}, at)

    book.state.write(act)


def change_role(book: Book, by: Person, reference: str, role: str, at: datetime) -> Person:
    """Give a person another role, at once for all sessions; refuses to leave a server without an admin."""
    require(by.role, "appoint")

    def act(connection: Connection) -> Person:
        known = present(connection, reference)
        if role != "admin":
            keep_an_admin(connection, known)
        change = schema.people.update().where(schema.people.c.id == known.id)
        connection.execute(change.values(role=read_role(role)))
        body: dict[str, Json] = {"from": known.role, "to": role}
        book.log.append(connection, at=at, actor=by.id, action="person.appointed", subject=known.id, body=body)
        return person_of(connection, known.id)

    return book.state.write(act)


def enrol(
    book: Book, connection: Connection, wanted: Profile, role: str, at: datetime, password: str | None = None
) -> Person:
    """Add an account inside a transaction; `password` is its hash. Raises InputError where the user name is taken."""
    sealing.make_secret(connection)
    made = f"p-{secrets.token_hex(8)}"
    sealed, committed = _sealed(made, sealing.new_key(connection, made), wanted)
    row = {"id": made, "role": read_role(role), "sealed": sealed, "password": password, "harm_cap": HARM_CAP, "at": at}
    connection.execute(schema.people.insert(), row)
    _keep_login(connection, made, wanted.login)
    _enter(book, connection, "person.joined", made, {"role": role, "commitment": committed}, at)
    return Person(made, read_role(role), at)


def opened(connection: Connection, reference: str) -> Mapping[str, str] | None:
    """Open a person's sealed words and their salt, or return None where the key is destroyed."""
    sealed = connection.execute(sql.select(schema.people.c.sealed).where(schema.people.c.id == reference)).scalar()
    key = sealing.key_of(connection, reference)
    return sealing.unseal(key, sealed, f"{reference}:profile") if key and sealed else None


def person_of(connection: Connection, reference: str) -> Person:
    """Find a person inside a transaction; raises InputError where there is none."""
    row = connection.execute(schema.people.select().where(schema.people.c.id == reference)).mappings().first()
    if row is None:
        raise InputError(f"nobody has the pseudonym {reference[:60]!r}", "take one from the list of people")
    return as_person(row)


def present(connection: Connection, reference: str) -> Person:
    """Find a person who was not removed; raises PolicyError for one who was."""
    known = person_of(connection, reference)
    if known.removed is not None:
        raise PolicyError(f"{reference} was removed on {known.removed.date()}", "choose somebody who is here")
    return known


def keep_an_admin(connection: Connection, leaving: Person) -> None:
    """Refuse that the last admin leaves the role."""
    columns = schema.people.c
    others = sql.select(columns.id).where(columns.role == "admin", columns.removed.is_(None), columns.id != leaving.id)
    if leaving.role == "admin" and connection.execute(others.limit(1)).scalar() is None:
        raise PolicyError(f"{leaving.id} is the last admin", "make somebody else an admin first")


def as_person(row: Mapping[Any, Any]) -> Person:
    """Read a person from a row of the table."""
    return Person(row["id"], read_role(row["role"]), row["at"], row["removed"])


def _sealed(reference: str, key: bytes, wanted: Profile) -> tuple[bytes, str]:
    words, salt = asdict(wanted), sealing.new_salt()
    return sealing.seal(key, {**words, "salt": salt}, f"{reference}:profile"), sealing.commitment(words, salt)


def _keep_login(connection: Connection, reference: str, login: str) -> None:
    """Let a person be found by login name; raises InputError where it is taken or looks like one that is."""
    table = schema.people_lookups
    own = (table.c.person == reference) & table.c.kind.in_(["login", "looks"])
    sealing.overwrite_deleted(connection)
    connection.execute(table.delete().where(own))
    if not login:
        return
    for kind, word in (("login", login), ("looks", looks(login))):
        hashed = sealing.lookup(connection, kind, word)
        if connection.execute(sql.select(table.c.kind).where(table.c.lookup == hashed)).scalar():
            taken = "is taken" if kind == "login" else "looks like one that is taken"
            raise InputError(f"the user name {taken}", "choose another")
        connection.execute(table.insert(), {"lookup": hashed, "kind": kind, "person": reference})


def _enter(
    book: Book, connection: Connection, action: str, reference: str, body: Mapping[str, Json], at: datetime
) -> None:
    book.log.append(connection, at=at, actor=reference, action=action, subject=reference, body=body)

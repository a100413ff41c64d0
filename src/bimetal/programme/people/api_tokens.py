"""API tokens: named, of one role, with an end, shown once and kept as their hash."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import sealing
from bimetal.programme.people.accounts import Book, Person, present
from bimetal.programme.people.ending import end_tokens
from bimetal.programme.people.names import shown_name
from bimetal.programme.people.roles import covers, read_role, require
from bimetal.programme.people.session import Held, Session
from bimetal.store.schema import people, people_tokens
from bimetal.store.statements import Statement

if TYPE_CHECKING:
    from bimetal.canonical import Json

LONGEST_DAYS = 366
_SEEN = timedelta(minutes=1)  # requests within write nothing

# Every request of a program asks this, so it is spelled once.
_WHOSE = Statement(
    sql.select(
        *(people.c[name] for name in ("id", "role", "at", "removed")),
        people_tokens.c.id.label("token"),
        people_tokens.c.role.label("scope"),
        people_tokens.c.used,
    )
    .join_from(people_tokens, people, people_tokens.c.person == people.c.id)
    .where(
        people_tokens.c.hash == sql.bindparam("asked"),
        people_tokens.c.ended.is_(None),
        people_tokens.c.expires > sql.bindparam("now"),
        people.c.removed.is_(None),
    )
)
_NOW_USED = (
    people_tokens.update()
    .where(people_tokens.c.hash == sql.bindparam("asked"), people_tokens.c.ended.is_(None))
    .values(used=sql.bindparam("now"))
)


def make_token(book: Book, by: Session, name: str, role: str, days: int, at: datetime) -> str:
    """Return a new API token, shown this once, that acts for its maker in a role no wider than the maker's.

    Raises PolicyError for a wider role or where a token asks for another, InputError for a life not of 1 to 366 days.
    """
    require(by.person.role, "make token")
    if by.kind != "browser":
        raise PolicyError("a token cannot make tokens", "log in in the browser")
    if not covers(by.person.role, read_role(role)):
        raise PolicyError(f"a token of role {role} could do more than you, {by.person.role}", "choose a narrower role")
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(f"the token lasts {days} days", f"choose 1 to {LONGEST_DAYS}")
    words, token, made = {"name": shown_name(name)}, sealing.new_token("bt"), secrets.token_hex(8)

    def act(connection: Connection) -> str:
        who = present(connection, by.person.id)
        key = sealing.key_of(connection, who.id) or b""
        sealed = sealing.seal(key, words, f"{made}:token")
        row = {"hash": sealing.token_hash(token), "id": made, "person": who.id, "name": sealed, "role": role}
        connection.execute(people_tokens.insert(), {**row, "at": at, "expires": at + timedelta(days=days)})
        body: dict[str, Json] = {"token": made, "role": role, "days": days}
        book.log.append(connection, at=at, actor=who.id, action="token.made", subject=who.id, body=body)
        return token

    return book.state.write(act)


def bearer(book: Book, token: str, at: datetime) -> Session | None:
    """Return for whom a program asks, or None where the token is unknown, ended or over, or its role was lost."""
    asked = {"asked": sealing.token_hash(token[:100]), "now": at}
    with book.state.read() as connection:
        row = _WHOSE.first(connection, asked)
    if row is None or not covers(row.role, row.scope):
        return None
    if row.used is None or at - row.used >= _SEEN:
        book.state.begin(lambda connection: connection.execute(_NOW_USED, asked))  # an event loop asks: it may not wait
    who = Person(row.id, read_role(row.scope), row.at, row.removed)
    return Session(row.token, who, "program")


def tokens(book: Book, who: Person) -> list[Held]:
    """List a person's own API tokens, newest first."""
    query = people_tokens.select().where(people_tokens.c.person == who.id).order_by(people_tokens.c.at.desc())
    with book.state.read() as connection:
        key = sealing.key_of(connection, who.id)
        return [_held(row, key) for row in connection.execute(query).mappings()]


def end_token(book: Book, who: Person, token: str, at: datetime) -> None:
    """End one of a person's own API tokens by its id; raises PolicyError for anybody else's."""

    def act(connection: Connection) -> None:
        if not end_tokens(book, connection, who.id, at, people_tokens.c.id == token):
            raise PolicyError(f"you have no open token {token[:40]!r}", "take one from the list of your tokens")

    book.state.write(act)


def _held(row: Mapping[Any, Any], key: bytes | None) -> Held:
    name = sealing.unseal(key, row["name"], f"{row['id']}:token")["name"] if key else ""
    return Held(row["id"], name, row["at"], row["used"], row["expires"], row["ended"])

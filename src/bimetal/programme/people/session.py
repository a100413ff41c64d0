"""Sessions: an opaque token kept as its hash, an end when idle and in any case, and the CSRF token bound to it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import PolicyError, StoreError
from bimetal.programme.people import sealing
from bimetal.programme.people.accounts import Book, Person
from bimetal.programme.people.ending import end_sessions
from bimetal.programme.people.roles import read_role
from bimetal.store.schema import people, people_sessions
from bimetal.store.statements import Statement

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
"""A session ends after so long without a request, and after so long in any case."""

KEPT = timedelta(days=90)
"""How long a session that is over stays in its person's record."""

_SEEN = timedelta(minutes=1)  # requests within write nothing


# Every request asks this, so it is spelled once.
_WHOSE = Statement(
    sql.select(
        *(people.c[name] for name in ("id", "role", "at", "removed")),
        people_sessions.c.id.label("session"),
        people_sessions.c.seen,
    )
    .join_from(people_sessions, people, people_sessions.c.person == people.c.id)
    .where(
        people_sessions.c.hash == sql.bindparam("asked"),
        people_sessions.c.ended.is_(None),
        people_sessions.c.expires > sql.bindparam("now"),
        people_sessions.c.seen > sql.bindparam("idle"),
        people.c.removed.is_(None),
    )
)
_NOW_SEEN = (
    people_sessions.update()
    .where(people_sessions.c.hash == sql.bindparam("asked"), people_sessions.c.ended.is_(None))
    .values(seen=sql.bindparam("now"))
)


@dataclass(frozen=True)
class Session:
    """Who asks: a person, whose `role` is here what this request may do, and whether a browser or a program asks."""

    id: str
    person: Person
    kind: Literal["browser", "program"]


@dataclass(frozen=True)
class Held:
    """A session or an API token in its owner's list: a name to know it by, when it was made, used, and ends."""

    id: str
    name: str
    at: datetime
    used: datetime | None
    expires: datetime
    ended: datetime | None

    def is_open(self, at: datetime) -> bool:
        return self.ended is None and at < self.expires


def open_session(book: Book, connection: Connection, who: Person, device: str, at: datetime) -> str:
    """Open a session inside a transaction and return its token, which is shown this once."""
    token, made, key = sealing.new_token("bs"), secrets.token_hex(8), sealing.key_of(connection, who.id)
    if key is None:
        raise StoreError(f"the key of {who.id} is gone", "restore the database from a backup")
    sealed = sealing.seal(key, {"device": _plain(device)}, f"{made}:device")
    row = {"hash": sealing.token_hash(token), "id": made, "person": who.id, "device": sealed}
    connection.execute(people_sessions.delete().where(people_sessions.c.expires < at - KEPT))
    connection.execute(people_sessions.insert(), {**row, "at": at, "seen": at, "expires": at + LONGEST})
    body = {"session": made}
    book.log.append(connection, at=at, actor=who.id, action="session.opened", subject=who.id, body=body)
    return token


def whose(book: Book, token: str, at: datetime) -> Session | None:
    """Return whose session a token is, or None where it is unknown, ended, expired or was idle too long."""
    asked = {"asked": sealing.token_hash(token[:100]), "now": at, "idle": at - IDLE}
    with book.state.read() as connection:
        row = _WHOSE.first(connection, asked)
    if row is None:
        return None
    if at - row.seen >= _SEEN:
        now = {"asked": asked["asked"], "now": at}
        book.state.begin(lambda connection: connection.execute(_NOW_SEEN, now))  # an event loop asks: it may not wait
    return Session(row.session, Person(row.id, read_role(row.role), row.at, row.removed), "browser")


def sessions(book: Book, who: Person) -> list[Held]:
    """List a person's own sessions, newest first."""
    query = people_sessions.select().where(people_sessions.c.person == who.id).order_by(people_sessions.c.at.desc())
    with book.state.read() as connection:
        key = sealing.key_of(connection, who.id)
        return [_held(row, key) for row in connection.execute(query).mappings()]


def logout(book: Book, session: Session, at: datetime) -> None:
    """End the session that asks."""
    end_session(book, session.person, session.id, at)


def end_session(book: Book, who: Person, session: str, at: datetime) -> None:
    """End one of a person's own sessions; raises PolicyError for anybody else's, as for one that is not there."""

    def act(connection: Connection) -> None:
        if not end_sessions(book, connection, who.id, at, people_sessions.c.id == session):
            raise PolicyError(f"you have no open session {session[:40]!r}", "take one from the list of your sessions")

    book.state.write(act)


def end_others(book: Book, session: Session, at: datetime) -> int:
    """End all of a person's sessions but the one that asks, and say how many."""
    others = people_sessions.c.id != session.id
    return book.state.write(lambda connection: end_sessions(book, connection, session.person.id, at, others))


def csrf(token: str) -> str:
    """Return the token that forms of a session carry: an HMAC under the session's own, so that it ends with it."""
    return hmac.new(token.encode("utf-8", "replace"), b"bimetal csrf", "sha256").hexdigest()


def csrf_holds(token: str, given: str) -> bool:
    """Say whether a form came from the session's own pages.

    >>> csrf_holds("bs_one", csrf("bs_one")), csrf_holds("bs_one", csrf("bs_two")), csrf_holds("bs_one", "")
    (True, False, False)
    """
    return hmac.compare_digest(csrf(token).encode(), given[:200].encode("utf-8", "replace"))


def _held(row: Mapping[Any, Any], key: bytes | None) -> Held:
    name = sealing.unseal(key, row["device"], f"{row['id']}:device")["device"] if key else ""
    expires = min(row["expires"], row["seen"] + IDLE)
    return Held(row["id"], name, row["at"], row["seen"], expires, row["ended"])


def _plain(text: str) -> str:
    return "".join(each for each in text[:200] if each.isprintable())

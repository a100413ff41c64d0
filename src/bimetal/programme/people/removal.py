"""Removing a person: the key to the name is destroyed, the pseudonym and all work stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bimetal.programme.people import sealing
from bimetal.programme.people.accounts import Book, Person, keep_an_admin, present
from bimetal.programme.people.credentials import login_target
from bimetal.programme.people.ending import end_sessions, end_tokens
from bimetal.programme.people.links import end_links
from bimetal.programme.people.roles import require
from bimetal.programme.people.throttle import forgive
from bimetal.store.schema import people, people_keys, people_lookups

_PATIENCE = 300  # milliseconds to wait for readers: writers wait as long


def remove(book: Book, by: Person, reference: str, at: datetime) -> bool:
    """Destroy the key to a person's name and e-mail, with the password and what found the account; end all access.

    Annotations, qualifications and log entries stay under the pseudonym. Says whether the old pages are gone from the
    disk already, see `scrub`. Raises PolicyError for the last admin.
    """
    require(by.role, "remove")

    def act(connection: Connection) -> None:
        who = present(connection, reference)
        keep_an_admin(connection, who)
        sealing.overwrite_deleted(connection)
        for end in (end_sessions, end_tokens):
            end(book, connection, who.id, at)
        end_links(connection, who.id, at)
        forgive(connection, login_target(connection, who.id), at)
        connection.execute(people_lookups.delete().where(people_lookups.c.person == who.id))
        connection.execute(people_keys.delete().where(people_keys.c.person == who.id))
        gone = {"sealed": None, "password": None, "removed": at}
        connection.execute(people.update().where(people.c.id == who.id).values(**gone))
        book.log.append(connection, at=at, actor=by.id, action="person.removed", subject=who.id, body={})

    book.state.write(act)
    return scrub(book)


def scrub(book: Book) -> bool:
    """Empty SQLite's write-ahead log, which holds pages as they were; says False where a reader still needs them.

    Call it at start and where `remove` said False. On PostgreSQL run VACUUM FULL on the people tables instead.
    """
    with book.state.read() as connection:
        if connection.dialect.name != "sqlite":
            return False
        raw = connection.connection.driver_connection
        assert raw is not None, "a connection that was lent is open"
        (patience,) = raw.execute("PRAGMA busy_timeout").fetchone()
        raw.execute(f"PRAGMA busy_timeout={_PATIENCE}")
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        raw.execute(f"PRAGMA busy_timeout={patience}")
        return not busy

"""What a person holds open - sessions, API tokens - brought to its end, one entry in the log for all of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sql
from sqlalchemy import ColumnElement, Connection

from bimetal.programme.people.accounts import Book
from bimetal.store.schema import people_sessions, people_tokens

CALLED = {people_sessions: "session", people_tokens: "token"}


def end_sessions(
    book: Book, connection: Connection, reference: str, at: datetime, which: ColumnElement[bool] | None = None
) -> int:
    """End those of a person's open sessions that `which` picks, or all, inside a transaction; say how many."""
    return _end(book, connection, people_sessions, reference, at, which)


def end_tokens(
    book: Book, connection: Connection, reference: str, at: datetime, which: ColumnElement[bool] | None = None
) -> int:
    """End those of a person's open tokens that `which` picks, or all, inside a transaction; say how many."""
    return _end(book, connection, people_tokens, reference, at, which)


def _end(
    book: Book,
    connection: Connection,
    held: sql.Table,
    reference: str,
    at: datetime,
    which: ColumnElement[bool] | None,
) -> int:
    mine = (held.c.person == reference) & held.c.ended.is_(None)
    mine = mine if which is None else mine & which
    ended = list(connection.execute(sql.select(held.c.id).where(mine)).scalars())
    if ended:
        connection.execute(held.update().where(mine).values(ended=at))
        name = CALLED[held]
        body = {f"{name}s": sorted(ended)}
        book.log.append(connection, at=at, actor=reference, action=f"{name}.ended", subject=reference, body=body)
    return len(ended)

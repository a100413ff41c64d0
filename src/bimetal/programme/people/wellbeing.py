"""Well-being: content warnings a person accepted, and a cap on harmful items a day, counted by the server."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people.accounts import Book, Person, present
from bimetal.programme.people.roles import require
from bimetal.store.schema import people, people_exposures, people_warnings

DAY = timedelta(hours=24)  # by whole hours, wherever the person's midnight is

# Leases ask these, so they are spelled once.
_CAP = sql.select(people.c.harm_cap).where(people.c.id == sql.bindparam("who"))
_SEEN = sql.select(sql.func.sum(people_exposures.c.seen)).where(
    people_exposures.c.person == sql.bindparam("who"), people_exposures.c.hour > sql.bindparam("since")
)


class NotAcceptedError(PolicyError):
    """An item stands behind a content warning, `warning`, that the person did not accept."""

    def __init__(self, warning: str) -> None:
        super().__init__(
            f"the content warning {warning!r} was not accepted", "read and accept it, or go on with other items"
        )
        self.warning = warning


def accept_warning(book: Book, by: Person, warning: str, at: datetime) -> None:
    """Record that a person read a content warning and goes on, by the warning's name; again changes nothing."""
    if not 1 <= len(warning) <= 100 or not warning.isprintable():
        raise InputError(f"{warning[:60]!r} names no content warning", "use 1 to 100 characters")

    def act(connection: Connection) -> None:
        who = present(connection, by.id)
        if not has_accepted(connection, who.id, warning):
            connection.execute(people_warnings.insert(), {"person": who.id, "warning": warning, "at": at})
            body = {"warning": warning}
            book.log.append(connection, at=at, actor=who.id, action="warning.accepted", subject=who.id, body=body)

    book.state.write(act)


def withdraw_warning(book: Book, by: Person, warning: str, at: datetime) -> None:
    """Take a consent back: no such item is shown any more until the warning is accepted again."""

    def act(connection: Connection) -> None:
        own = (people_warnings.c.person == by.id) & (people_warnings.c.warning == warning)
        if connection.execute(people_warnings.delete().where(own)).rowcount:
            body = {"warning": warning}
            book.log.append(connection, at=at, actor=by.id, action="warning.withdrawn", subject=by.id, body=body)

    book.state.write(act)


def warnings(book: Book, who: Person) -> dict[str, datetime]:
    """List the content warnings a person accepted, with when."""
    own = people_warnings.select().where(people_warnings.c.person == who.id).order_by(people_warnings.c.at)
    with book.state.read() as connection:
        return {row["warning"]: row["at"] for row in connection.execute(own).mappings()}


def has_accepted(connection: Connection, reference: str, warning: str) -> bool:
    """Say whether a person accepted a content warning."""
    own = (people_warnings.c.person == reference) & (people_warnings.c.warning == warning)
    return connection.execute(sql.select(people_warnings.c.at).where(own)).scalar() is not None


def set_cap(book: Book, by: Person, reference: str, cap: int, at: datetime) -> None:
    """Set how many harmful items a person sees in a day; 0 shows none. A lead or admin may, for others."""
    if by.id != reference:
        require(by.role, "set cap")
    if not 0 <= cap <= 10_000:
        raise InputError(f"the cap is {cap}", "choose 0 to 10000")

    def act(connection: Connection) -> None:
        who = present(connection, reference)
        known = _cap(connection, who.id)
        if by.id == reference and cap > known:
            raise PolicyError("one may lower the own cap, not raise it", "ask a lead")
        connection.execute(people.update().where(people.c.id == who.id).values(harm_cap=cap))
        body = {"from": known, "to": cap}
        book.log.append(connection, at=at, actor=by.id, action="cap.changed", subject=who.id, body=body)

    book.state.write(act)


def cap(book: Book, reference: str) -> int:
    """Say how many harmful items a person sees in a day at most."""
    with book.state.read() as connection:
        return _cap(connection, reference)


def allowance(book: Book, reference: str, at: datetime) -> int:
    """Say how many more harmful items a person may see now: the cap less those of the last 24 hours."""
    with book.state.read() as connection:
        return left(connection, reference, at)


def left(connection: Connection, reference: str, at: datetime) -> int:
    """Say the same inside a transaction."""
    seen = connection.execute(_SEEN, {"who": reference, "since": _hour(at) - DAY}).scalar() or 0
    return max(0, _cap(connection, reference) - int(seen))


def expose(connection: Connection, reference: str, warning: str, at: datetime) -> None:
    """Count one harmful item for a person in the transaction that leases it.

    Raises PolicyError where the warning was not accepted or the day's cap is reached.
    """
    if not has_accepted(connection, reference, warning):
        raise NotAcceptedError(warning)
    if left(connection, reference, at) <= 0:
        raise PolicyError("the day's cap for harmful items is reached", "go on with other items, or rest")
    same = (people_exposures.c.person == reference) & (people_exposures.c.hour == _hour(at))
    more = people_exposures.update().where(same).values(seen=people_exposures.c.seen + 1)
    if not connection.execute(more).rowcount:
        connection.execute(people_exposures.insert(), {"person": reference, "hour": _hour(at), "seen": 1})


def _cap(connection: Connection, reference: str) -> int:
    cap: int | None = connection.execute(_CAP, {"who": reference}).scalar()
    if cap is None:
        raise InputError(f"nobody has the pseudonym {reference[:60]!r}", "take one from the list of people")
    return cap


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)

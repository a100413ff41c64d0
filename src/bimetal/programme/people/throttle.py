"""Limits on guessing: each attempt is counted before it is tried, and waits double with every failure."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import PolicyError
from bimetal.programme.people import sealing
from bimetal.programme.people.accounts import Book
from bimetal.store.schema import people_attempts

FREE = {"account": 5, "address": 20}
"""Attempts without a wait; an address may hide many people."""

LONGEST = timedelta(minutes=15)
QUIET = timedelta(days=1)
"""After so long without an attempt the count begins anew."""


class TooManyError(PolicyError):
    """Too many attempts were made; `seconds` is how long to wait before the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts, the next in {seconds} s", "wait, then try again")
        self.seconds = seconds


@dataclass(frozen=True)
class Target:
    """What is guessed at or from: an account's name or an address."""

    kind: str
    word: str


def account(login: str) -> Target:
    """Name the account that is guessed at, whether it exists or not."""
    return Target("account", login)


def address(text: str) -> Target:
    """Name where attempts come from; an IPv6 network of 64 bits counts as one.

    >>> address("2001:db8::1") == address("2001:db8::2"), address("192.0.2.1").word
    (True, '192.0.2.1')
    """
    try:
        known = ipaddress.ip_address(text)
    except ValueError:
        return Target("address", text[:64].encode("utf-8", "replace").decode())
    if known.version == 4:
        return Target("address", str(known))
    return Target("address", str(ipaddress.ip_network((known, 64), strict=False)))


def delay(kind: str, failures: int) -> timedelta:
    """Return how long to wait after so many failures.

    >>> [delay("account", n).total_seconds() for n in (5, 6, 7, 12, 90)]
    [0.0, 2.0, 4.0, 128.0, 900.0]
    """
    over = failures - FREE[kind]
    return timedelta() if over <= 0 else min(timedelta(seconds=2 ** min(over, 20)), LONGEST)


def waiting(book: Book, targets: list[Target], at: datetime) -> timedelta:
    """Say how long until these may be tried again; zero is now."""
    with book.state.read() as connection:
        return max(timedelta(), _left(connection, targets, at))


def reserve(connection: Connection, targets: list[Target], at: datetime) -> None:
    """Count an attempt as failed before it is tried, so that many at once count too; raises TooManyError."""
    sealing.make_secret(connection)
    left = _left(connection, targets, at)
    if left > timedelta():
        raise TooManyError(math.ceil(left.total_seconds()))
    connection.execute(people_attempts.delete().where(people_attempts.c.at < at - QUIET))
    for target in targets:
        key = _key(connection, target)
        same = people_attempts.c.key == key
        failures = 1 + (connection.execute(sql.select(people_attempts.c.failures).where(same)).scalar() or 0)
        connection.execute(people_attempts.delete().where(same))
        row = {"key": key, "failures": failures, "at": at, "until": _until(at, delay(target.kind, failures))}
        connection.execute(people_attempts.insert(), row)


def forgive(connection: Connection, targets: list[Target], at: datetime) -> None:
    """Take back an attempt that succeeded: an account begins anew, an address is given back this one alone."""
    for target in targets:
        same = people_attempts.c.key == _key(connection, target)
        if target.kind == "account":
            connection.execute(people_attempts.delete().where(same))
        else:
            fewer = people_attempts.c.failures - 1
            connection.execute(
                people_attempts.update().where(same).values(failures=fewer, until=_until(at, timedelta()))
            )


def _until(at: datetime, wait: timedelta) -> datetime:
    return at + wait if wait else at - LONGEST  # requests at once see clocks a little apart: no wait is long over


def _left(connection: Connection, targets: list[Target], at: datetime) -> timedelta:
    keys = [_key(connection, target) for target in targets]
    latest = sql.select(sql.func.max(people_attempts.c.until)).where(people_attempts.c.key.in_(keys))
    until: datetime | None = connection.execute(latest).scalar()
    return timedelta() if until is None else until - at


def _key(connection: Connection, target: Target) -> bytes:
    return sealing.lookup(connection, target.kind, target.word)

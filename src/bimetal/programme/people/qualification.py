"""Qualification: who may judge what, in which language, since when, on which test, until when."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sql
from sqlalchemy import ColumnElement, Connection

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people.accounts import Book, Person, present
from bimetal.programme.people.roles import may, require
from bimetal.store.schema import people_qualifications, rfc3339

if TYPE_CHECKING:
    from bimetal.canonical import Json

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

# Every lease asks this, so it is spelled once.
_QUALIFIED = (
    sql.select(people_qualifications.c.id)
    .where(
        people_qualifications.c.person == sql.bindparam("who"),
        people_qualifications.c.task == sql.bindparam("what"),
        people_qualifications.c.language == sql.bindparam("spoken"),
        people_qualifications.c.since <= sql.bindparam("now"),
        people_qualifications.c.until > sql.bindparam("now"),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Qualification:
    """That a person may judge a task in a language (BCP 47), shown on a test, from `since` up to `until`."""

    person: str
    task: str
    language: str
    test: str
    since: datetime
    until: datetime


def qualify(book: Book, by: Person, wanted: Qualification, at: datetime) -> None:
    """Record that a person qualified.

    Raises PolicyError where somebody qualifies themselves or the person answers no items, InputError for a faulty
    record.
    """
    require(by.role, "qualify")
    if by.id == wanted.person:
        raise PolicyError("nobody qualifies themselves", "ask another lead")
    _check(wanted)

    def act(connection: Connection) -> None:
        who = present(connection, wanted.person)
        if not may(who.role, "answer"):
            raise PolicyError(f"{who.id} is {who.role}, who answers no items", "change the role first")
        connection.execute(people_qualifications.insert(), {**asdict(wanted), "by": by.id})
        _enter(book, connection, by, "person.qualified", wanted, at)

    book.state.write(act)


def end_qualification(book: Book, by: Person, reference: str, task: str, language: str, at: datetime) -> int:
    """End what a person may judge now, say after a failed gold panel, and say how many records ended."""
    require(by.role, "qualify")

    def act(connection: Connection) -> int:
        held = _held(connection, _matching(reference, task, language, at))
        change = people_qualifications.update().where(_matching(reference, task, language, at))
        connection.execute(change.values(until=at))
        for each in held:
            _enter(book, connection, by, "qualification.ended", each, at)
        return len(held)

    return book.state.write(act)


def qualified(book: Book, reference: str, task: str, language: str, at: datetime) -> bool:
    """Say whether a person may judge a task in a language at a moment."""
    with book.state.read() as connection:
        return is_qualified(connection, reference, task, language, at)


def is_qualified(connection: Connection, reference: str, task: str, language: str, at: datetime) -> bool:
    """Say the same inside a transaction, such as the one that leases an item."""
    asked = {"who": reference, "what": task, "spoken": language.casefold(), "now": at}
    return connection.execute(_QUALIFIED, asked).scalar() is not None


def qualifications(book: Book, reference: str) -> list[Qualification]:
    """List every qualification a person has or had, oldest first."""
    with book.state.read() as connection:
        return _held(connection, people_qualifications.c.person == reference)


def _matching(reference: str, task: str, language: str, at: datetime) -> ColumnElement[bool]:
    columns = people_qualifications.c
    same = (columns.person == reference) & (columns.task == task) & (columns.language == language.casefold())
    return same & (columns.since <= at) & (columns.until > at)


def _held(connection: Connection, which: ColumnElement[bool]) -> list[Qualification]:
    query = people_qualifications.select().where(which).order_by(people_qualifications.c.id)
    names = Qualification.__dataclass_fields__
    return [Qualification(**{name: row[name] for name in names}) for row in connection.execute(query).mappings()]


def _check(wanted: Qualification) -> None:
    for name in ("task", "test"):
        text = getattr(wanted, name)
        if not 1 <= len(text.strip()) <= 200 or not text.isprintable():
            raise InputError(f"the {name} of the qualification is {text[:60]!r}", "name it in 1 to 200 characters")
    if not _LANGUAGE.fullmatch(wanted.language) or wanted.language != wanted.language.casefold():
        raise InputError(f"language {wanted.language[:60]!r} is no BCP 47 tag in small letters", "such as th or pt-br")
    if wanted.until <= wanted.since:
        raise InputError("the qualification ends before it begins", "give an end after the beginning")


def _enter(book: Book, connection: Connection, by: Person, action: str, held: Qualification, at: datetime) -> None:
    body: dict[str, Json] = {"task": held.task, "language": held.language, "test": held.test}
    body |= {"since": rfc3339(held.since), "until": rfc3339(held.until)}
    book.log.append(connection, at=at, actor=by.id, action=action, subject=held.person, body=body)

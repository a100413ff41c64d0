"""What is measured about a person, said plainly, and the person's own record to take away."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Table

from bimetal.programme.people.accounts import Book, Person, opened, person_of
from bimetal.programme.people.api_tokens import tokens
from bimetal.programme.people.qualification import qualifications
from bimetal.programme.people.roles import require
from bimetal.programme.people.session import Held, sessions
from bimetal.store import schema
from bimetal.store.schema import rfc3339

if TYPE_CHECKING:
    from bimetal.canonical import Json


class Measured(NamedTuple):
    """One thing that is kept about a person: what, why, who sees it, how long it stays."""

    what: str
    why: str
    seen_by: str
    stays: str


NOTICE = (
    Measured(
        "your user name, name and e-mail address",
        "so that you can log in, and leads know whom they work with",
        "you, leads and admins; everybody else sees a pseudonym",
        "encrypted with a key of your own, which is destroyed when you are removed",
    ),
    Measured(
        "your answers and skips, with your comments, under the pseudonym",
        "they are the work",
        "you, leads and auditors; other annotators not before they have answered",
        "as long as the data; your name does not",
    ),
    Measured(
        "the seconds you actively spend on an item",
        "to know what a label costs, and to find guidelines that are hard to follow",
        "you and leads; never used to measure breaks: the timer stops when you do",
        "with the answer",
    ),
    Measured(
        "how your answers to items with a known answer, and to those others judged, agree with them",
        "to calibrate people and to stop where an item is ambiguous",
        "you and leads",
        "with the answers",
    ),
    Measured(
        "what you are qualified for, on which test, since and until when",
        "so that nobody is asked to judge what they were not trained for",
        "you, leads, auditors",
        "as long as the data, under the pseudonym",
    ),
    Measured(
        "how many harmful items you saw in each hour, and which content warnings you accepted",
        "to stop at your daily cap",
        "you and leads",
        "under the pseudonym",
    ),
    Measured(
        "your sessions: when they began, were last used and ended, and what your browser calls itself",
        "so that you can end one that is not yours",
        "you",
        "90 days after the end; the browser's name goes with your name",
    ),
    Measured(
        "failed logins, counted by account and address under a keyed hash",
        "to slow down guessing",
        "nobody",
        "one day",
    ),
    Measured(
        "that you did an act that changes something, and when, under the pseudonym",
        "an auditor can check that nothing was altered",
        "you and auditors",
        "for good, in a log that holds no name",
    ),
)
"""The notice every person is shown before the first item."""


def export(book: Book, by: Person, reference: str, at: datetime) -> dict[str, Json]:
    """Return a person's own record as JSON, to that person or, asked on their behalf, to an admin; the log notes it.

    `commitment` opens the log's: SHA-256 over the salt's bytes and the canonical JSON of the profile.
    """
    if by.id != reference:
        require(by.role, "remove")  # who may erase a record may hand it out

    def noted(connection: Connection) -> None:
        who = person_of(connection, reference)
        book.log.append(connection, at=at, actor=by.id, action="record.exported", subject=who.id, body={})

    book.state.write(noted)
    with book.state.read() as connection:
        who, words = person_of(connection, reference), opened(connection, reference)
        rows = {
            "answers": _rows(connection, schema.annotations, "annotator", who.id),
            "harmful items": _rows(connection, schema.people_exposures, "person", who.id),
            "warnings accepted": _rows(connection, schema.people_warnings, "person", who.id),
            "ways in": [{"kind": each["kind"]} for each in _rows(connection, schema.people_lookups, "person", who.id)],
        }
    personal = dict(words or {})
    salt = personal.pop("salt", None)
    account = {"pseudonym": who.id, "role": who.role, "joined": _spelled(who.at), "removed": _spelled(who.removed)}
    return {
        "account": {**account, "profile": personal or None, "commitment": {"salt": salt}},
        "sessions": [_plain(each) for each in sessions(book, who)],
        "tokens": [_plain(each) for each in tokens(book, who)],
        "qualifications": [_dated(asdict(each)) for each in qualifications(book, who.id)],
        **rows,
        "log": [
            {"seq": each.seq, "at": _spelled(each.at), "action": each.action, "body": each.body}
            for each in book.log.entries()
            if who.id in {each.actor, each.subject}
        ],
    }


def _rows(connection: Connection, table: Table, column: str, reference: str) -> list[dict[str, Json]]:
    found = connection.execute(table.select().where(table.c[column] == reference)).mappings()
    return [_dated({str(name): value for name, value in row.items()}) for row in found]


def _plain(held: Held) -> dict[str, Json]:
    return _dated(asdict(held))


def _dated(row: dict[str, object]) -> dict[str, Json]:
    return {
        name: _spelled(value) if isinstance(value, datetime) else value  # type: ignore[misc]  # SQL columns are JSON values
        for name, value in row.items()
        if not isinstance(value, bytes)
    }


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)

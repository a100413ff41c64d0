"""SQL tables of a programme's state, the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Column, Float, LargeBinary, MetaData, Table, Text

from bimetal.errors import InputError

VERSION = "0001"
"""The newest migration; opening a database that is older runs those it lacks."""


class Moment(sql.TypeDecorator[datetime]):
    """A point in time, kept as RFC 3339 text in UTC, which sorts as it reads."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Any) -> str | None:
        return None if value is None else rfc3339(value)

    def process_result_value(self, value: str | None, _: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def rfc3339(at: datetime) -> str:
    """Spell a moment in UTC to the microsecond; raises InputError where it has no time zone.

    >>> rfc3339(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '2026-03-01T09:30:00.000000Z'
    """
    if at.tzinfo is None:
        raise InputError(f"{at.isoformat()} has no time zone", "pass an aware datetime, such as one in UTC")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# SQLite counts rows only in a column declared INTEGER, PostgreSQL wants BIGINT to count far.
Whole = sql.BigInteger().with_variant(sql.Integer, "sqlite")

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Whole, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("rows", Whole, nullable=False),
    Column("at", Moment, nullable=False),
    Column("details", Text, nullable=False, server_default="{}"),
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("item", Text, primary_key=True),
    Column("dataset", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("probability", Float(53), nullable=False),
    Column("round", Whole, nullable=False),
    Column("at", Moment, nullable=False),
)

annotations = Table(
    "annotations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("item", Text, nullable=False, index=True),
    Column("annotator", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("value", Text),
    Column("status", Text, nullable=False, server_default="submitted"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("seconds", Float(53), nullable=False, server_default="0"),
    Column("round", Whole, nullable=False, server_default="1"),
    Column("guideline", Whole, nullable=False, server_default="1"),
    Column("suggestion", Text),
    Column("comment", Text, nullable=False, server_default=""),
    Column("at", Moment, nullable=False),
)

version = Table("alembic_version", MetaData(), Column("version_num", sql.String(32), primary_key=True))
"""The table alembic keeps its place in."""

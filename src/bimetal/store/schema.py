"""SQL tables of a programme's state, the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Column, Float, LargeBinary, MetaData, Table, Text

from bimetal.errors import InputError

VERSION = "0004"
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

jobs = Table(
    "jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("dataset", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

guidelines = Table(
    "guidelines",
    metadata,
    Column("job", Text, primary_key=True),
    Column("version", Whole, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("author", Text, nullable=False),
    Column("body", Text, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("job", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("place", Whole, nullable=False),
    Column("rank", Float(53), nullable=False),  # the priority turned about, so that one index reads onwards
    Column("reason", Text, nullable=False),
    Column("probability", Float(53), nullable=False),
    Column("language", Text, nullable=False),
    Column("gold", Whole, nullable=False),
    Column("round", Whole, nullable=False),
    Column("state", Text, nullable=False),
    Column("open", Whole, nullable=False),  # 1 where a place is free
    Column("wanted", Whole, nullable=False),
    Column("given", Whole, nullable=False),
    Column("skipped", Whole, nullable=False),
    Column("held", Whole, nullable=False),
    Column("at", Moment, nullable=False),
    Column("known", Text),  # gold's answer, which no rater's request returns
    Column("suggestion", Text),
    Column("warning", Text, nullable=False, server_default=""),
    sql.Index("ix_items_next", "job", "gold", "language", "open", "rank", "place"),
    sql.Index("ix_items_item", "item"),
)

leases = Table(
    "leases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("job", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("round", Whole, nullable=False),
    Column("state", Text, nullable=False),
    Column("guideline", Whole, nullable=False),
    Column("suggest", Whole, nullable=False),
    Column("looked", Whole, nullable=False),
    Column("draft", Text),
    Column("expires", Moment),  # null where no place is held
    Column("at", Moment, nullable=False),
    sql.Index("ix_leases_item", "job", "item", "person", "round", unique=True),
    sql.Index("ix_leases_person", "person", "job", "state", "at"),
    sql.Index("ix_leases_expires", "expires"),
)

paths = Table(
    "paths",
    metadata,
    Column("job", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("gold", Whole, primary_key=True),
    Column("asked", Whole, nullable=False),
    Column("rank", Float(53), nullable=False),
    Column("place", Whole, nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("job", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("number", Whole, nullable=False),
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
    Column("job", Text, nullable=False, server_default=""),
    Column("revision", Whole, nullable=False, server_default="1"),
    Column("standing", Whole, nullable=False, server_default="1"),  # 1 for the annotator's word of the item's round
    Column("key", Text),
    sql.Index("ix_annotations_job_item", "job", "item"),
    sql.Index("ix_annotations_key", "annotator", "key", unique=True),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("password", Text),
    Column("harm_cap", Whole, nullable=False),
    Column("at", Moment, nullable=False),
    Column("removed", Moment),
)

people_keys = Table(
    "people_keys",
    metadata,
    Column("person", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

people_lookups = Table(
    "people_lookups",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person", Text, nullable=False, index=True),
)

people_secrets = Table(
    "people_secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

people_links = Table(
    "people_links",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("person", Text, index=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("ended", Moment),
)

people_sessions = Table(
    "people_sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, nullable=False, index=True),
    Column("device", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("ended", Moment),
)

people_tokens = Table(
    "people_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, nullable=False, index=True),
    Column("name", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("used", Moment),
    Column("expires", Moment, nullable=False),
    Column("ended", Moment),
)

people_attempts = Table(
    "people_attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Whole, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("until", Moment, nullable=False),
)

people_qualifications = Table(
    "people_qualifications",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("task", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("test", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)

people_warnings = Table(
    "people_warnings",
    metadata,
    Column("person", Text, primary_key=True),
    Column("warning", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

people_exposures = Table(
    "people_exposures",
    metadata,
    Column("person", Text, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("seen", Whole, nullable=False),
)

version = Table("alembic_version", MetaData(), Column("version_num", sql.String(32), primary_key=True))
"""The table alembic keeps its place in."""

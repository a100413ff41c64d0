"""People: accounts, keys, ways to log in, qualification and well-being."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op
from sqlalchemy import Column, LargeBinary, Text

revision = "0003"
down_revision = "0002"

_WHOLE = sql.BigInteger().with_variant(sql.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of the people."""
    _accounts()
    _access()
    _attempts()
    _judging()


def _accounts() -> None:
    op.create_table(
        "people",
        Column("id", Text, primary_key=True),
        Column("role", Text, nullable=False),
        Column("sealed", LargeBinary),
        Column("password", Text),
        Column("harm_cap", _WHOLE, nullable=False),
        Column("at", Text, nullable=False),
        Column("removed", Text),
    )
    op.create_table(
        "people_keys",
        Column("person", Text, primary_key=True),
        Column("key", LargeBinary, nullable=False),
    )
    op.create_table(
        "people_lookups",
        Column("lookup", LargeBinary, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("person", Text, nullable=False),
    )
    op.create_index("ix_people_lookups_person", "people_lookups", ["person"])
    op.create_table(
        "people_secrets",
        Column("name", Text, primary_key=True),
        Column("secret", LargeBinary, nullable=False),
    )


def _access() -> None:
    op.create_table(
        "people_links",
        Column("hash", LargeBinary, primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("kind", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("person", Text),
        Column("by", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("expires", Text, nullable=False),
        Column("ended", Text),
    )
    op.create_index("ix_people_links_person", "people_links", ["person"])
    op.create_table(
        "people_sessions",
        Column("hash", LargeBinary, primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("person", Text, nullable=False),
        Column("device", LargeBinary, nullable=False),
        Column("at", Text, nullable=False),
        Column("seen", Text, nullable=False),
        Column("expires", Text, nullable=False),
        Column("ended", Text),
    )
    op.create_index("ix_people_sessions_person", "people_sessions", ["person"])
    op.create_table(
        "people_tokens",
        Column("hash", LargeBinary, primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("person", Text, nullable=False),
        Column("name", LargeBinary, nullable=False),
        Column("role", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("used", Text),
        Column("expires", Text, nullable=False),
        Column("ended", Text),
    )
    op.create_index("ix_people_tokens_person", "people_tokens", ["person"])


def _attempts() -> None:
    op.create_table(
        "people_attempts",
        Column("key", LargeBinary, primary_key=True),
        Column("failures", _WHOLE, nullable=False),
        Column("at", Text, nullable=False),
        Column("until", Text, nullable=False),
    )
    op.create_index("ix_people_attempts_at", "people_attempts", ["at"])


def _judging() -> None:
    op.create_table(
        "people_qualifications",
        Column("id", _WHOLE, primary_key=True),
        Column("person", Text, nullable=False),
        Column("task", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("test", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("since", Text, nullable=False),
        Column("until", Text, nullable=False),
    )
    op.create_index("ix_people_qualifications_person", "people_qualifications", ["person"])
    op.create_table(
        "people_warnings",
        Column("person", Text, primary_key=True),
        Column("warning", Text, primary_key=True),
        Column("at", Text, nullable=False),
    )
    op.create_table(
        "people_exposures",
        Column("person", Text, primary_key=True),
        Column("hour", Text, primary_key=True),
        Column("seen", _WHOLE, nullable=False),
    )

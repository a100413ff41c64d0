"""Begin: the log, steps, data, and annotation tables."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op
from sqlalchemy import Column, Float, LargeBinary, Text

revision = "0001"
down_revision = None

_WHOLE = sql.BigInteger().with_variant(sql.Integer, "sqlite")


def upgrade() -> None:
    """Create every table of the first version."""
    _log()
    _data()
    _annotation()


def _log() -> None:
    op.create_table(
        "entries",
        Column("seq", _WHOLE, primary_key=True, autoincrement=False),
        Column("leaf", LargeBinary, nullable=False),
        Column("hash", LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        Column("size", _WHOLE, primary_key=True, autoincrement=False),
        Column("note", Text, nullable=False),
    )
    op.create_table(
        "steps",
        Column("key", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("result", Text, nullable=False),
        Column("at", Text, nullable=False),
    )


def _data() -> None:
    op.create_table(
        "datasets",
        Column("id", _WHOLE, primary_key=True),
        Column("name", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("licence", Text, nullable=False),
        Column("rows", _WHOLE, nullable=False),
        Column("at", Text, nullable=False),
        Column("details", Text, nullable=False, server_default="{}"),
    )
    op.create_table(
        "sources",
        Column("name", Text, primary_key=True),
        Column("body", Text, nullable=False),
        Column("at", Text, nullable=False),
    )


def _annotation() -> None:
    op.create_table(
        "queue",
        Column("item", Text, primary_key=True),
        Column("dataset", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("probability", Float(53), nullable=False),
        Column("round", _WHOLE, nullable=False),
        Column("at", Text, nullable=False),
    )
    op.create_index("ix_queue_dataset", "queue", ["dataset"])
    op.create_table(
        "annotations",
        Column("id", Text, primary_key=True),
        Column("item", Text, nullable=False),
        Column("annotator", Text, nullable=False),
        Column("actor_kind", Text, nullable=False),
        Column("value", Text),
        Column("status", Text, nullable=False, server_default="submitted"),
        Column("reason", Text, nullable=False, server_default=""),
        Column("seconds", Float(53), nullable=False, server_default="0"),
        Column("round", _WHOLE, nullable=False, server_default="1"),
        Column("guideline", _WHOLE, nullable=False, server_default="1"),
        Column("suggestion", Text),
        Column("comment", Text, nullable=False, server_default=""),
        Column("at", Text, nullable=False),
    )
    op.create_index("ix_annotations_item", "annotations", ["item"])

"""Guidelines: every version of a job's sheet; an item's known answer, suggestion and content warning."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op
from sqlalchemy import Column, Text

revision = "0004"
down_revision = "0003"

_WHOLE = sql.BigInteger().with_variant(sql.Integer, "sqlite")


def upgrade() -> None:
    """Make the table of guidelines and widen the items."""
    op.create_table(
        "guidelines",
        Column("job", Text, primary_key=True),
        Column("version", _WHOLE, primary_key=True, autoincrement=False),
        Column("at", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("body", Text, nullable=False),
    )
    op.add_column("items", Column("known", Text))
    op.add_column("items", Column("suggestion", Text))
    op.add_column("items", Column("warning", Text, nullable=False, server_default=""))

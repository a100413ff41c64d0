"""Queue: jobs, items, leases and revisions of answers in place of one list of items."""

from __future__ import annotations

import json

import sqlalchemy as sql
from alembic import op
from sqlalchemy import Column, Float, Text

revision = "0002"
down_revision = "0001"

_WHOLE = sql.BigInteger().with_variant(sql.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of the queue and carry over what was queued and answered."""
    _jobs()
    _leases()
    _annotations()
    _carry_over()
    op.drop_index("ix_queue_dataset", "queue")
    op.drop_table("queue")


def _jobs() -> None:
    op.create_table(
        "jobs",
        Column("name", Text, primary_key=True),
        Column("dataset", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("at", Text, nullable=False),
    )
    op.create_index("ix_jobs_dataset", "jobs", ["dataset"])
    op.create_table(
        "items",
        Column("job", Text, primary_key=True),
        Column("item", Text, primary_key=True),
        Column("place", _WHOLE, nullable=False),
        Column("rank", Float(53), nullable=False),
        Column("reason", Text, nullable=False),
        Column("probability", Float(53), nullable=False),
        Column("language", Text, nullable=False),
        *(Column(name, _WHOLE, nullable=False) for name in ("gold", "round")),
        Column("state", Text, nullable=False),
        *(Column(name, _WHOLE, nullable=False) for name in ("open", "wanted", "given", "skipped", "held")),
        Column("at", Text, nullable=False),
    )
    op.create_index("ix_items_next", "items", ["job", "gold", "language", "open", "rank", "place"])
    op.create_index("ix_items_item", "items", ["item"])


def _leases() -> None:
    op.create_table(
        "leases",
        Column("id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("job", "item", "person")),
        Column("round", _WHOLE, nullable=False),
        Column("state", Text, nullable=False),
        *(Column(name, _WHOLE, nullable=False) for name in ("guideline", "suggest", "looked")),
        Column("draft", Text),
        Column("expires", Text),
        Column("at", Text, nullable=False),
    )
    op.create_index("ix_leases_item", "leases", ["job", "item", "person", "round"], unique=True)
    op.create_index("ix_leases_person", "leases", ["person", "job", "state", "at"])
    op.create_index("ix_leases_expires", "leases", ["expires"])
    op.create_table(
        "paths",
        *(Column(name, Text, primary_key=True) for name in ("job", "person", "language")),
        Column("gold", _WHOLE, primary_key=True),
        Column("asked", _WHOLE, nullable=False),
        Column("rank", Float(53), nullable=False),
        Column("place", _WHOLE, nullable=False),
    )
    op.create_table(
        "tallies",
        *(Column(name, Text, primary_key=True) for name in ("job", "language", "state")),
        Column("number", _WHOLE, nullable=False),
    )


def _annotations() -> None:
    op.add_column("annotations", Column("job", Text, nullable=False, server_default=""))
    op.add_column("annotations", Column("revision", _WHOLE, nullable=False, server_default="1"))
    op.add_column("annotations", Column("standing", _WHOLE, nullable=False, server_default="1"))
    op.add_column("annotations", Column("key", Text))
    op.create_index("ix_annotations_job_item", "annotations", ["job", "item"])
    op.create_index("ix_annotations_key", "annotations", ["annotator", "key"], unique=True)


def _carry_over() -> None:
    """Make each dataset's list a job of its name; who answered an item before is not asked again."""
    connection = op.get_bind()
    for statement in (_JOB_OF_ANSWERS, _LATER_ONES_STAND, _REVISIONS):
        connection.execute(sql.text(statement))
    for dataset, at, raters in connection.execute(sql.text(_LISTS)).all():
        body = json.dumps({"name": dataset, "dataset": dataset, "raters": raters, "extra": 0, "agreement": 0.5})
        job = {"name": dataset, "body": body, "at": at}
        connection.execute(sql.text("INSERT INTO jobs VALUES (:name, :name, :body, :at)"), job)
        connection.execute(sql.text(_ITEMS), {"name": dataset, "raters": raters})
    for statement in (_LEASES, _TALLIES):
        connection.execute(sql.text(statement))


_JOB_OF_ANSWERS = """
UPDATE annotations SET job = (SELECT dataset FROM queue WHERE queue.item = annotations.item)
WHERE item IN (SELECT item FROM queue)
"""

_LATER_ONES_STAND = """
UPDATE annotations SET standing = 0 WHERE EXISTS (
    SELECT 1 FROM annotations AS later
    WHERE later.item = annotations.item AND later.annotator = annotations.annotator
    AND (later.at > annotations.at OR (later.at = annotations.at AND later.id > annotations.id))
)
"""

_REVISIONS = """
UPDATE annotations SET revision = 1 + (
    SELECT count(*) FROM annotations AS earlier
    WHERE earlier.item = annotations.item AND earlier.annotator = annotations.annotator
    AND (earlier.at < annotations.at OR (earlier.at = annotations.at AND earlier.id < annotations.id))
)
"""

# How many raters an item wanted was not kept: where nobody answered yet it is the usual three.
_LISTS = """
SELECT dataset, min(at), coalesce(max(answers), 3) FROM queue LEFT JOIN (
    SELECT item, count(*) AS answers FROM annotations WHERE standing = 1 GROUP BY item
) AS answered ON answered.item = queue.item GROUP BY dataset
"""

_ITEMS = """
INSERT INTO items
SELECT dataset, item, row_number() OVER (ORDER BY item), 0, reason, probability, '', 0, round,
    CASE WHEN given + skipped < :raters THEN 'open' ELSE 'resolved' END,
    CASE WHEN given + skipped < :raters THEN 1 ELSE 0 END, CAST(:raters AS INTEGER), given, skipped, 0, at
FROM (
    SELECT queue.*,
        (SELECT count(*) FROM annotations
         WHERE annotations.item = queue.item AND standing = 1 AND status = 'submitted') AS given,
        (SELECT count(*) FROM annotations
         WHERE annotations.item = queue.item AND standing = 1 AND status <> 'submitted') AS skipped
    FROM queue WHERE dataset = :name
) AS counted
"""

_LEASES = """
INSERT INTO leases
SELECT id, job, item, annotator, (SELECT round FROM queue WHERE queue.item = annotations.item),
    status, guideline, 0, 0, NULL, NULL, at
FROM annotations WHERE job <> '' AND standing = 1
"""

_TALLIES = "INSERT INTO tallies SELECT job, '', state, count(*) FROM items GROUP BY job, state"

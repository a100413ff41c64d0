"""How many items of a job stand where, by language, kept beside the items so that progress costs no count."""

from __future__ import annotations

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.store import schema
from bimetal.store.statements import Statement

_items, _tallies = schema.items.c, schema.tallies.c


def count(connection: Connection, job: str) -> None:
    """Count a job's items anew; gold is left out, which nobody shall see in a sum."""
    connection.execute(sql.delete(schema.tallies).where(_tallies.job == job))
    counted = (
        sql.select(_items.job, _items.language, _items.state, sql.func.count())
        .where(_items.job == job, _items.gold == 0)
        .group_by(_items.job, _items.language, _items.state)
    )
    connection.execute(sql.insert(schema.tallies).from_select(["job", "language", "state", "number"], counted))


def tally(connection: Connection, job: str, language: str, before: str | None, after: str) -> None:
    """Move one item from a state, or from nowhere, to another."""
    if before == after:
        return
    here = {"in_job": job, "in_language": language}
    if before is not None:
        _MOVE.run(connection, here | {"in_state": before, "by": -1})
    if not _MOVE.run(connection, here | {"in_state": after, "by": 1}):
        connection.execute(_BEGIN, {"job": job, "language": language, "state": after, "number": 1})


_MOVE = Statement(
    sql.update(schema.tallies)
    .where(
        _tallies.job == sql.bindparam("in_job"),
        _tallies.language == sql.bindparam("in_language"),
        _tallies.state == sql.bindparam("in_state"),
    )
    .values(number=_tallies.number + sql.bindparam("by", type_=schema.Whole))
)
_BEGIN = sql.insert(schema.tallies)

"""How far down a job each rater has come, so that the next item is found without passing over those they had."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.store import schema
from bimetal.store.statements import Statement

BEGIN = (-inf, 0)
END = (inf, 0)

_paths = schema.paths.c


def pull_back(
    connection: Connection, job: str, language: str, rank: float, place: int, person: str | None = None
) -> None:
    """Let raters who went past an item, or one of them, look at it again: it has come free, or is new."""
    here = {"in_job": job, "in_language": language, "to_rank": rank, "to_place": place}
    if person is None:
        _ALL_BACK.run(connection, here)
    else:
        _ONE_BACK.run(connection, here | {"who": person})


def begin_again(connection: Connection, job: str) -> None:
    """Let every rater of a job look at it from its first item."""
    connection.execute(sql.update(schema.paths).where(_paths.job == job).values(rank=BEGIN[0], place=BEGIN[1]))


def go_on(connection: Connection, steps: list[Step]) -> None:
    """Keep how far a rater came, and how many items more they were given."""
    for step in steps:
        if not _STEP.run(connection, step._asdict()):
            row = dict(zip(_COLUMNS, step, strict=True))
            connection.execute(sql.insert(schema.paths), row)


class Step(NamedTuple):
    """What a rater was given of one language of a job, gold apart, and the rank and place reached."""

    in_job: str
    who: str
    in_language: str
    of_gold: int
    more: int
    to_rank: float
    to_place: int


_COLUMNS = ("job", "person", "language", "gold", "asked", "rank", "place")
_of_language = sql.and_(_paths.job == sql.bindparam("in_job"), _paths.language == sql.bindparam("in_language"))
_beyond = sql.or_(
    _paths.rank > sql.bindparam("to_rank"),
    sql.and_(_paths.rank == sql.bindparam("to_rank"), _paths.place >= sql.bindparam("to_place")),
)
_back = (
    sql.update(schema.paths)
    .where(_of_language, _beyond)
    .values(rank=sql.bindparam("to_rank"), place=sql.bindparam("to_place", type_=schema.Whole) - 1)
)
_ALL_BACK = Statement(_back)
_ONE_BACK = Statement(_back.where(_paths.person == sql.bindparam("who")))
_STEP = Statement(
    sql.update(schema.paths)
    .where(_of_language, _paths.person == sql.bindparam("who"), _paths.gold == sql.bindparam("of_gold"))
    .values(
        rank=sql.bindparam("to_rank"),
        place=sql.bindparam("to_place"),
        asked=_paths.asked + sql.bindparam("more", type_=schema.Whole),
    )
)

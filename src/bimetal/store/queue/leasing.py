"""Leases given: the next items for a rater, found without passing over those they had or may not have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import Asked, Candidate, Job, Rater, gold_due, pick, suggests
from bimetal.store import schema
from bimetal.store.queue.holding import HOLD, LASTING, Lease, change_held, lease_id, refuse, take_back
from bimetal.store.queue.jobs import read_job
from bimetal.store.queue.paths import BEGIN, Step, go_on
from bimetal.store.statements import Statement

HELD_AT_MOST = 50
"""Items of a job one rater may hold at a time."""

_GOLD_LOOKED_AT = 200  # of which a rater gets some in an order of their own


def lease(
    connection: Connection, rater: Rater, name: str, n: int, at: datetime, lasting: timedelta = LASTING
) -> list[Lease]:
    """Give a rater up to `n` items they have not had, the most urgent first, none that has its raters.

    Fewer come where the job has no more for them, or they hold HELD_AT_MOST. Raises PolicyError where the job does
    not admit them.
    """
    take_back(connection, at)
    job = read_job(connection, name)
    refuse(job, rater)
    n = min(n, HELD_AT_MOST - int(_HELD.scalar(connection, {"who": rater.name, "in_job": name})))
    if n < 1:
        return []
    walks = _walks(connection, job, rater)
    found = {row.item: row for walk in walks for row in _next(connection, job, rater, walk, n)}
    asked = Asked(sum(each.asked for each in walks), sum(each.asked for each in walks if each.gold))
    if job.kind == "calibrate" or gold_due(job, rater, asked.items + n) > asked.gold:
        found |= {row.item: row for row in _gold(connection, job, rater)}
    ahead = [_candidate(row) for row in found.values()]
    chosen = pick(job, rater, asked, ahead, n)
    given = [_lease(job, rater, each, found[each.item], at + lasting) for each in chosen]
    _keep(connection, given, {item: row.id for item, row in found.items()}, at)
    go_on(connection, _steps(job, rater, walks, chosen, Found(ahead, n)))
    return given


class _Walk(NamedTuple):
    language: str
    gold: int
    asked: int
    rank: float
    place: int


class Found(NamedTuple):
    """What was looked at, and how many ordinary items of a language at most."""

    ahead: list[Candidate]
    limit: int


def _walks(connection: Connection, job: Job, rater: Rater) -> list[_Walk]:
    """Say where a rater stands in each language of a job they speak; (language, 1) counts their gold."""
    rows = [_Walk(*row) for row in _WALKS.rows(connection, {"in_job": job.name, "who": rater.name})]
    known = {row.language for row in rows if not row.gold}
    spoken = [row for row in rows if row.gold or rater.speaks(row.language)]
    languages = [each.language for each in _LANGUAGES.rows(connection, {"in_job": job.name})]
    return spoken + [_Walk(each, 0, 0, *BEGIN) for each in languages if each not in known and rater.speaks(each)]


def _next(connection: Connection, job: Job, rater: Rater, walk: _Walk, n: int) -> Sequence[Any]:
    if walk.gold:
        return ()
    here = {"in_job": job.name, "who": rater.name, "in_language": walk.language, "rank": walk.rank, "place": walk.place}
    if job.kind == "adjudicate":
        return _AHEAD_OF_ADJUDICATOR.rows(connection, here | {"parent": job.of, "n": n})
    return _AHEAD.rows(connection, here | {"n": n})


def _gold(connection: Connection, job: Job, rater: Rater) -> Sequence[Any]:
    here = {"in_job": job.name, "who": rater.name, "n": _GOLD_LOOKED_AT}
    languages = [each.language for each in _LANGUAGES_OF_GOLD.rows(connection, {"in_job": job.name})]
    spoken = [here | {"in_language": each} for each in languages if rater.speaks(each)]
    found = [row for each in spoken for row in _GOLD.rows(connection, each)]
    return sorted(found, key=lambda row: (row.rank, row.place))[:_GOLD_LOOKED_AT]


def _candidate(row: Any) -> Candidate:
    return Candidate(row.rank, row.place, row.item, row.language, bool(row.gold), row.round)


def _lease(job: Job, rater: Rater, given: Candidate, row: Any, expires: datetime) -> Lease:
    suggest = suggests(job, rater, given)
    return Lease(
        id=lease_id(job.name, given.item, rater.name, given.round),
        job=job.name,
        item=given.item,
        person=rater.name,
        round=given.round,
        guideline=job.guideline,
        language=given.language,
        suggest=suggest,
        draft=row.draft,
        expires=expires,
        suggestion=row.suggestion if suggest else None,
        warning=row.warning,
    )


def _keep(connection: Connection, given: Sequence[Lease], known: dict[str, str | None], at: datetime) -> None:
    again = [each for each in given if known[each.item]]
    for each in again:
        state = "draft" if each.draft is not None else "pending"
        HOLD.run(connection, {"lease": each.id, "to_state": state, "until": each.expires})
    for each in given:
        if not known[each.item]:
            _GIVE.run(connection, _columns(each) | {"state": "pending", "looked": 0, "at": at})
    change_held(connection, given, 1)


def _columns(each: Lease) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("id", "job", "item", "person", "round", "guideline")}
    return told | {"suggest": int(each.suggest), "draft": each.draft, "expires": each.expires}


def _steps(job: Job, rater: Rater, walks: Sequence[_Walk], chosen: Sequence[Candidate], found: Found) -> list[Step]:
    """Say how far a rater came in each language: to the last item given, or to the end where no more was there."""
    steps = []
    for walk in walks:
        mine = [each for each in chosen if each.language == walk.language and not each.gold]
        there = sum(each.language == walk.language and not each.gold for each in found.ahead)
        if walk.gold:
            continue
        ended = len(mine) == there < found.limit
        rank, place = (inf, 0) if ended else (mine[-1].rank, mine[-1].place) if mine else (walk.rank, walk.place)
        if mine or (rank, place) != (walk.rank, walk.place):
            steps.append(Step(job.name, rater.name, walk.language, 0, len(mine), rank, place))
    gold = sum(each.gold for each in chosen)
    return steps + ([Step(job.name, rater.name, "", 1, gold, *BEGIN)] if gold else [])


_items, _leases, _paths = schema.items.c, schema.leases.c, schema.paths.c
_HELD = Statement(
    sql.select(sql.func.count()).where(
        _leases.person == sql.bindparam("who"), _leases.job == sql.bindparam("in_job"), _leases.expires.is_not(None)
    )
)
_WALKS = Statement(
    sql.select(_paths.language, _paths.gold, _paths.asked, _paths.rank, _paths.place).where(
        _paths.job == sql.bindparam("in_job"), _paths.person == sql.bindparam("who")
    )
)
_LANGUAGES = Statement(
    sql.select(schema.tallies.c.language)
    .distinct()
    .where(schema.tallies.c.job == sql.bindparam("in_job"))
    .order_by(schema.tallies.c.language)
)
_mine = sql.and_(
    _leases.job == _items.job,
    _leases.item == _items.item,
    _leases.person == sql.bindparam("who"),
    _leases.round == _items.round,
)
_free = sql.or_(
    _leases.id.is_(None),
    sql.and_(_leases.expires.is_(None), sql.or_(_leases.state == "returned", _leases.state == "draft")),
)
_open = (
    sql.select(
        *(_items[each] for each in ("item", "rank", "place", "language", "gold", "round", "suggestion", "warning")),
        _leases.id,
        _leases.draft,
    )
    .select_from(schema.items.outerjoin(schema.leases, _mine))
    .where(_items.job == sql.bindparam("in_job"), _items.open == 1, _free)
    .order_by(_items.rank, _items.place)
    .limit(sql.bindparam("n"))
)
_ahead = _open.where(
    _items.gold == 0,
    _items.language == sql.bindparam("in_language"),
    sql.tuple_(_items.rank, _items.place) > sql.tuple_(sql.bindparam("rank"), sql.bindparam("place")),
)
_AHEAD = Statement(_ahead)
_theirs = schema.leases.alias("theirs")
_touched = sql.or_(_theirs.c.state == "submitted", _theirs.c.state == "skipped", _theirs.c.expires.is_not(None))
_AHEAD_OF_ADJUDICATOR = Statement(
    _ahead.where(
        ~sql.exists().where(
            _theirs.c.job == sql.bindparam("parent"),
            _theirs.c.item == _items.item,
            _theirs.c.person == sql.bindparam("who"),
            _touched,
        )
    )
)
_GOLD = Statement(_open.where(_items.gold == 1, _items.language == sql.bindparam("in_language")))
_LANGUAGES_OF_GOLD = Statement(
    sql.select(_items.language).distinct().where(_items.job == sql.bindparam("in_job"), _items.gold == 1)
)
_GIVE = Statement(sql.insert(schema.leases))

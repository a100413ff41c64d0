"""Leases held: renew them, give them back, take back what ran out, and read the one an answer is for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import Job, Rater, refusal
from bimetal.errors import InputError, PolicyError
from bimetal.store import schema
from bimetal.store.queue.paths import pull_back
from bimetal.store.statements import Statement

LASTING = timedelta(minutes=30)
"""How long a lease holds an item, unless it is renewed."""

_TAKEN_BACK_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Lease:
    """An item in a rater's hands until `expires`; nothing in it tells gold from the rest.

    `suggest` says whether a suggestion may be shown with it, and only then `suggestion` holds the item's own; `draft`
    is what was begun and not submitted, `warning` what the item is to be blurred for.
    """

    id: str
    job: str
    item: str
    person: str
    round: int
    guideline: int
    language: str
    suggest: bool
    draft: str | None
    expires: datetime | None
    suggestion: str | None = None
    warning: str = ""


def renew(connection: Connection, rater: Rater, ids: Sequence[str], at: datetime, lasting: timedelta = LASTING) -> None:
    """Hold leases longer; one that ran out is taken up again where its item still has a place.

    Raises PolicyError for another person's, InputError for one that is over.
    """
    take_back(connection, at)
    for each in ids:
        row = lease_of(_LEASE.first(connection, {"lease": each}), rater, each)
        if row.state not in {"pending", "draft", "returned"} or row.round != row.item_round:
            raise InputError("the lease of the item is over", "ask for the next item")
        if row.expires is None:
            if not row.open:
                raise InputError("the item has its raters by now", "ask for the next item")
            change_held(connection, [row], 1)
        state = "draft" if row.draft is not None else "pending"
        HOLD.run(connection, {"lease": each, "to_state": state, "until": at + lasting})


def release(connection: Connection, rater: Rater, ids: Sequence[str]) -> None:
    """Give items back unanswered, with what was begun on them; they go to whoever asks next."""
    for each in ids:
        row = lease_of(_LEASE.first(connection, {"lease": each}), rater, each)
        if row.state in {"pending", "draft"}:
            _give_back(connection, [row], "returned")
            connection.execute(sql.update(schema.leases).where(_leases.id == each).values(draft=None))


def take_back(connection: Connection, at: datetime) -> int:
    """Return the places of leases that ran out; what was begun on them stays the rater's draft."""
    rows = _RUN_OUT.rows(connection, {"now": at})
    if rows:
        _give_back(connection, [row for row in rows if row.state == "pending"], "returned")
        _give_back(connection, [row for row in rows if row.state == "draft"], "draft")
    return len(rows)


def refuse(job: Job, rater: Rater) -> None:
    """Raise PolicyError where a job does not admit a rater."""
    why = refusal(job, rater)
    if why:
        raise PolicyError(f"job {job.name!r} gives {rater.name} nothing: {why}", "ask the lead who may work on it")


def lease_of(row: Any, rater: Rater, lease: str) -> Any:
    """Return the lease that was found; raises InputError for none, PolicyError for another person's.

    No fault of a lease names its item: the name may tell that it is gold.
    """
    if row is None:
        raise InputError(f"there is no lease {lease[:64]!r}", "answer an item that was given to you")
    if row.person != rater.name:
        raise PolicyError("the lease is another person's", "answer an item that was given to you")
    return row


def lease_id(job: str, item: str, person: str, turn: int) -> str:
    """Name a person's lease of an item in a round: the same whenever it is given to them again."""
    return hashlib.sha256("\x1f".join((job, item, person, str(turn))).encode()).hexdigest()[:32]


def change_held(connection: Connection, rows: Sequence[Any], by: int) -> None:
    """Count leases that hold items up or down; `rows` name job and item."""
    for row in rows:
        _COUNT_HELD.run(connection, {"in_job": row.job, "of_item": row.item, "by": by})


def _give_back(connection: Connection, rows: Sequence[Any], state: str) -> None:
    """Free the places that leases hold, and let those who went past the items see them again."""
    for row in rows:
        _LET_GO.run(connection, {"lease": row.id, "to_state": state})
    change_held(connection, [row for row in rows if row.expires is not None], -1)
    for row in rows:
        if not row.gold:
            person = None if not row.open else row.person  # a full item others went past has a place again
            pull_back(connection, row.job, row.language, row.rank, row.place, person)


_items, _leases = schema.items.c, schema.leases.c
HOLD = Statement(
    sql.update(schema.leases)
    .where(_leases.id == sql.bindparam("lease"))
    .values(state=sql.bindparam("to_state"), expires=sql.bindparam("until"))
)
_LET_GO = Statement(
    sql.update(schema.leases)
    .where(_leases.id == sql.bindparam("lease"))
    .values(state=sql.bindparam("to_state"), expires=None)
)
_held_after = _items.held + sql.bindparam("by", type_=schema.Whole)
_place_free = sql.or_(_items.gold == 1, sql.and_(_items.state == "open", _items.given + _held_after < _items.wanted))
_COUNT_HELD = Statement(
    sql.update(schema.items)
    .where(_items.job == sql.bindparam("in_job"), _items.item == sql.bindparam("of_item"))
    .values(held=_held_after, open=sql.case((_place_free, 1), else_=0))
)
WITH_ITEM = sql.select(
    schema.leases,
    *(_items[name] for name in ("place", "rank", "language", "gold", "open", "wanted", "given", "skipped", "held")),
    _items.round.label("item_round"),
    _items.state.label("item_state"),
    schema.jobs.c.body,
).where(_items.job == _leases.job, _items.item == _leases.item, schema.jobs.c.name == _leases.job)
_LEASE = Statement(WITH_ITEM.where(_leases.id == sql.bindparam("lease")))
_RUN_OUT = Statement(
    WITH_ITEM.where(_leases.expires <= sql.bindparam("now", type_=schema.Moment)).limit(_TAKEN_BACK_AT_ONCE)
)

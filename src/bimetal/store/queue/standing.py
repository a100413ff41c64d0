"""Where an item stands after an answer: open to another rater, settled, or with an adjudicator."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import Job, Outcome
from bimetal.store import schema
from bimetal.store.queue.jobs import adjudication_of, escalate, withdraw
from bimetal.store.queue.paths import pull_back
from bimetal.store.queue.tallies import tally
from bimetal.store.statements import Statement


class Counts(NamedTuple):
    """How many raters of an item's round answered, skipped, and have it in hand."""

    given: int
    skipped: int
    held: int


class Stood(NamedTuple):
    """Where an item stood before an answer came."""

    job: str
    item: str
    language: str
    rank: float
    place: int
    gold: int
    open: int
    state: str

    @classmethod
    def of(cls, row: Any) -> Stood:
        return cls(row.job, row.item, row.language, row.rank, row.place, row.gold, row.open, row.item_state)


class Stand(NamedTuple):
    """What an item's answers come to, at a moment."""

    outcome: Outcome
    at: datetime


def stand(connection: Connection, before: Stood, job: Job, counts: Counts, now: Stand) -> str:
    """Write where an item stands after an answer, ask an adjudicator or tell the job that waits; returns the state."""
    (state, wanted), at = now
    if before.gold or before.state == "resolved":  # gold is answered by everybody; what counts already counts
        state, wanted = before.state, job.raters  # type: ignore[assignment]  # one of the stored states
    free = int(before.gold or (state == "open" and counts.given + counts.held < wanted))
    told = {"to_state": state, "to_open": free, "to_wanted": wanted, **_named(counts)}
    _STANDS.run(connection, {"in_job": before.job, "of_item": before.item, **told})
    if free and not before.open:
        pull_back(connection, before.job, before.language, before.rank, before.place)
    if state != before.state:
        tally(connection, before.job, before.language, before.state, state)
        _pass_on(connection, before, job, state, at)
    return state


def _pass_on(connection: Connection, before: Stood, job: Job, state: str, at: datetime) -> None:
    if state == "conflict":
        escalate(connection, job, before.item, at)
    elif before.state == "conflict":
        withdraw(connection, adjudication_of(job.name), [before.item])
    if job.kind == "adjudicate" and state == "settled":
        decided = {"in_job": job.of, "of_item": before.item}
        language, was = _PARENT.first(connection, decided)
        _DECIDED.run(connection, decided)
        tally(connection, job.of, language, was, "resolved")


def _named(counts: Counts) -> dict[str, int]:
    return {f"to_{name}": value for name, value in counts._asdict().items()}


_items = schema.items.c
_this_item = sql.and_(_items.job == sql.bindparam("in_job"), _items.item == sql.bindparam("of_item"))
_STANDS = Statement(
    sql.update(schema.items)
    .where(_this_item)
    .values({name: sql.bindparam(f"to_{name}") for name in ("state", "open", "wanted", "given", "skipped", "held")})
)
_PARENT = Statement(sql.select(_items.language, _items.state).where(_this_item))
_DECIDED = Statement(sql.update(schema.items).where(_this_item).values(state="resolved", open=0))

"""Answers that were given elsewhere, in a file or by replay, brought into their items all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import BY_PEOPLE_ALONE, Job, outcome
from bimetal.errors import InputError, PolicyError
from bimetal.store import schema
from bimetal.store.queue.answering import columns_of
from bimetal.store.queue.holding import lease_id
from bimetal.store.queue.jobs import job_of, parts
from bimetal.store.queue.standing import Counts, Stand, Stood, stand
from bimetal.types import Annotation

_items, _answers, _leases = schema.items.c, schema.annotations.c, schema.leases.c


def bring(connection: Connection, given: Sequence[Annotation]) -> list[Annotation]:
    """Keep answers to items somebody asked about, those known by their id left out, and return the new ones.

    Each goes to the newest job that asked about its item. Raises InputError for an item nobody asked about and for an
    answer that contradicts one of its id, PolicyError for a model's in a job for people alone.
    """
    asked = _asked(connection, sorted({each.item for each in given}))
    _refuse_strange(given, asked)
    new = _unknown(connection, given)
    own = _own(connection, new, asked)
    rows: dict[str, dict[str, Any]] = {}
    leases = {}
    for each in new:
        item, who = asked[each.item], (each.item, each.annotator)
        before = own.setdefault(who, [])
        for former in before:
            if former in rows:
                rows[former]["standing"] = 0
        rows[each.id] = columns_of(each) | {"revision": len(before) + 1, "standing": 1, "job": item.job}
        before.append(each.id)
        leases[who] = _lease(each, item)
    _stand_no_more(connection, [each for ids in own.values() for each in ids if each not in rows])
    _write(connection, list(rows.values()), list(leases.values()))
    for name, at in {each.item: each.at for each in new}.items():
        _settle(connection, asked[name], at)
    return new


def _asked(connection: Connection, items: Sequence[str]) -> dict[str, Any]:
    """Find the newest job that asks about each item, adjudications left out."""
    found = {}
    for part in parts(items):
        for row in connection.execute(_ASKED, {"listed": list(part)}):
            if job_of(row.body).kind != "adjudicate":
                found[row.item] = row
    return found


def _refuse_strange(given: Sequence[Annotation], asked: dict[str, Any]) -> None:
    strange = sorted({each.item for each in given} - set(asked))
    if strange:
        raise InputError(
            f"{len(strange)} answers are to items nobody asked about: {', '.join(strange[:5])}", "answer queued items"
        )
    for each in given:
        job: Job = job_of(asked[each.item].body)
        if each.actor_kind != "human" and job.kind in BY_PEOPLE_ALONE:
            raise PolicyError(
                f"{each.annotator} is no person, and {job.name!r} is for people alone", "leave these answers out"
            )


def _unknown(connection: Connection, given: Sequence[Annotation]) -> list[Annotation]:
    held: dict[str, str | None] = {}
    for part in parts(sorted({each.id for each in given})):
        known = sql.select(_answers.id, _answers.value).where(_answers.id.in_(part))
        held.update({row.id: row.value for row in connection.execute(known)})
    new = []
    for each in given:
        if each.id not in held:
            new.append(each)
        elif held[each.id] != each.value:
            raise InputError(
                f"{each.annotator} answered {held[each.id]!r} to {each.item} before, and {each.value!r} now",
                "keep the first answer, or let another annotator decide",
            )
        held[each.id] = each.value
    return new


def _own(connection: Connection, new: Sequence[Annotation], asked: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """List the ids of what each rater who answers anew said to the item before."""
    anew = {(each.item, each.annotator) for each in new}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for part in parts(sorted({each.item for each in new})):
        for row in connection.execute(_SAID, {"listed": list(part)}):
            if (row.item, row.annotator) in anew and row.job == asked[row.item].job:
                found[row.item, row.annotator].append(row.id)
    return dict(found)


def _stand_no_more(connection: Connection, ids: Sequence[str]) -> None:
    for part in parts(ids):
        connection.execute(sql.update(schema.annotations).where(_answers.id.in_(part)).values(standing=0))


def _lease(each: Annotation, item: Any) -> dict[str, Any]:
    """Note that a rater had an item, so that they are not asked again and never adjudicate it."""
    return {
        "id": lease_id(item.job, each.item, each.annotator, item.round),
        "job": item.job,
        "item": each.item,
        "person": each.annotator,
        "round": item.round,
        "state": each.status,
        "guideline": each.guideline,
        "suggest": 0,
        "looked": 0,
        "at": each.at,
    }


def _write(connection: Connection, rows: list[dict[str, Any]], leases: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sql.insert(schema.annotations), rows)
    for part in parts([each["id"] for each in leases]):
        connection.execute(sql.delete(schema.leases).where(_leases.id.in_(part)))
    if leases:
        connection.execute(sql.insert(schema.leases), leases)


def _settle(connection: Connection, item: Any, at: Any) -> None:
    """Count an item's answers anew and say where it stands."""
    here = {"in_job": item.job, "of_item": item.item}
    said = connection.execute(_STANDING, here).all()
    values = [row.value for row in said if row.status == "submitted"]
    held = int(connection.execute(_IN_HAND, here).scalar_one())
    job = job_of(item.body)
    counts = Counts(len(values), len(said) - len(values), held)
    stand(connection, Stood.of(item), job, counts, Stand(outcome(job, values), at))


_ASKED = (
    sql.select(schema.items, _items.state.label("item_state"), schema.jobs.c.body)
    .where(_items.item.in_(sql.bindparam("listed", expanding=True)), schema.jobs.c.name == _items.job)
    .order_by(schema.jobs.c.at, schema.jobs.c.name)
)
_SAID = (
    sql.select(_answers.id, _answers.job, _answers.item, _answers.annotator)
    .where(_answers.item.in_(sql.bindparam("listed", expanding=True)))
    .order_by(_answers.revision)
)
_STANDING = sql.select(_answers.value, _answers.status).where(
    _answers.job == sql.bindparam("in_job"), _answers.item == sql.bindparam("of_item"), _answers.standing == 1
)
_IN_HAND = sql.select(sql.func.count()).where(
    _leases.job == sql.bindparam("in_job"), _leases.item == sql.bindparam("of_item"), _leases.expires.is_not(None)
)

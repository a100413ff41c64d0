"""Answers: submitted, skipped or begun, corrected while it matters, the same one twice kept once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation.assignment import Job, Rater, outcome
from bimetal.errors import InputError, PolicyError
from bimetal.store import schema
from bimetal.store.queue.holding import WITH_ITEM, lease_id, lease_of, refuse
from bimetal.store.queue.jobs import adjudication_of, job_of
from bimetal.store.queue.standing import Counts, Stand, Stood, stand
from bimetal.store.statements import Statement
from bimetal.types import Annotation

LONGEST = {"value": 262_144, "suggestion": 262_144, "comment": 4_000, "reason": 200, "key": 100}
"""How many bytes of UTF-8 each part of an answer may hold."""

_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Submission:
    """What a rater sends: it says nothing of who, when or which round, which the server knows.

    `key` is made by the sender, once an answer, and sent again with each retry of it.
    """

    lease: str
    key: str
    value: str | None
    status: Literal["submitted", "skipped", "draft"] = "submitted"
    reason: str = ""
    seconds: float = 0.0
    suggestion: str | None = None
    comment: str = ""


class Receipt(NamedTuple):
    """What was kept: the answer, which revision it is, whether it was here before, where its item stands now.

    `state` tells whether others agree, so a rater must not see it.
    """

    annotation: Annotation | None
    job: str
    revision: int = 1
    repeated: bool = False
    state: str = "open"


def submit(connection: Connection, rater: Rater, sent: Submission, at: datetime) -> Receipt:
    """Keep an answer, or a correction of one's own; a draft is kept beside the answers.

    The same key again returns what it returned first. Raises InputError for what cannot be taken (malformed, oversize,
    expired, a round that is over, another value under the same key), PolicyError for what the rater may not do.
    """
    _check(sent)
    here = {"lease": sent.lease, "who": rater.name, "sent_key": sent.key}
    row = lease_of(_LEASE_AND_KEY.first(connection, here), rater, sent.lease)
    if row.known is not None:
        return _again(connection.execute(_KNOWN, {"known": row.known}).one(), sent)
    job = job_of(row.body)
    refuse(job, rater)
    _refuse_late(connection, row, job, at)
    if sent.suggestion is not None and not row.suggest:
        raise PolicyError("the item is judged without a suggestion", "answer it as you see it")
    if sent.status == "draft":
        return _draft(connection, row, sent)
    return _keep(connection, row, job, rater, _Answer(sent, at))


class _Answer(NamedTuple):
    sent: Submission
    at: datetime


def _check(sent: Submission) -> None:
    for name, longest in LONGEST.items():
        said = getattr(sent, name)
        if said is None:
            continue
        if not isinstance(said, str) or "\x00" in said or any("\ud800" <= each <= "\udfff" for each in said):
            raise InputError(f"the {name} of an answer is no text", "send text in UTF-8 without control zeros")
        size = len(said.encode())
        if size > longest:
            raise InputError(f"the {name} of an answer has {size:,} bytes, over {longest:,}", "send a shorter one")
    if not sent.key:
        raise InputError("an answer has no key", "make one for each answer, and send it again with each retry")
    if sent.status not in {"submitted", "skipped", "draft"}:
        raise InputError(f"the status of an answer is {sent.status!r}", "send submitted, skipped or draft")
    if not 0 <= sent.seconds <= _A_DAY:
        raise InputError(f"an answer took {str(sent.seconds)[:40]} seconds", "send the active seconds, 0 to 86400")
    if (sent.status == "submitted") != (sent.value is not None) and sent.status != "draft":
        raise InputError(f"an answer is {sent.status} and its value {sent.value!r}", "give a value, or skip it")
    if sent.status == "skipped" and not sent.reason.strip():
        raise InputError("an item was skipped without a reason", "say why")


def _again(before: Any, sent: Submission) -> Receipt:
    same = lease_id(before.job, before.item, before.annotator, before.round) == sent.lease
    if not same or (before.value, before.status, before.reason) != (sent.value, sent.status, sent.reason):
        raise InputError("this key came with another answer before", "make a new key for a new answer")
    return Receipt(annotation_of(before), before.job, before.revision, True, before.item_state)


def _refuse_late(connection: Connection, row: Any, job: Job, at: datetime) -> None:
    """Refuse an answer to what is over: the lease, the round, or the time for corrections."""
    if row.round != row.item_round:
        raise InputError("the guideline changed while you had the item", "ask for the item again and answer anew")
    if row.state not in {"submitted", "skipped"}:
        if row.state == "closed":
            raise InputError("nobody is asked about the item any more", "ask for the next item")
        if row.expires is None or row.expires <= at:
            raise InputError("the lease of the item ran out", "renew it, then send the answer again")
        return
    if row.item_state == "resolved" or job.kind == "calibrate":
        raise InputError("the answer counts already", "tell the lead if it was wrong")
    if row.looked:
        raise PolicyError("you saw what others answered", "tell the adjudicator what you think")
    judged = {"in_job": adjudication_of(job.name), "of_item": row.item}
    if row.item_state == "conflict" and _WITH_ADJUDICATOR.scalar(connection, judged):
        raise InputError("an adjudicator has the item by now", "tell the adjudicator what you think")


def _draft(connection: Connection, row: Any, sent: Submission) -> Receipt:
    if row.state in {"submitted", "skipped"}:
        raise InputError("the item is answered already", "submit a correction, which needs no draft")
    begun = sql.update(schema.leases).where(schema.leases.c.id == row.id)
    connection.execute(begun.values(state="draft", draft=sent.value))
    return Receipt(None, row.job)


def _keep(connection: Connection, row: Any, job: Job, rater: Rater, answer: _Answer) -> Receipt:
    sent, at = answer
    first = row.state in {"pending", "draft"}
    counts = _counted(row, sent.status)
    if not first and row.state == "skipped" and sent.status == "submitted":
        _refuse_full(row)
    others = _others(connection, row, rater) if _matter(row, job, counts) else []
    revision = 1 if first else _withdrawn(connection, row, rater)
    given = _annotation(row, rater, answer, revision)
    told = columns_of(given) | {"job": row.job, "revision": revision, "standing": 1, "key": sent.key}
    _ANSWER.run(connection, told)
    _DONE.run(connection, {"lease": row.id, "to_state": sent.status, "when": at})
    values = others + ([sent.value] if sent.value is not None else [])
    state = stand(connection, Stood.of(row), job, counts, Stand(outcome(job, values), at))
    return Receipt(given, row.job, revision, False, state)


def _matter(row: Any, job: Job, counts: Counts) -> bool:
    """Say whether what others answered bears on where the item stands."""
    return not row.gold and counts.given > 1 and counts.given >= job.raters


def _counted(row: Any, status: str) -> Counts:
    given, skipped, held = row.given, row.skipped, row.held
    leaves = {"submitted": (-1, 0, 0), "skipped": (0, -1, 0)}.get(row.state, (0, 0, -1))
    enters = (1, 0) if status == "submitted" else (0, 1)
    return Counts(given + leaves[0] + enters[0], skipped + leaves[1] + enters[1], held + leaves[2])


def _refuse_full(row: Any) -> None:
    if not row.gold and row.given + row.held >= row.wanted:
        raise InputError("another rater has the item by now", "ask for the next item")


def _others(connection: Connection, row: Any, rater: Rater) -> list[str]:
    here = {"in_job": row.job, "of_item": row.item, "who": rater.name}
    return [each.value for each in _OTHERS.rows(connection, here)]


def _withdrawn(connection: Connection, row: Any, rater: Rater) -> int:
    """Let a rater's former word stand no more, and number the next one."""
    here = {"in_job": row.job, "of_item": row.item, "who": rater.name}
    _STANDS_NO_MORE.run(connection, here)
    return int(_REVISIONS.scalar(connection, here)) + 1


def _annotation(row: Any, rater: Rater, answer: _Answer, revision: int) -> Annotation:
    sent, at = answer
    return Annotation(
        id=hashlib.sha256(f"{row.id}/{revision}".encode()).hexdigest(),
        item=row.item,
        annotator=rater.name,
        actor_kind=rater.kind,
        value=sent.value,
        at=at,
        status="skipped" if sent.status == "skipped" else "submitted",
        reason=sent.reason,
        seconds=sent.seconds,
        round=row.round,
        guideline=row.guideline,
        suggestion=sent.suggestion,
        comment=sent.comment,
    )


def annotation_of(row: Any) -> Annotation:
    """Read an annotation back from its row."""
    return Annotation(**{name: getattr(row, name) for name in _FIELDS})


def columns_of(each: Annotation) -> dict[str, Any]:
    """Spell an annotation as columns of its table."""
    return {name: getattr(each, name) for name in _FIELDS}


_FIELDS = tuple(Annotation.__dataclass_fields__)
_items, _answers, _leases = schema.items.c, schema.annotations.c, schema.leases.c
_this_item = sql.and_(_items.job == sql.bindparam("in_job"), _items.item == sql.bindparam("of_item"))
_answers_here = sql.and_(_answers.job == sql.bindparam("in_job"), _answers.item == sql.bindparam("of_item"))
_with_key = sql.and_(_answers.annotator == sql.bindparam("who"), _answers.key == sql.bindparam("sent_key"))
_LEASE_AND_KEY = Statement(
    WITH_ITEM.add_columns(_answers.id.label("known"))
    .outerjoin_from(schema.leases, schema.annotations, _with_key)
    .where(_leases.id == sql.bindparam("lease"))
)
_KNOWN = sql.select(schema.annotations, _items.state.label("item_state")).where(
    _answers.id == sql.bindparam("known"), _items.job == _answers.job, _items.item == _answers.item
)
_OTHERS = Statement(
    sql.select(_answers.value).where(
        _answers_here,
        _answers.standing == 1,
        _answers.status == "submitted",
        _answers.annotator != sql.bindparam("who"),
    )
)
_own_here = sql.and_(_answers_here, _answers.annotator == sql.bindparam("who"))
_STANDS_NO_MORE = Statement(sql.update(schema.annotations).where(_own_here, _answers.standing == 1).values(standing=0))
_REVISIONS = Statement(sql.select(sql.func.coalesce(sql.func.max(_answers.revision), 0)).where(_own_here))
_WITH_ADJUDICATOR = Statement(sql.select(_items.held + _items.given).where(_this_item))
_ANSWER = Statement(sql.insert(schema.annotations))
_DONE = Statement(
    sql.update(schema.leases)
    .where(_leases.id == sql.bindparam("lease"))
    .values(state=sql.bindparam("to_state"), at=sql.bindparam("when", type_=schema.Moment), expires=None, draft=None)
)

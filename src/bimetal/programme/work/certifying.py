"""Where gold puts people: standings, what follows from passing and failing, what they are told, who is due again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import sqlalchemy as sql

from bimetal.annotation.gold import Judged, Standing, evidence_below, standing
from bimetal.annotation.values import alike
from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.people import Person, Qualification, require
from bimetal.programme.work.answered import Given, given_to_gold, job_named, last_of_rounds
from bimetal.programme.work.exams import ANEW, FAILED, PASSED, Exam, exam_of, marks
from bimetal.programme.work.relabelling import ask_one_more
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Job, Rater

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bimetal.programme.programme import Programme

Verdict = Literal["pass", "fail", "undecided"]
AGAIN = "answered by somebody who failed gold"
UNDETERMINED = "und"  # BCP 47 for a language nobody stated
_VERDICTS: dict[str, Verdict] = {"passed": "pass", "failed": "fail"}


@dataclass(frozen=True, slots=True)
class Stands:
    """Where gold puts a person in one language of a job; `until` is when their qualification ends, None without one."""

    person: str
    job: str
    language: str
    verdict: Verdict
    standing: Standing
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a calibration tells of one item once it is answered: was it right, and the answer that was known."""

    item: str
    right: bool
    given: str | None
    known: str


@dataclass(frozen=True, slots=True)
class Due:
    """A qualification that ends soon, or has ended, and none after it."""

    person: str
    task: str
    language: str
    until: datetime
    ended: bool


def standings(programme: Programme, job: str, at: datetime, person: str | None = None) -> tuple[Stands, ...]:
    """Say where everybody stands who answered gold in a job, or one person, by language; see `gold.standing`.

    A person's last word to an item counts; what was skipped is neither right nor wrong.
    """
    exam = _exam(programme, job)
    answered: dict[tuple[str, str], list[Judged]] = {}
    for who, language, each in judged_gold(programme, job, person):
        answered.setdefault((who, language), []).append(each)
    return tuple(
        _stands(programme, exam, who, language, judged, at) for (who, language), judged in sorted(answered.items())
    )


def judge(programme: Programme, job: str, person: str) -> tuple[Stands, ...]:
    """Draw the consequences of a person's answers to gold, once each, and say where they stand; all of it is logged.

    Passing a calibration qualifies them until its days have passed. Failing ends the qualification, takes back what
    they hold, and puts what they answered since the fall began before other raters. Call it after answers to gold
    (`is_gold`), or for everybody from time to time. The owner of the gold, who knows it, is not judged by it.
    """
    exam, at = _exam(programme, job), programme.now()
    found = standings(programme, job, at, person)
    for each in found:
        since = each.standing.since
        if person == exam.owner or since is None:
            continue
        past = marks(programme, job, person, each.language)
        if each.verdict == "fail" and not any(it.action == FAILED and it.at >= since for it in past):
            _fail(programme, exam, each, at)
        elif each.verdict == "pass" and each.until is None and job_named(programme, job).kind == "calibrate":
            _pass(programme, exam, each, at)
    return standings(programme, job, at, person)


def is_gold(programme: Programme, job: str, item: str) -> bool:
    """Say whether an item of a job is gold: for the server alone, which judges after it."""
    query = sql.select(_columns.gold).where(_columns.job == job, _columns.item == item)
    with programme.state.read() as connection:
        return bool(connection.execute(query).scalar())


def feedback(programme: Programme, person: Person, job: str, item: str) -> Feedback:
    """Tell a person how they did on an item of a calibration they answered.

    Raises PolicyError in any other job, for what is gold during work is nobody's to know, and before the answer.
    """
    held = job_named(programme, job)
    own = [
        each
        for each in (given_to_gold(programme, job, person.id) if held.kind == "calibrate" else ())
        if each.answer.item == item and each.stands and each.known is not None
    ]
    if not own or own[-1].known is None:
        raise PolicyError(f"there is nothing to tell of {item!r}", "answer an item of a calibration first")
    value, known = own[-1].answer.value, own[-1].known
    return Feedback(item, value is not None and alike(held.task)(value, known), value, known)


def certify_anew(programme: Programme, by: Person, job: str, person: str, language: str) -> None:
    """Let a person who failed begin again: gold answered from now on counts alone; they need items not yet seen."""
    require(by.role, "qualify")
    if by.id == person:
        raise PolicyError("nobody certifies themselves", "ask another lead")
    replace(programme, actor=by.id).record(ANEW, person, {"job": job, "language": language})


def due(programme: Programme, at: datetime) -> tuple[Due, ...]:
    """List qualifications that have ended by a moment and were not renewed, oldest first: look two weeks ahead."""
    held = schema.people_qualifications.c
    last = sql.func.max(held.until)
    query = (
        sql.select(held.person, held.task, held.language, sql.type_coerce(last, schema.Moment).label("until"))
        .join(schema.people, schema.people.c.id == held.person)
        .where(schema.people.c.removed.is_(None))
        .group_by(held.person, held.task, held.language)
        .having(last <= sql.bindparam("by", at, type_=schema.Moment))
    )
    with programme.state.read() as connection:
        rows = connection.execute(query).all()
    now = programme.now()
    found = [Due(row.person, row.task, row.language, row.until, row.until <= now) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.until, each.person)))


def _exam(programme: Programme, job: str) -> Exam:
    found = exam_of(programme, job)
    if found is None:
        raise InputError(f"gold judges nobody in {job!r}", "mix gold into it first")
    return found


def judged_gold(programme: Programme, job: str, person: str | None = None) -> Iterable[tuple[str, str, Judged]]:
    """Give (person, language, answer judged) for each answer to gold."""
    same = alike(job_named(programme, job).task)
    for each in last_of_rounds(given_to_gold(programme, job, person)):
        said = each.answer
        if each.known is None or said.value is None:
            continue
        right = same(said.value, each.known)
        yield said.annotator, _tag(each), Judged(said.item, said.annotator, said.at, right, said.seconds)


def _tag(each: Given) -> str:
    return each.language.casefold() or UNDETERMINED


def _stands(
    programme: Programme, exam: Exam, who: str, language: str, judged: Sequence[Judged], at: datetime
) -> Stands:
    known = [each for each in people.qualifications(programme, who) if _of(each, exam, language)]
    until = max((each.until for each in known if each.since <= at < each.until), default=None)
    past = marks(programme, exam.job, who, language)
    begun = [each.at for each in past if each.action == ANEW]
    last = past[-1] if past else None
    if last and last.action == PASSED and until is None:  # it ran out: what is answered from then on renews it
        begun += [each.until for each in known if each.until <= at]
    if last and last.action == FAILED:  # whoever qualified again is judged afresh
        begun += [each.since for each in known if last.at < each.since <= at]
    found = standing(who, judged, exam.bar, at, max(begun, default=None))
    return Stands(who, exam.job, language, _VERDICTS.get(found.status, "undecided"), found, until)


def _of(each: Qualification, exam: Exam, language: str) -> bool:
    return bool(exam.qualifies) and (each.task, each.language) == (exam.qualifies, language)


def _pass(programme: Programme, exam: Exam, each: Stands, at: datetime) -> None:
    owner = people.person(programme, exam.owner)
    wanted = Qualification(each.person, exam.qualifies, each.language, exam.job, at, at + exam.lasting)
    people.qualify(programme, owner, wanted, at)
    programme.record(PASSED, each.person, _told(each))


def _fail(programme: Programme, exam: Exam, each: Stands, at: datetime) -> None:
    owner = people.person(programme, exam.owner)
    if exam.qualifies:
        people.end_qualification(programme, owner, each.person, exam.qualifies, each.language, at)
    jobs = [job for job in _barred_from(programme, exam) if job.kind == "label"]
    since = _fell(programme, exam, each)

    def act(connection: Connection) -> None:
        back = 0
        for job in jobs:
            held = connection.execute(_HELD, {"who": each.person, "in_job": job.name}).all()
            mine = [row.id for row in held if _same(row.language, each.language)]
            store.release(connection, Rater(each.person), mine)
            rows = connection.execute(_SAID, {"who": each.person, "in_job": job.name, "since": since}).all()
            said = [row.item for row in rows if _same(row.language, each.language)]
            back += len(ask_one_more(connection, job, said, AGAIN))
        programme.append(connection, FAILED, each.person, {**_told(each), "looked_again": back})

    programme.state.write(act)


def _same(language: str, tag: str) -> bool:
    return (language.casefold() or UNDETERMINED) == tag


def _barred_from(programme: Programme, exam: Exam) -> list[Job]:
    with programme.state.read() as connection:
        jobs = store.read_jobs(connection)
    return [job for job in jobs if job.name == exam.job or (exam.qualifies and exam.qualifies in job.expertise)]


def _fell(programme: Programme, exam: Exam, each: Stands) -> datetime:
    """Say when the fall began: after the last gold answer before the bet against the person that won most."""
    judged = sorted(
        (it for _, language, it in judged_gold(programme, exam.job, each.person) if language == each.language),
        key=lambda it: it.at,
    )
    right, block = [it.right for it in judged], exam.bar.calibration
    starts = range(0, len(right), block)
    won = [float(evidence_below(right[start:], exam.bar.failing, len(right))[-1]) for start in starts]
    start = starts[int(np.argmax(won))]
    return judged[start - 1].at if start else datetime.min.replace(tzinfo=judged[0].at.tzinfo)


def _told(each: Stands) -> dict[str, Any]:
    found = each.standing
    bounds = found.accuracy.json() if found.accuracy else None
    counted = {"answered": found.answered, "right": found.right, "accuracy": bounds}
    return {"job": each.job, "language": each.language, **counted}


_columns, _leases, _answers = schema.items.c, schema.leases.c, schema.annotations.c
_HELD = sql.select(_leases.id, _columns.language).where(
    _leases.person == sql.bindparam("who"),
    _leases.job == sql.bindparam("in_job"),
    _leases.state.in_(("pending", "draft")),
    _columns.job == _leases.job,
    _columns.item == _leases.item,
)
_SAID = sql.select(_answers.item, _columns.language).where(
    _answers.annotator == sql.bindparam("who"),
    _answers.job == sql.bindparam("in_job"),
    _answers.standing == 1,
    _answers.status == "submitted",
    _answers.at > sql.bindparam("since", type_=schema.Moment),
    _columns.job == _answers.job,
    _columns.item == _answers.item,
    _columns.gold == 0,
)

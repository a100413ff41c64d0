"""Who may work on which job: a person's roles and qualifications as the queue asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from bimetal.annotation.assignment import refusal
from bimetal.errors import PolicyError
from bimetal.programme.people import Person, Qualification, may, qualifications
from bimetal.store import queue as store
from bimetal.store.queue import Job, Rater

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme


class Offered(NamedTuple):
    """A job, and in a few words why it gives a person nothing, or None where it admits them."""

    job: Job
    refusal: str | None


def rater(programme: Programme, person: Person, job: Job, at: datetime) -> Rater:
    """Return a person as a job's rater; the languages are those they may judge the job's expertise in.

    Raises PolicyError for somebody who was removed.
    """
    return _rater(person, job, _current(programme, person, at))


def jobs_for(programme: Programme, person: Person, at: datetime) -> list[Offered]:
    """List the jobs there are, oldest first, with whether each admits a person; adjudications to who may decide."""
    held = _current(programme, person, at)
    with programme.state.read() as connection:
        jobs = store.read_jobs(connection)
    judges = may(person.role, "adjudicate")
    return [
        Offered(job, _refusal(person, job, _rater(person, job, held)))
        for job in jobs
        if judges or job.kind != "adjudicate"
    ]


def admitted(programme: Programme, person: Person, job: Job, at: datetime) -> Rater:
    """Return a person as a job's rater; raises PolicyError where the job gives them nothing to answer."""
    found = rater(programme, person, job, at)
    why = _refusal(person, job, found)
    if why:
        raise PolicyError(f"job {job.name!r} gives {person.id} nothing: {why}", "ask the lead who may work on it")
    return found


def _refusal(person: Person, job: Job, known: Rater) -> str | None:
    if not may(person.role, "answer"):
        return f"the role {person.role} answers nothing"
    return refusal(job, known)


def _current(programme: Programme, person: Person, at: datetime) -> list[Qualification]:
    return [each for each in qualifications(programme, person.id) if each.since <= at < each.until]


def _rater(person: Person, job: Job, held: Sequence[Qualification]) -> Rater:
    if person.removed is not None:
        raise PolicyError(f"{person.id} was removed", "ask an admin for a new account")
    known = Rater(person.id, expertise=frozenset(each.task for each in held))
    spoken = {each.language for each in held}
    for task in job.expertise:
        spoken &= {each.language for each in held if each.task == task}
    return replace(
        known,
        languages=frozenset(spoken),
        adjudicates=may(person.role, "adjudicate"),
        oversees=may(person.role, "read answers"),
    )

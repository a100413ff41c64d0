"""How good a job's answers are: agreement with intervals by slice, guideline, rater, origin and language; findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bimetal.annotation.agreement import Agreement, measure_of
from bimetal.annotation.gold import accuracy
from bimetal.annotation.values import alike
from bimetal.errors import InputError
from bimetal.programme.policy.people import measured_languages
from bimetal.programme.work.anchoring import Anchoring, anchoring_of
from bimetal.programme.work.answered import Given, by_item, given, job_named, last_of_rounds, told_of
from bimetal.programme.work.certifying import Stands, standings
from bimetal.programme.work.exams import exam_of
from bimetal.store import schema
from bimetal.types import Finding, Interval

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.store.queue import Job

Actor = Literal["human", "model"]

ENOUGH = 30  # items in common with others, or gold items, from which a person is judged
LOW = 0.667  # below it Krippendorff (2019) draws no conclusions from data, tentative ones included


@dataclass(frozen=True, slots=True)
class Rated:
    """What one person gave in a job: counts, their usual active seconds, how far they agree with the others.

    `agreement` is None below ENOUGH items in common; `gold` says where gold puts them, by language.
    """

    person: str
    answers: int
    skipped: int
    corrected: int
    seconds: float | None
    agreement: Agreement | None
    gold: tuple[Stands, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """One language of a job: where its items stand, agreement, how right answers to gold are, was transfer measured.

    `gold` is None where nobody answered gold in it. Its bounds hold at any number of looks, for one rater's answers at
    a time: people differ, so read it beside the raters'.
    """

    language: str
    items: Mapping[str, int]
    agreement: Agreement
    gold: Interval | None
    measured: bool


def agreement(programme: Programme, job: str, actor: Actor = "human") -> Agreement:
    """Measure agreement on a job's items by the measure of its task; gold is left out, and what was skipped."""
    held = job_named(programme, job)
    return _measured(programme, held, _said(programme, held, actor))


def by_guideline(programme: Programme, job: str, actor: Actor = "human") -> dict[str, Agreement]:
    """Measure each version of the guideline apart, by the last word everybody gave under it."""
    held = job_named(programme, job)
    rows = last_of_rounds(_said(programme, held, actor, former=True))
    return _apart(programme, held, {row.answer.id: str(row.answer.guideline) for row in rows}, rows)


def by_language(programme: Programme, job: str, actor: Actor = "human") -> dict[str, Agreement]:
    """Measure each language apart; items without one stand under an empty name."""
    held = job_named(programme, job)
    rows = _said(programme, held, actor)
    return _apart(programme, held, {row.answer.id: row.language for row in rows}, rows)


def by_column(programme: Programme, job: str, column: str, actor: Actor = "human") -> dict[str, Agreement]:
    """Measure each value of a column of the job's dataset apart: a slice, or `item_origin` for real and synthetic.

    Raises InputError for a column that is not there.
    """
    held = job_named(programme, job)
    rows, told = _said(programme, held, actor), told_of(programme, held, column)
    return _apart(programme, held, {row.answer.id: told.get(row.answer.item) for row in rows}, rows)


def raters(programme: Programme, job: str, at: datetime, actor: Actor = "human") -> tuple[Rated, ...]:
    """Say what each rater gave and how far they agree with the others who answered the same items.

    Nobody is judged on fewer than ENOUGH items. People's agreement is measured among people, a model's among models.
    """
    held = job_named(programme, job)
    whole = [row for row in given(programme, [job], former=True) if row.answer.actor_kind == actor and not row.gold]
    rows = [row for row in whole if row.stands]
    answers = by_item(rows, held.task)
    stands = standings(programme, job, at) if exam_of(programme, job) else ()
    found = []
    for who in sorted({row.answer.annotator for row in rows}):
        own = [row for row in rows if row.answer.annotator == who]
        shared = sum(who in by and len(by) > 1 for by in answers.values())
        measured = measure_of(held.task)(answers, _rng(programme), who) if shared >= ENOUGH else None
        seconds = [row.answer.seconds for row in own if row.answer.seconds > 0]
        found.append(
            Rated(
                person=who,
                answers=sum(row.answer.status == "submitted" for row in own),
                skipped=sum(row.answer.status == "skipped" for row in own),
                corrected=sum(row.revision > 1 for row in whole if row.answer.annotator == who),
                seconds=float(np.median(seconds)) if seconds else None,
                agreement=measured,
                gold=tuple(each for each in stands if each.person == who),
                words=measured.words if measured else f"{shared} items in common with others, judged from {ENOUGH}",
            )
        )
    return tuple(found)


def languages(programme: Programme, job: str) -> tuple[Spoken, ...]:
    """Say how each language of a job fares: progress, people's agreement, gold, and whether a pilot measured it."""
    held, measured = job_named(programme, job), measured_languages(programme)
    rows = [row for row in given(programme, [job]) if row.answer.actor_kind == "human"]
    states = _states(programme, job)
    found = []
    for language in sorted({*states, *(row.language for row in rows)}):
        own = [row for row in rows if row.language == language]
        ordinary = [row for row in own if not row.gold]
        found.append(
            Spoken(
                language,
                states.get(language, {}),
                _measured(programme, held, ordinary),
                _on_gold(held, own),
                language in measured,
            )
        )
    return tuple(found)


def anchoring(programme: Programme, job: str) -> Anchoring:
    """Compare how often people say what was suggested where it was shown and where it was hidden at random."""
    held = job_named(programme, job)
    rows = [row for row in given(programme, [job]) if row.answer.actor_kind == "human" and not row.gold]
    return anchoring_of(rows, alike(held.task))


def findings(programme: Programme, job: str) -> tuple[Finding, ...]:
    """Name what a lead should look at: low agreement, anchoring, languages in which no pilot measured the transfer."""
    found = []
    whole = agreement(programme, job)
    if whole.interval is not None and whole.interval.low < LOW:
        verdict: Literal["warn", "fail"] = "fail" if whole.interval.high < LOW else "warn"
        told = f"people agree {whole.interval} on {job}"
        remedy = "read the items on which people differ, then change the guideline"
        found.append(Finding("agreement", verdict, told, whole.interval.estimate, LOW, whole.measure, remedy, job))
    moved = anchoring(programme, job)
    if moved.difference is not None and moved.difference.low > 0:
        remedy = "show suggestions on fewer items, or not at all"
        found.append(Finding("anchoring", "warn", moved.words, moved.difference.estimate, 0.0, "", remedy, job))
    for each in languages(programme, job):
        if each.language and not each.measured:
            told = f"no pilot measured how synthetic items transfer to real ones in {each.language}"
            remedy = f"run a pilot whose panel holds items in {each.language}; until then people label it"
            found.append(Finding("language-measured", "warn", told, remedy=remedy, where=each.language))
    return tuple(found)


def _said(programme: Programme, job: Job, actor: Actor, *, former: bool = False) -> list[Given]:
    if actor not in {"human", "model"}:
        raise InputError(f"{actor!r} is no kind of rater", "say human or model: they are never pooled")
    rows = given(programme, [job.name], former=former)
    return [row for row in rows if row.answer.actor_kind == actor and not row.gold]


def _apart(
    programme: Programme, job: Job, group_of: Mapping[str, str | None], rows: Sequence[Given]
) -> dict[str, Agreement]:
    groups: dict[str, list[Given]] = {}
    for row in rows:
        group = group_of[row.answer.id]
        if group is not None:
            groups.setdefault(group, []).append(row)
    ordered = sorted(groups, key=lambda group: (not group.isdigit(), int(group) if group.isdigit() else 0, group))
    return {group: _measured(programme, job, groups[group]) for group in ordered}


def _measured(programme: Programme, job: Job, rows: Iterable[Given]) -> Agreement:
    return measure_of(job.task)(by_item(rows, job.task), _rng(programme), None)


def _rng(programme: Programme) -> np.random.Generator:
    return np.random.default_rng([programme.config.programme.rng_seed, 13])


def _on_gold(job: Job, rows: Iterable[Given]) -> Interval | None:
    same = alike(job.task)
    right = [
        same(row.answer.value, row.known)
        for row in rows
        if row.gold and row.known is not None and row.answer.value is not None
    ]
    return accuracy(sum(right), len(right))


def _states(programme: Programme, job: str) -> dict[str, Counter[str]]:
    tallies: Any = schema.tallies.c
    query = schema.tallies.select().where(tallies.job == job, tallies.number > 0)
    found: dict[str, Counter[str]] = {}
    with programme.state.read() as connection:
        for row in connection.execute(query):
            found.setdefault(row.language, Counter())[row.state] = int(row.number)
    return found

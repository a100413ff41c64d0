"""Items to look at again: labels a model doubts, answers of somebody who failed, what a new guideline touches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sql

from bimetal.annotation import resolve
from bimetal.annotation.aggregation import label_errors
from bimetal.canonical import digest
from bimetal.errors import InputError, PolicyError
from bimetal.plugins import make
from bimetal.programme import queue
from bimetal.programme.people import Person, require
from bimetal.programme.work.answered import given, job_named, told_of
from bimetal.store import schema
from bimetal.store.queue import adjudication_of
from bimetal.store.queue.jobs import parts
from bimetal.store.queue.paths import pull_back
from bimetal.store.queue.tallies import tally

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bimetal.canonical import Json
    from bimetal.programme.programme import Programme
    from bimetal.store.queue import Job
    from bimetal.types import FloatArray, IntArray, Spec

POSSIBLE_ERROR = "possible label error"
URGENT = 1000.0  # a priority before what routing gives
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Suspect:
    """An item whose label a model doubts: `margin` is the model's score of the label less the largest other."""

    item: str
    given: str
    suggested: str
    margin: float


@dataclass(frozen=True, slots=True)
class Suspects:
    """Items to look at, the most doubtful first; `wrong` estimates the share of labels that are wrong."""

    found: tuple[Suspect, ...]
    labelled: int
    wrong: float
    words: str


def suspects(rows: pa.Table, learner: Spec, rng: np.random.Generator, folds: int = FOLDS) -> Suspects:
    """Find labels of a table that a model, fitted each time on the other folds, confidently contradicts.

    `rows` have `id`, `label` and payload; rows without a label are left out. It is a queue to look at, not a
    correction: a weak model finds its own mistakes. Raises InputError below two labels or `folds` rows.
    """
    rows = rows.filter(pc.is_valid(rows["label"]))
    labels = [str(each) for each in rows["label"].to_pylist()]
    names = tuple(sorted(set(labels)))
    if len(names) < 2 or len(labels) < folds:
        raise InputError(
            f"{len(labels)} labelled rows of {len(names)} labels teach no model", "label more rows, of two labels"
        )
    codes = np.array([names.index(each) for each in labels], dtype=np.int64)
    found = label_errors(_cross_fitted(rows, codes, names, _Fold(learner, _folds(codes, folds, rng)), rng), codes)
    ids = rows["id"].to_pylist()
    listed = tuple(
        Suspect(str(ids[at]), labels[at], names[other], float(margin))
        for at, other, margin in zip(found.items, found.suggested, found.margin, strict=True)
    )
    words = f"{len(listed)} of {len(labels)} labels look wrong to {learner.name}; an estimated {found.wrong:.1%} are"
    return Suspects(listed, len(labels), found.wrong, words)


def suspects_in(programme: Programme, job: str, learner: Spec | None = None) -> Suspects:
    """Find the suspects among what a job's people decided; the programme's own learner unless another is named."""
    held = job_named(programme, job)
    if held.task != "classification":
        raise InputError(f"{job!r} asks for {held.task}", "look for label errors in a classification")
    decided = resolve(queue.decided(programme, job))
    decided = decided.filter(pc.is_valid(decided["label"])).select(["id", "label"])
    rows = programme.snapshots.get(held.snapshot)
    plain = rows.drop_columns([name for name in ("label",) if name in rows.column_names])
    rng = np.random.default_rng([programme.config.programme.rng_seed, 12])
    return suspects(_joined(plain, decided), learner or programme.config.learner_spec, rng)


def look_again(programme: Programme, by: Person, job: str, items: Sequence[str], reason: str = POSSIBLE_ERROR) -> int:
    """Put items back before the others, for one rater more each; returns how many were put back.

    Those an adjudicator has, and those of a closed job, stay. What people said stands: the new rater is blind to it,
    and a difference goes the way of any conflict. Raises PolicyError for a panel: what is looked at twice there would
    be chosen by a model that the panel judges.
    """
    require(by.role, "steer queue")
    held = job_named(programme, job)
    if held.kind == "panel":
        raise PolicyError(
            f"{job!r} is a panel, where no model says what is looked at again", "ask another rater of all"
        )

    def act(connection: Connection) -> int:
        back = ask_one_more(connection, held, items, reason)
        body: dict[str, Json] = {"reason": reason, "items": len(back), "digest": digest(sorted(back))}
        at = programme.now()
        programme.log.append(connection, at=at, actor=by.id, action="job.looked-again", subject=job, body=body)
        return len(back)

    return programme.state.write(act)


def ask_one_more(connection: Connection, job: Job, items: Collection[str], reason: str) -> list[str]:
    """Open items for one more rater, first in line, within an act; returns those that were."""
    back: list[str] = []
    for part in parts(sorted(set(items))):
        for row in connection.execute(_STANDS.where(_items.job == job.name, _items.item.in_(part))).all():
            here = sql.and_(_items.job == job.name, _items.item == row.item)
            wanted = max(row.wanted, row.given + row.held + 1) if row.state == "open" else row.given + row.held + 1
            change = {"state": "open", "open": 1, "wanted": wanted, "rank": -URGENT, "reason": reason}
            connection.execute(sql.update(schema.items).where(here).values(change))
            pull_back(connection, job.name, row.language, -URGENT, row.place)
            tally(connection, job.name, row.language, row.state, "open")
            back.append(row.item)
    return back


def affected(
    programme: Programme,
    job: str,
    *,
    labels: Collection[str] = (),
    within: tuple[str, str] | None = None,
    items: Collection[str] = (),
) -> tuple[str, ...]:
    """List the items a change of the guideline touches, to hand to `sheets.write`.

    Those to which somebody's standing answer carries one of `labels` (anywhere in it, for spans and shapes), those
    whose column holds a value (`within`), and `items` themselves; an adjudicator's word counts as an answer.
    """
    held, wanted = job_named(programme, job), set(labels)
    found = set(items)
    if wanted:
        said = given(programme, (job, adjudication_of(job)))
        found |= {each.answer.item for each in said if not each.gold and wanted & carried(held.task, each.answer.value)}
    if within is not None:
        column, value = within
        found |= {item for item, told in told_of(programme, held, column).items() if told == value}
    with programme.state.read() as connection:
        known = set(connection.execute(sql.select(_items.item).where(_items.job == job, _items.gold == 0)).scalars())
    return tuple(sorted(found & known))


def carried(task: str, value: str | None) -> set[str]:
    """Name the labels an answer carries.

    >>> sorted(carried("spans", '[{"start": 0, "end": 4, "label": "NAME"}]')), carried("classification", "cat")
    (['NAME'], {'cat'})
    """
    import json

    if value is None or task in {"text", "score"}:
        return set()
    if task in {"classification", "pairs"}:
        return {value}
    read: Any = json.loads(value)
    if task == "tags":
        return set(read)
    return {each["label"] for each in read if isinstance(each, dict) and "label" in each}


@dataclass(frozen=True, slots=True)
class _Fold:
    learner: Spec
    of: IntArray


def _folds(codes: IntArray, folds: int, rng: np.random.Generator) -> IntArray:
    """Deal each label's rows over the folds, so that each fold's model knows every label that has two."""
    fold = np.empty(len(codes), dtype=np.int64)
    start = 0
    for code in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == code))
        fold[rows] = (start + np.arange(len(rows))) % folds
        start += len(rows)
    return fold


def _cross_fitted(
    rows: pa.Table, codes: IntArray, names: tuple[str, ...], fold: _Fold, rng: np.random.Generator
) -> FloatArray:
    scores = np.zeros((len(codes), len(names)))
    for out in np.unique(fold.of):
        kept = fold.of != out
        train, rest = rows.filter(pa.array(kept)), rows.filter(pa.array(~kept))
        model = make(fold.learner)(train, np.ones(int(kept.sum())), None, rng)
        columns = np.array([names.index(each) for each in model.classes], dtype=np.int64)
        scores[np.ix_(np.flatnonzero(~kept), columns)] = model.predict_proba(rest)
    return scores


def _joined(rows: pa.Table, decided: pa.Table) -> pa.Table:
    said = dict(zip(decided["id"].to_pylist(), decided["label"].to_pylist(), strict=True))
    ids = [str(each) for each in rows["id"].to_pylist()]
    kept = rows.filter(pa.array([each in said for each in ids], pa.bool_()))
    labels = [said[str(each)] for each in kept["id"].to_pylist()]
    return kept.append_column("label", pa.array(labels, pa.string()))


_items = schema.items.c
_STANDS = sql.select(
    _items.item, _items.place, _items.language, _items.state, _items.wanted, _items.given, _items.held
).where(_items.gold == 0, _items.state.in_(("open", "settled")))

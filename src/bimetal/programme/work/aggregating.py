"""A job's answers as labels: majority, Dawid-Skene, MACE and GLAD beside each other, gold clamped, soft labels kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from bimetal.annotation.aggregation import (
    Posterior,
    SideBySide,
    Votes,
    compare,
    dawid_skene,
    glad,
    mace,
    majority,
)
from bimetal.errors import InputError, UnknownName
from bimetal.programme.work.answered import Given, given, job_named

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.programme import Programme

Method = Literal["majority", "dawid_skene", "mace", "glad"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Aggregated:
    """A job's soft labels by one method: `table` has id, label (null for a tie), probability, soft (labels sorted).

    Gold items, whose label was clamped, are left out of the table. `quality` is each rater's, in the method's own unit:
    it ranks raters within a method and judges nobody.
    """

    method: Method
    labels: tuple[str, ...]
    table: pa.Table
    quality: Mapping[str, float]
    tied: tuple[str, ...]
    posterior: Posterior


def aggregate(programme: Programme, job: str, method: Method = "majority") -> Aggregated:
    """Aggregate people's standing answers of a classification, gold clamped; models' are left out.

    Raises InputError for another task, and where nobody answered; UnknownName for another method.
    """
    if method not in METHODS:
        raise UnknownName(f"no aggregation is called {method!r}", f"use one of: {', '.join(METHODS)}")
    rows = _rows(programme, job)
    known = _known(rows)
    votes = _votes(programme, rows)
    found = _fitted(programme, votes, method, known)
    table = found.table()
    ordinary = [item not in known for item in table["id"].to_pylist()]
    quality = {who: float(value) for who, value in zip(votes.raters, found.quality, strict=True)}
    tied = tuple(item for item in found.tied if item not in known)
    return Aggregated(method, votes.labels, table.filter(ordinary), quality, tied, found)


def arbitrated(programme: Programme, job: str) -> SideBySide | None:
    """Let gold say whether majority or Dawid-Skene is to be trusted, none clamped; None below two gold items answered.

    On single answers a gold item the two are the same: it takes gold that several people answered.
    """
    rows = _rows(programme, job)
    known = _known(rows)
    return compare(_votes(programme, rows), known) if len(known) > 1 else None


def _rows(programme: Programme, job: str) -> list[Given]:
    held = job_named(programme, job)
    if held.task != "classification":
        raise InputError(f"{job!r} asks for {held.task}, which no vote aggregates", "resolve it by adjudication")
    rows = [row for row in given(programme, [job]) if row.answer.actor_kind == "human"]
    if not any(row.answer.value is not None for row in rows):
        raise InputError(f"nobody has answered in {job!r}", "wait for answers")
    return rows


def _known(rows: list[Given]) -> dict[str, str]:
    answered = [row for row in rows if row.answer.value is not None]
    return {row.answer.item: row.known for row in answered if row.gold and row.known is not None}


def _votes(programme: Programme, rows: list[Given]) -> Votes:
    known = {row.known for row in rows if row.gold and row.known is not None}
    return Votes.of_annotations((row.answer for row in rows), sorted({*programme.config.task.labels, *known}))


def _fitted(programme: Programme, votes: Votes, method: Method, known: Mapping[str, str]) -> Posterior:
    if method == "mace":
        return mace(votes, np.random.default_rng([programme.config.programme.rng_seed, 14]), known)
    if method == "dawid_skene":
        return dawid_skene(votes, known)
    return glad(votes, known) if method == "glad" else majority(votes, clamped=known)

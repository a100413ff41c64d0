"""How far a job's labels can be trusted: agreement, methods judged on gold, anchoring, preferences, doubts, cost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakKeyDictionary

import pyarrow.parquet as pq
from starlette.routing import Route

from bimetal.annotation.agreement import Agreement
from bimetal.errors import BimetalError, InputError
from bimetal.payload import PROVENANCE
from bimetal.programme.work import aggregating, money, preferences, quality
from bimetal.programme.work.relabelling import suspects_in
from bimetal.programme.work.shown import payload_of
from bimetal.store import queue
from bimetal.store.queue import adjudication_of
from bimetal.web.addresses import at
from bimetal.web.door import Ask, NotFoundError, page
from bimetal.web.names import Names

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.programme.programme import Programme
    from bimetal.store.log import Log
    from bimetal.store.queue import Job

Actor = Literal["human", "model"]
ACTORS: tuple[Actor, ...] = ("human", "model")
T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """Agreement among one kind of rater, whole and by group: people and models are never pooled."""

    actor: Actor
    whole: Agreement
    guideline: Mapping[str, Agreement]
    language: Mapping[str, Agreement]
    column: Mapping[str, Agreement]
    raters: tuple[quality.Rated, ...]


@dataclass(frozen=True)
class Method:
    """A way to aggregate: how many items get a label, how many tie, on how many it differs from the majority."""

    name: str
    labelled: int
    tied: int
    apart: int


@page("read answers")
def show(ask: Ask) -> Response:
    """Show the quality of one job, or what labels cost in all of them."""
    with ask.programme.state.read() as connection:
        jobs = [each for each in queue.read_jobs(connection) if each.kind != "adjudicate"]
    name = ask.query("job")
    if not name:
        return ask.render("quality_all.html", jobs=jobs, costs=money.label_costs(ask.programme), says=money.SAYS, at=at)
    job = next((each for each in jobs if each.name == name), None)
    if job is None:
        raise NotFoundError(f"there is no job {name[:60]!r} of its own", "choose one of /quality")
    return ask.render("quality.html", job=job, names=Names(ask), at=at, says=money.SAYS, **_kept(ask, job))


@dataclass
class _Last:
    """What was worked out last and of what, so that who reloads a page costs those who label nothing."""

    of: tuple[object, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    gate: threading.Lock = field(default_factory=threading.Lock)


_LAST: WeakKeyDictionary[Log, _Last] = WeakKeyDictionary()


def _kept(ask: Ask, job: Job) -> dict[str, Any]:
    """Work a job's quality out, one at a time, unless nothing was logged since it was last worked out today."""
    last = _LAST.setdefault(ask.programme.log, _Last())
    with last.gate:
        of = (ask.programme.log.size, ask.at.date(), job, ask.query("column"), ask.query("look"))
        if last.of != of:
            last.told, last.of = _told(ask, job), of
        return last.told


def _told(ask: Ask, job: Job) -> dict[str, Any]:
    programme, columns = ask.programme, _columns(ask.programme, job)
    column = ask.query("column") or ("item_origin" if "item_origin" in columns else "")
    doubts = ask.query("look") == "suspects" and job.task == "classification"
    arbitrated, unarbitrated = _or_fault(lambda: aggregating.arbitrated(programme, job.name))
    suspects, unsuspected = _or_fault(lambda: suspects_in(programme, job.name)) if doubts else (None, None)
    preferred, unpreferred = (
        _or_fault(lambda: preferences.report(programme, job.name)) if job.task in preferences.TASKS else (None, None)
    )
    return {
        "findings": quality.findings(programme, job.name),
        "sides": [side for actor in ACTORS if (side := _side(ask, job, actor, column if column in columns else ""))],
        "column": column,
        "columns": columns,
        "strange": bool(column) and column not in columns,
        "spoken": quality.languages(programme, job.name),
        "methods": _methods(programme, job),
        "arbitrated": arbitrated,
        "unarbitrated": unarbitrated,
        "anchoring": quality.anchoring(programme, job.name),
        "preferred": preferred,
        "unpreferred": unpreferred,
        "suspects": suspects,
        "unsuspected": unsuspected,
        "looks": job.task == "classification" and job.kind != "panel",
        "costs": money.label_costs(programme, [job.name, adjudication_of(job.name)]),
    }


def _side(ask: Ask, job: Job, actor: Actor, column: str) -> Side | None:
    programme = ask.programme
    raters = quality.raters(programme, job.name, ask.at, actor)
    if not raters and actor == "model":
        return None
    return Side(
        actor,
        quality.agreement(programme, job.name, actor),
        quality.by_guideline(programme, job.name, actor),
        quality.by_language(programme, job.name, actor),
        quality.by_column(programme, job.name, column, actor) if column else {},
        raters,
    )


def _methods(programme: Programme, job: Job) -> list[Method]:
    """Put the methods side by side; a label by one is apart where the majority's is another, or none."""
    if job.task != "classification":
        return []
    found, fault = _or_fault(lambda: [aggregating.aggregate(programme, job.name, each) for each in aggregating.METHODS])
    if fault or not found:
        return []
    plain = _labels(found[0])
    return [
        Method(
            each.method,
            sum(label is not None for label in _labels(each).values()),
            len(each.tied),
            sum(label != plain.get(item) for item, label in _labels(each).items()),
        )
        for each in found
    ]


def _labels(found: aggregating.Aggregated) -> dict[str, str | None]:
    return {str(row["id"]): row["label"] for row in found.table.select(["id", "label"]).to_pylist()}


def _columns(programme: Programme, job: Job) -> list[str]:
    """Name the columns a job's answers can be told apart by: neither what raters see nor what names an item."""
    if not job.snapshot:
        return []
    known = pq.read_schema(programme.snapshots.path(job.snapshot))
    hidden = {*payload_of(known), *PROVENANCE} - {"item_origin", "source"}
    return [name for name in known.names if name not in hidden]


def _or_fault(find: Callable[[], T]) -> tuple[T | None, BimetalError | None]:
    """Find something, or say why it is not known."""
    try:
        return find(), None
    except InputError as fault:
        return None, fault


ROUTES = [Route("/quality", show)]

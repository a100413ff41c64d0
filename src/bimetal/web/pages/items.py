"""The items of a job: where each stands and what was said, filtered, in pages, as a table to take away."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sql
from starlette.responses import Response, StreamingResponse

from bimetal.programme.work.relabelling import carried
from bimetal.programme.work.sheets import sheet
from bimetal.store import schema
from bimetal.store.queue import Job, adjudication_of
from bimetal.store.schema import rfc3339
from bimetal.types import Annotation
from bimetal.web.addresses import Named, at
from bimetal.web.door import Ask, page
from bimetal.web.pages.job import asked
from bimetal.web.pages.jobs import STATES

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

PAGE = 100
ALL_STATES = (*STATES, "withdrawn")
HEAD = (
    "item", "language", "state", "gold", "job", "rater", "kind", "at", "status", "value", "reason", "comment",
    "guideline", "seconds", "suggestion", "round",
)  # fmt: skip

_FORMULAE = frozenset("=+-@\t\r\n＝＋－＠")
_ANSWERED = "job"  # the first column about the answer; those before it are about the item


@dataclass(frozen=True)
class Wanted:
    """Which items of a job are listed; what is empty asks for nothing. A standing answer carries the `label`."""

    state: str = ""
    language: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Listed:
    """An item in the list: where it stands, and its standing answers by job, an adjudicator's among them."""

    row: Any
    answers: Sequence[tuple[str, Annotation]]
    url: str

    @property
    def said(self) -> list[tuple[str, int]]:
        counts = Counter(each.value if each.value is not None else "" for _, each in self.answers)
        return counts.most_common()


@page("read answers")
def show(ask: Ask) -> Response:
    """List items of a job."""
    job, wanted = asked(ask), _wanted(ask)
    found, onward = listed(ask.programme, job, wanted, ask.query("after"), PAGE)
    query = {"state": wanted.state, "language": ask.query("language"), "label": wanted.label}
    here = at("jobs", job.name, "items")
    return ask.render(
        "items.html",
        job=job,
        at=at,
        found=found,
        wanted=wanted,
        states=ALL_STATES,
        languages=_languages(ask.programme, job),
        labels=[each.value for each in sheet(ask.programme, job).labels],
        more=at("jobs", job.name, "items", **query, after=onward) if onward else "",
        first=at("jobs", job.name, "items", **query) if ask.query("after") else "",
        table=at("jobs", job.name, "items.csv", **query),
        url=here,
    )


@page("read answers")
def download(ask: Ask) -> Response:
    """Give the list as CSV, a line for each standing answer."""
    job = asked(ask)
    name = quote(f"{job.name}-items.csv", safe="")
    kept_as = {"content-disposition": f"attachment; filename=\"items.csv\"; filename*=UTF-8''{name}"}
    lines = _csv(ask.programme, job, _wanted(ask))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=kept_as)


def listed(programme: Programme, job: Job, wanted: Wanted, after: str, n: int) -> tuple[list[Listed], str]:
    """List up to `n` items by id, after one, with their standing answers, and the item to go on after."""
    query = sql.select(schema.items).where(_items.job == job.name, _items.item > after).order_by(_items.item).limit(n)
    if wanted.state:
        query = query.where(_items.state == wanted.state)
    if wanted.language is not None:
        query = query.where(_items.language == wanted.language)
    if wanted.label:
        query = query.where(_items.item.in_(_carrying(job, wanted.label)))
    with programme.state.read() as connection:
        rows = connection.execute(query).all()
        said = connection.execute(_STAND, {"jobs": both(job), "listed": [row.item for row in rows]}).all()
    answers: dict[str, list[tuple[str, Annotation]]] = {}
    for row in said:
        given = Annotation(**{name: getattr(row, name) for name in Annotation.__dataclass_fields__})
        answers.setdefault(row.item, []).append((row.job, given))
    found = [Listed(row, answers.get(row.item, []), at("jobs", job.name, "items", row.item)) for row in rows]
    if wanted.label:
        found = [each for each in found if any(wanted.label in carried(job.task, one.value) for _, one in each.answers)]
    return found, rows[-1].item if len(rows) == n else ""


def both(job: Job) -> list[str]:
    """Name a job and the one that decides its conflicts."""
    return [job.name] if job.kind == "adjudicate" else [job.name, adjudication_of(job.name)]


def inert(cell: object) -> str:
    """Spell a cell so that no spreadsheet runs it: what would begin a formula is quoted, numbers stay.

    >>> inert("=1+1"), inert("-1.5"), inert("-cmd"), inert(None)
    ("'=1+1", '-1.5', "'-cmd", '')
    """
    text = "" if cell is None else str(cell)
    if text[:1] not in _FORMULAE:
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _csv(programme: Programme, job: Job, wanted: Wanted) -> Iterator[str]:
    """Spell the table a page at a time, so that a list of any length is held nowhere whole."""
    yield "\ufeff" + _lines([HEAD])  # spreadsheets read UTF-8 by this sign
    after, more = "", True
    while more:
        found, after = listed(programme, job, wanted, after, 500)
        yield _lines(row for each in found for row in _rows(each))
        more = bool(after)


def _rows(each: Listed) -> Iterator[tuple[object, ...]]:
    about = (each.row.item, each.row.language, each.row.state, "yes" if each.row.gold else "no")
    yield from ((*about, where, *_told(said)) for where, said in each.answers)
    if not each.answers:
        yield (*about, *("" for _ in HEAD[HEAD.index(_ANSWERED) :]))


def _told(said: Annotation) -> tuple[object, ...]:
    about = (said.annotator, said.actor_kind, rfc3339(said.at), said.status, said.value, said.reason, said.comment)
    return (*about, said.guideline, said.seconds, said.suggestion, said.round)


def _lines(rows: Iterable[Sequence[object]]) -> str:
    sink = io.StringIO()
    csv.writer(sink, quoting=csv.QUOTE_ALL).writerows(map(inert, row) for row in rows)
    return sink.getvalue()


def _wanted(ask: Ask) -> Wanted:
    """Read the filters; the language `none` asks for items without one."""
    state, language = ask.query("state"), ask.query("language")
    spoken = {"": None, "none": ""}.get(language, language)
    return Wanted(state if state in ALL_STATES else "", spoken, ask.query("label"))


def _languages(programme: Programme, job: Job) -> list[str]:
    with programme.state.read() as connection:
        return sorted(connection.execute(_SPOKEN, {"in_job": job.name}).scalars())


def _carrying(job: Job, label: str) -> sql.Select[Any]:
    """Find items by a word in an answer's spelling; in a list of labels it stands as JSON spells it."""
    said = sql.select(_answers.item).where(_answers.job.in_(both(job)), _answers.standing == 1)
    if job.task in {"classification", "pairs"}:
        return said.where(_answers.value == label)
    spelled = label.replace("\\", "\\\\").replace('"', '\\"')
    return said.where(_answers.value.contains(spelled, autoescape=True))


_items, _answers = schema.items.c, schema.annotations.c
_SPOKEN = sql.select(_items.language).distinct().where(_items.job == sql.bindparam("in_job"))
_STAND = (
    sql.select(schema.annotations)
    .where(
        _answers.job.in_(sql.bindparam("jobs", expanding=True)),
        _answers.item.in_(sql.bindparam("listed", expanding=True)),
        _answers.standing == 1,
    )
    .order_by(_answers.at, _answers.id)
)

ROUTES = [Named("/jobs/{job}/items", show), Named("/jobs/{job}/items.csv", download)]

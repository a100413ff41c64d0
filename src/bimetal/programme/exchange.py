"""Other tools' files in and out of a programme: rows, everybody's answers, and what the format could not carry."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.annotation import resolve
from bimetal.annotation.strict_json import dumps
from bimetal.annotation.values import labelled
from bimetal.canonical import Json, digest
from bimetal.connectors import LABELS
from bimetal.errors import InputError, PolicyError
from bimetal.plugins import Exchange, Loss, make
from bimetal.programme import queue
from bimetal.programme.foreign import checked, sheet_of
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.parcel import Parcel, put
from bimetal.programme.policy import Case, Purpose, judge, refuse, refuse_sealed
from bimetal.programme.release import release
from bimetal.programme.work.answered import given
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Item, Job
from bimetal.store.state import State
from bimetal.types import Annotation, Role, Spec

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

T = TypeVar("T")
UNLABELLED: frozenset[Role] = frozenset({"pool", "production"})
APART = frozenset({"panel", "calibrate"})  # jobs whose answers measure people or models
PREFIX = "imported:"
_SHAPED = frozenset({"tags", "spans", "boxes", "polygons"})


@dataclass(frozen=True)
class Coming:
    """A file at the door: its format, with arguments, and what a person says of it."""

    format: str
    path: Path
    source: str
    name: str
    role: Role = "pool"
    licence: str = "unknown"
    declared: Declared = field(default_factory=Declared)
    args: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Came:
    """What came in: the dataset, its job of answers where there are any, how many by whom, and what did not come."""

    stored: Stored
    job: str
    answers: int
    annotators: int
    lost: tuple[Loss, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """What went out: how many rows and answers, the digest of the file, and what the format left behind."""

    rows: int
    answers: int
    digest: str
    lost: tuple[Loss, ...]


def bring(programme: Programme, coming: Coming) -> Came:
    """Bring another tool's file in: rows as a dataset, answers as a closed job of its own, all or nothing.

    Who answered comes under a pseudonym made here, never as somebody of this programme. What a file says of its own
    people is not taken for people's work unless somebody vouches for it: undeclared answers are held as replayed.
    Raises InputError naming the first thing that cannot be read, PolicyError as `intake.add` does.
    """
    parcel = Parcel(coming.path)
    exchange = checked(make(Spec("connectors", coming.format, coming.args)).read(parcel))
    whole, content = _told(exchange, coming), parcel.digest()

    def act(connection: Connection) -> Came:
        inside = _within(programme, connection)
        stored, warned = add(inside, whole)
        answers = _renamed(inside, connection, exchange, coming)
        if answers:
            _open(inside, exchange, stored, answers)
            queue.answer(inside, answers)
            queue.close(inside, stored.name)
        people = {each.annotator for each in answers}
        lost = (*exchange.lost, *_not_taken(exchange, coming))
        body: dict[str, Json] = {"format": coming.format, "file": content, "rows": stored.rows, "answers": len(answers)}
        body |= {"annotators": len(people), "source": coming.source, "lost": [str(each) for each in lost]}
        inside.append(connection, "imported", stored.digest, body)
        return Came(stored, stored.name if answers else "", len(answers), len(people), lost, tuple(warned))

    return programme.state.write(act)


@dataclass(frozen=True)
class Going:
    """What shall leave: a dataset or a job by name, the format with arguments, and what for."""

    format: str
    path: Path
    dataset: str = ""
    job: str = ""
    purpose: Purpose = "share"
    args: Mapping[str, Json] = field(default_factory=dict)


def send(programme: Programme, going: Going) -> Sent:
    """Write a dataset or a job with its labels, answers and provenance to another tool's file.

    The rules of a release bind, for sharing unless said otherwise; evaluation panels, and jobs that measure people,
    leave in no format. Raises PolicyError naming the rule and the way out; a refusal is logged, too.
    """
    if bool(going.dataset) == bool(going.job):
        raise InputError("name a dataset or a job, not both", "pass --dataset NAME or --job NAME")
    connector = make(Spec("connectors", going.format, going.args))
    exchange = _from_job(programme, going) if going.job else _from_dataset(programme, going)
    lost = connector.lost(exchange)
    put(going.path, connector.write(exchange))
    content = Parcel(going.path).digest()
    body: dict[str, Json] = {"format": going.format, "purpose": going.purpose, "file": content}
    body |= {"rows": exchange.rows.num_rows, "answers": len(exchange.annotations), "lost": [str(each) for each in lost]}
    programme.record("exported", going.dataset or going.job, body)
    return Sent(exchange.rows.num_rows, len(exchange.annotations), content, lost)


class _Joined(State):
    """The programme's state, seen and written through a transaction that is already open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._connection

    def write(self, act: Callable[[Connection], T]) -> T:
        return act(self._connection)


def _within(programme: Programme, connection: Connection) -> Programme:
    return replace(programme, state=_Joined(connection))


def _told(exchange: Exchange, coming: Coming) -> Arrival:
    """Make the table that enters: labelled by the file, else by its answers, where its role wants labels."""
    rows, declared = exchange.rows, coming.declared
    if coming.role in UNLABELLED:
        rows = rows.drop_columns([name for name in ("label", "label_origin") if name in rows.column_names])
    elif "label" not in rows.column_names and exchange.annotations:
        resolved = {each["id"]: each for each in resolve(_judged(exchange, coming), exchange.task).to_pylist()}
        said = [resolved.get(item, {}) for item in rows["id"].to_pylist()]
        rows = rows.append_column("label", pa.array([each.get("label") for each in said], pa.string()))
        rows = rows.append_column("label_origin", pa.array([each.get("label_origin") for each in said], pa.string()))
    if exchange.task in _SHAPED and "label" in rows.column_names:
        held = [None if each is None else labelled(exchange.task, each) for each in rows["label"].to_pylist()]
        rows = rows.set_column(rows.column_names.index("label"), "label", pa.array(held, LABELS[exchange.task]))
    return Arrival(rows, coming.name, coming.role, coming.source, None, coming.licence, declared)


def _judged(exchange: Exchange, coming: Coming) -> list[Annotation]:
    """Take a person's answer for one only where somebody vouches for the labels of the file."""
    if coming.declared.label == "human":
        return list(exchange.annotations)
    kept = exchange.annotations
    return [replace(each, actor_kind="replayed") if each.actor_kind == "human" else each for each in kept]


def _not_taken(exchange: Exchange, coming: Coming) -> Iterator[Loss]:
    if coming.role in UNLABELLED and "label" in exchange.rows.column_names:
        many = exchange.rows.num_rows - exchange.rows["label"].null_count
        if many:
            yield Loss("label", f"{many} labels of the file's own: a {coming.role} has none, import it as train")
    people = sum(each.actor_kind == "human" for each in exchange.annotations)
    if people and coming.declared.label != "human":
        told = f"{people} answers are held as replayed, nobody vouched for them: pass --declare real,human"
        yield Loss("actor_kind", told)


def _renamed(programme: Programme, connection: Connection, exchange: Exchange, coming: Coming) -> list[Annotation]:
    """Give answers ids and annotators of their own: keyed, so that the name in the file cannot be guessed back."""
    from bimetal.programme.people.sealing import lookup, make_secret

    make_secret(connection)
    names = {each.annotator for each in exchange.annotations}
    known = {
        name: f"{PREFIX}{coming.source}:{lookup(connection, 'imported', coming.source, name).hex()[:12]}"
        for name in names
    }
    now, made = programme.now(), []
    for each in _judged(exchange, coming):
        at = each.at if each.at.year > 1970 and each.at <= now else now
        name = digest([coming.name, each.item, known[each.annotator], each.id])
        made.append(replace(each, id=name, annotator=known[each.annotator], at=at, round=1))
    twice = [name for name, times in Counter(each.id for each in made).items() if times > 1]
    if twice:
        raise InputError(f"{len(twice)} answers stand twice in {coming.path}", "give every answer an id of its own")
    return sorted(made, key=lambda each: each.at)


def _open(programme: Programme, exchange: Exchange, stored: Stored, answers: list[Annotation]) -> None:
    most = max(Counter(each.item for each in answers).values())
    job = Job(
        name=stored.name,
        dataset=stored.name,
        snapshot=stored.digest,
        task=exchange.task,
        raters=min(most, 100),
        extra=0,
        agreement=0.5,
    )
    items = [Item(item, "imported") for item in dict.fromkeys(each.item for each in answers)]
    queue.open_job(programme, job, items, sheet_of(exchange))


def _from_dataset(programme: Programme, going: Going) -> Exchange:
    stored = programme.dataset(going.dataset)
    if stored.role == "panel":
        raise _sealed(programme, stored.digest, f"{stored.name} is an evaluation panel")
    rows = release(programme, going.dataset, going.purpose).rows
    with programme.state.read() as connection:
        jobs = [each for each in store.read_jobs(connection, stored.name) if each.kind not in APART]
    task = next((each.task for each in jobs if each.kind == "label"), _task_of(rows))
    return _exchange(programme, rows, jobs, task)


def _from_job(programme: Programme, going: Going) -> Exchange:
    with programme.state.read() as connection:
        job = store.read_job(connection, going.job)
        jobs = [each for each in store.read_jobs(connection) if job.name in {each.name, each.of}]
        asked = set(connection.execute(_ITEMS, {"in_job": job.name}).scalars())
    if job.kind in APART or not job.snapshot:
        raise _sealed(programme, job.name, f"{job.name} is a {job.kind} job, whose answers measure")
    stored = next((each for each in programme.datasets() if each.digest == job.snapshot), None)
    if stored is None or stored.role == "panel":
        raise _sealed(programme, job.name, f"{job.name} asks about an evaluation panel")
    rows = programme.snapshots.get(job.snapshot)
    rows = rows.filter(pa.array([item in asked for item in rows["id"].to_pylist()], pa.bool_()))
    resolved = {each["id"]: each for each in resolve(queue.decided(programme, job.name), job.task).to_pylist()}
    rows = _relabelled(rows, resolved)
    try:
        refuse_sealed(programme, rows)
        case = Case(programme, stored, rows, going.purpose)
        refuse(case, judge(case))
    except PolicyError as refusal:
        programme.record("export.refused", job.name, {"purpose": going.purpose, "why": str(refusal)})
        raise
    return _exchange(programme, rows, jobs, job.task)


def _sealed(programme: Programme, subject: str, why: str) -> PolicyError:
    programme.record("export.refused", subject, {"why": why})
    return PolicyError(f"rule panel-sealed: {why}, and leaves in no format", "export what models may learn from")


def _relabelled(rows: pa.Table, resolved: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    for name in ("label", "label_origin"):
        values = [resolved.get(item or "", {}).get(name) for item in rows["id"].to_pylist()]
        rows = rows.drop_columns(name) if name in rows.column_names else rows
        rows = rows.append_column(name, pa.array(values, pa.string()))
    return rows


def _exchange(programme: Programme, rows: pa.Table, jobs: list[Job], task: str) -> Exchange:
    """Put rows and what people said of them together; hidden gold and its answers stay here."""
    rows, known = _in_text(rows), set(rows["id"].to_pylist())
    told = [each.answer for each in given(programme, [job.name for job in jobs]) if not each.gold]
    answers = tuple(each for each in told if each.item in known)
    said = rows["label"].drop_null().to_pylist() if "label" in rows.column_names else []
    values = {str(each) for each in said} | {each.value for each in answers if each.value is not None}
    own = tuple(sorted(values)) if task == "classification" else ()
    return Exchange(rows, task, programme.config.task.labels or own, answers)


def _in_text(rows: pa.Table) -> pa.Table:
    """Spell labels of any shape as text, the way answers are."""
    if "label" not in rows.column_names or pa.types.is_string(rows["label"].type):
        return rows
    texts = [None if each is None else dumps(each) for each in rows["label"].to_pylist()]
    return rows.set_column(rows.column_names.index("label"), "label", pa.array(texts, pa.string()))


def _task_of(rows: pa.Table) -> str:
    """Tell the task of labels nobody asked people about, by their type and payload."""
    if {"text_a", "text_b"} <= set(rows.column_names):
        return "pairs"
    kind = rows["label"].type if "label" in rows.column_names else pa.string()
    if pa.types.is_floating(kind):
        return "score"
    if not pa.types.is_list(kind):
        return "classification"
    fields = {each.name for each in kind.value_type} if pa.types.is_struct(kind.value_type) else set()
    shapes = {"start": "spans", "x0": "boxes", "points": "polygons"}
    return next((task for name, task in shapes.items() if name in fields), "tags")


_ITEMS = sql.select(schema.items.c.item).where(schema.items.c.job == sql.bindparam("in_job"), schema.items.c.gold == 0)

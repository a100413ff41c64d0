"""The queue of items that wait for people, and the answers that came back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select

from bimetal.annotation import resolve
from bimetal.annotation.sheet import Sheet
from bimetal.annotation.shown import Shown
from bimetal.annotation.values import canonical
from bimetal.annotation.values import labelled as as_held
from bimetal.canonical import Json, digest
from bimetal.errors import InputError, LogError
from bimetal.payload import payload_columns
from bimetal.programme.work import sheets
from bimetal.programme.work.bearable import Asked, bearable
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Item, Job, Lease, Rater, Receipt, Submission
from bimetal.types import Annotation

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

ActorKind = Literal["human", "model", "replayed"]
ANSWERED = "answered"
_FIELDS = tuple(Annotation.__dataclass_fields__)


def send(programme: Programme, dataset: str, items: Sequence[tuple[str, str, float]], turn: int) -> None:
    """Queue items of a dataset as (item, reason, inclusion probability), once; the act stands in the log.

    They are given out in this order, in a job of the dataset's name that as many people answer as the cycle says.
    """
    at = programme.now()

    def act(connection: Connection) -> None:
        if dataset not in {each.name for each in store.read_jobs(connection)}:
            store.open_job(connection, _job(programme, dataset), at)
        asked = (store.Item(item, reason, probability=probability) for item, reason, probability in items)
        store.add_items(connection, dataset, asked, at)

    reasons: dict[str, Json] = {
        reason: sum(each[1] == reason for each in items) for reason in {each[1] for each in items}
    }
    programme.record(
        "routed",
        dataset,
        {"items": len(items), "reasons": reasons, "round": turn, "digest": digest([list(each) for each in items])},
        act,
    )


def _job(programme: Programme, dataset: str) -> Job:
    """Ask as many people as the cycle wants; the majority decides, and a tie waits for an adjudicator."""
    held = programme.datasets(name=dataset)
    return Job(
        name=dataset,
        dataset=dataset,
        snapshot=held[-1].digest if held else "",
        raters=programme.config.cycle.raters,
        extra=0,
        agreement=0.5,
        guideline=programme.config.task.guideline,
        salt=secrets.token_hex(16),
    )


def open_job(programme: Programme, job: Job, items: Sequence[Item], sheet: Sheet | None = None) -> Job:
    """Open a job with its items, and the sheet it begins with; the act stands in the log, `salt` is drawn here."""
    from bimetal.programme.quarantine import refuse_quarantined  # whose checks know the datasets that jobs made

    for held in programme.datasets(name=job.dataset):
        refuse_quarantined(programme, held, "nobody is asked about it")
    if sheet is not None and sheet.task != job.task:
        raise InputError(f"the sheet is for {sheet.task}, the job for {job.task}", "make both for one task")
    salted = replace(job, salt=job.salt or secrets.token_hex(16))
    told = {name: value for name, value in asdict(salted).items() if name not in {"name", "salt"}}

    def act(connection: Connection) -> None:
        store.open_job(connection, salted, programme.now())
        store.add_items(connection, job.name, items, programme.now())
        if begins is not None:
            sheets.keep(connection, job.name, begins, programme.actor, programme.now())

    begins = None if sheet is None else replace(sheet, version=job.guideline)
    listed = digest([[each.item, each.reason, each.priority, each.probability] for each in items])
    told |= {"items": len(items), "digest": listed} | ({} if begins is None else {"sheet": digest(begins.json())})
    programme.record("job.opened", job.name, told, act)
    return salted


def reopen(programme: Programme, job: str, items: Sequence[str], guideline: int) -> None:
    """Begin a new round on the items a new guideline touches; the act stands in the log."""
    body: dict[str, Json] = {"guideline": guideline, "items": len(items), "digest": digest(sorted(items))}
    programme.record("job.reopened", job, body, lambda connection: store.reopen(connection, job, items, guideline))


def lease(programme: Programme, rater: Rater, job: str, n: int = 1) -> list[Lease]:
    """Give a rater up to `n` items of a job, see `store.queue.lease`, each with its warning or else the sheet's.

    What has a warning counts against the day's cap. Raises PolicyError where nothing else is left for somebody who
    did not accept it, or whose cap is reached.
    """
    at = programme.now()

    def act(connection: Connection) -> list[Lease]:
        given = store.lease(connection, rater, job, n, at)
        return bearable(connection, rater, given, Asked(job, n, at)) if given else given

    return programme.state.write(act)


def submit(
    programme: Programme, rater: Rater, sent: Submission, sheet: Sheet | None = None, about: Shown | None = None
) -> Receipt:
    """Keep one answer and log it under its author's name, in one transaction; returns once it is on disk.

    With its job's sheet, and the item as shown, a value is checked and spelled the one way; see `annotation.values`.
    The log holds the answer's digest, which the sender's key makes unguessable. Raises as `store.queue.submit` does.
    """
    if sheet is not None and sent.status == "submitted" and sent.value is not None:
        sent = replace(sent, value=canonical(sheet, sent.value, about))
    return submitting(programme, rater, sent, programme.now()).result()


def submitting(
    programme: Programme, rater: Rater, sent: Submission, at: datetime, *, renewed: bool = False
) -> Future[Receipt]:
    """Begin to keep and log an answer; the future is done once both are on disk.

    A lease that ran out is taken up again first where it is to be `renewed`.
    """

    def act(connection: Connection) -> Receipt:
        if renewed:
            store.renew(connection, rater, [sent.lease], at)
        receipt = store.submit(connection, rater, sent, at)
        if receipt.annotation is not None and not receipt.repeated:
            told = _entry(receipt, sent.key)
            programme.log.append(connection, at=at, actor=rater.name, action=ANSWERED, subject=receipt.job, body=told)
        return receipt

    return programme.state.begin(act)


def _entry(receipt: Receipt, key: str) -> dict[str, Json]:
    given = receipt.annotation
    assert given is not None  # a draft has no entry
    bound = _bound(given.id, given.value, key)
    return {"id": given.id, "item": given.item, "revision": receipt.revision, "digest": bound}


def close(programme: Programme, job: str) -> None:
    """Ask nobody about a job any more, and let no answer be corrected: its labels are taken up."""
    programme.record("job.closed", job, {}, lambda connection: store.close_job(connection, job))


def _bound(identity: str, value: str | None, key: str | None) -> str:
    return digest([identity, value, key])


def queued(programme: Programme, dataset: str) -> list[dict[str, Any]]:
    """List a dataset's queued items: item, reason, probability, round, state."""
    columns = schema.items.c
    query = (
        select(columns.item, columns.reason, columns.probability, columns.round, columns.state, columns.at)
        .where(columns.job == dataset, columns.gold == 0)
        .order_by(columns.item)
    )
    with programme.state.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def waiting(programme: Programme, dataset: str, raters: int) -> int:
    """Count a dataset's queued items that have fewer answers than raters."""
    columns = schema.items.c
    query = (
        select(func.count())
        .select_from(schema.items)
        .where(
            columns.job == dataset,
            columns.gold == 0,
            columns.state == "open",
            columns.given + columns.skipped < raters,
        )
    )
    with programme.state.read() as connection:
        return int(connection.execute(query).scalar_one())


def answer(programme: Programme, given: Sequence[Annotation]) -> int:
    """Keep answers and log them, with their digest, in one transaction; returns how many are new.

    The same answer again is kept once. Raises InputError for an item nobody asked about, and for a second answer that
    contradicts the first.
    """

    def act(connection: Connection) -> int:
        new = store.bring(connection, given)
        if new:
            programme.append(connection, "annotated", new[0].item, _told(programme, new))
        return len(new)

    return programme.state.write(act)


def _told(programme: Programme, new: Sequence[Annotation]) -> dict[str, Json]:
    kinds: dict[str, Json] = {
        kind: sum(each.actor_kind == kind for each in new) for kind in {e.actor_kind for e in new}
    }
    return {
        "answers": len(new),
        "actors": kinds,
        "digest": programme.snapshots.put(pa.Table.from_pylist(list(map(_row, new)))),
    }


def answers(programme: Programme, items: Sequence[str] | None = None) -> list[Annotation]:
    """Read everybody's last word, oldest first; all of it, or that to some items."""
    held = schema.annotations.c
    query = select(*(held[name] for name in _FIELDS)).where(held.standing == 1).order_by(held.at, held.id)
    with programme.state.read() as connection:
        rows = connection.execute(query).mappings().all()
    wanted = None if items is None else set(items)
    return [Annotation(**row) for row in rows if wanted is None or row["item"] in wanted]


def decided(programme: Programme, job: str) -> list[Annotation]:
    """Read the answers that count in a job: an adjudicator's alone where there is one, else everybody's."""
    held = schema.annotations.c
    adjudication = store.adjudication_of(job)
    query = (
        select(*(held[name] for name in _FIELDS), held.job)
        .where(held.standing == 1, held.job.in_((job, adjudication)))
        .order_by(held.at, held.id)
    )
    with programme.state.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    settled = {row["item"] for row in rows if row["job"] == adjudication and row["status"] == "submitted"}
    return [
        Annotation(**{name: row[name] for name in _FIELDS})
        for row in rows
        if (row["job"] == adjudication) == (row["item"] in settled)
    ]


def labelled(programme: Programme, dataset: str, rows: pa.Table) -> pa.Table:
    """Join people's resolved answers to the rows asked about, with `reason`; undecided items are left out."""
    asked = {each["item"]: each["reason"] for each in queued(programme, dataset)}
    task = _task(programme, dataset)
    resolved = resolve((each for each in decided(programme, dataset) if each.item in asked), task)
    resolved = _as_held(resolved.filter(pc.is_valid(resolved["label"])), task).select(["id", "label", "label_origin"])
    kept = [name for name in rows.column_names if name not in {"label", "label_origin"}]
    joined = rows.select(kept).filter(pc.is_in(rows["id"], resolved["id"].combine_chunks())).sort_by("id")
    own = resolved.take(pc.index_in(joined["id"], resolved["id"].combine_chunks()))  # a join takes no lists
    for name in ("label", "label_origin"):
        joined = joined.append_column(name, own[name])
    return joined.append_column("reason", pa.array([asked[item] for item in joined["id"].to_pylist()], pa.string()))


def _task(programme: Programme, name: str) -> str:
    with programme.state.read() as connection:
        return next((job.task for job in store.read_jobs(connection) if job.name == name), "classification")


def _as_held(resolved: pa.Table, task: str) -> pa.Table:
    """Put labels as a dataset holds them: numbers, lists, objects; texts stay."""
    held = [as_held(task, str(each)) for each in resolved["label"].to_pylist()]
    return resolved.set_column(1, "label", pa.array(held, pa.string() if not held else None))


def questions(programme: Programme, dataset: str) -> pa.Table:
    """Give the items that wait for people, without anything that hints at the answer."""
    rows = programme.snapshots.get(programme.dataset(dataset).digest)
    asked = pa.array([each["item"] for each in queued(programme, dataset)], pa.string())
    shown = ["id", *payload_columns(rows)]
    return rows.filter(pc.is_in(rows["id"], asked)).select(shown)


def answers_from(programme: Programme, table: pa.Table) -> list[Annotation]:
    """Read answers from a table of id, label and annotator; an empty label is a skipped item.

    They are people's, unless a column `actor_kind` says of some that a model gave or a replay repeated them.
    """
    missing = sorted({"id", "label", "annotator"} - set(table.column_names))
    if missing:
        raise InputError(f"the answers have no column {', '.join(missing)}", "write a table of id, label and annotator")
    at, labels = programme.now(), sheets.label_values(programme)
    given = []
    for row, kind in zip(table.select(["id", "label", "annotator"]).to_pylist(), _kinds(table), strict=True):
        item, value, who = (None if row[name] is None else str(row[name]) for name in ("id", "label", "annotator"))
        if not item or not who:
            raise InputError(
                f"an answer has no {'annotator' if item else 'id'}: {row}", "say which item, and who answered"
            )
        if value is not None and labels and value not in labels:
            raise InputError(f"{who} answered {value!r} to {item}", f"expected one of: {', '.join(labels)}")
        identity = digest([item, who, 1])
        given.append(Annotation(identity, item, who, kind, value, at, "skipped" if value is None else "submitted"))
    return given


def _kinds(table: pa.Table) -> list[ActorKind]:
    if "actor_kind" not in table.column_names:
        return ["human"] * table.num_rows
    said = [str(each or "human").strip().lower() for each in table["actor_kind"].to_pylist()]
    for each in set(said) - set(get_args(ActorKind)):
        raise InputError(f"actor_kind says {each!r}", f"write one of: {', '.join(get_args(ActorKind))}")
    return said  # type: ignore[return-value]  # just looked up


def refuse_changed(programme: Programme) -> None:
    """Raise LogError where an answer in the database is not the one the log bound when it was given."""
    held = schema.annotations.c
    with programme.state.read() as connection:
        rows = connection.execute(select(held.id, held.value, held.key)).all()
    now = {row.id: row for row in rows}
    for entry in programme.log.entries(action=ANSWERED):
        row = now.get(entry.body["id"])
        if row is None or _bound(row.id, row.value, row.key) != entry.body["digest"]:
            raise _changed(entry.body["item"], entry.seq)
    for entry in programme.log.entries(action="annotated"):
        programme.snapshots.verify(entry.body["digest"])
        for said in programme.snapshots.get(entry.body["digest"]).select(["id", "item", "value"]).to_pylist():
            if said["id"] not in now or now[said["id"]].value != said["value"]:
                raise _changed(said["item"], entry.seq)


def _changed(item: str, seq: int) -> LogError:
    return LogError(
        f"the answer to {item} is not the one that entry {seq} bound: it was changed since",
        "restore the database from a backup and ask who had access",
    )


def _row(each: Annotation) -> dict[str, object]:
    return {name: getattr(each, name) for name in _FIELDS}

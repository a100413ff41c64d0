"""The queue of items that wait for people, and the answers that came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select

from bimetal.annotation import resolve
from bimetal.canonical import Json, digest
from bimetal.errors import InputError, LogError
from bimetal.payload import payload_columns
from bimetal.store import schema
from bimetal.types import Annotation

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

ActorKind = Literal["human", "model", "replayed"]


def send(programme: Programme, dataset: str, items: Sequence[tuple[str, str, float]], turn: int) -> None:
    """Queue items of a dataset as (item, reason, inclusion probability), once; the act stands in the log."""
    at = programme.now()

    def act(connection: Connection) -> None:
        for item, reason, probability in items:
            connection.execute(
                schema.queue.insert().values(
                    item=item,
                    dataset=dataset,
                    reason=reason,
                    probability=probability,
                    round=turn,
                    at=at,
                )
            )

    reasons: dict[str, Json] = {
        reason: sum(each[1] == reason for each in items) for reason in {each[1] for each in items}
    }
    programme.record(
        "routed",
        dataset,
        {"items": len(items), "reasons": reasons, "round": turn, "digest": digest([list(each) for each in items])},
        act,
    )


def queued(programme: Programme, dataset: str) -> list[dict[str, Any]]:
    """List a dataset's queued items: item, reason, probability, round."""
    with programme.state.read() as connection:
        found = connection.execute(
            select(schema.queue).where(schema.queue.c.dataset == dataset).order_by(schema.queue.c.item)
        )
        return [dict(row) for row in found.mappings()]


def waiting(programme: Programme, dataset: str, raters: int) -> int:
    """Count a dataset's queued items that have fewer answers than raters."""
    answers = (
        select(schema.annotations.c.item, func.count(func.distinct(schema.annotations.c.annotator)).label("given"))
        .group_by(schema.annotations.c.item)
        .subquery()
    )
    query = (
        select(func.count())
        .select_from(schema.queue.outerjoin(answers, schema.queue.c.item == answers.c.item))
        .where(schema.queue.c.dataset == dataset, func.coalesce(answers.c.given, 0) < raters)
    )
    with programme.state.read() as connection:
        return int(connection.execute(query).scalar_one())


def answer(programme: Programme, given: Sequence[Annotation]) -> int:
    """Keep answers and log them, with their digest, in one transaction; returns how many are new.

    The same answer again is kept once. Raises InputError for an item nobody asked about, and for a second answer that
    contradicts the first.
    """
    unique = _unique(given)

    def act(connection: Connection) -> int:
        known = {str(item) for item in connection.execute(select(schema.queue.c.item)).scalars()}
        strange = sorted({each.item for each in unique} - known)
        if strange:
            raise InputError(
                f"{len(strange)} answers are to items nobody asked about: {', '.join(strange[:5])}",
                "answer queued items",
            )
        kept = connection.execute(select(schema.annotations)).mappings()
        held = {row["id"]: Annotation(**row) for row in kept}
        new = [each for each in unique if not _held(each, held)]
        if new:
            connection.execute(schema.annotations.insert(), [_row(each) for each in new])
            programme.append(connection, "annotated", new[0].item, _told(programme, new))
        return len(new)

    return programme.state.write(act)


def _unique(given: Sequence[Annotation]) -> list[Annotation]:
    first: dict[str, Annotation] = {}
    return [each for each in given if not _held(each, first) and first.setdefault(each.id, each) is each]


def _held(each: Annotation, held: Mapping[str, Annotation]) -> bool:
    """Say whether an answer is known; one that says something else is refused."""
    before = held.get(each.id)
    if before is not None and before.value != each.value:
        raise InputError(
            f"{each.annotator} answered {before.value!r} to {each.item} before, and {each.value!r} now",
            "keep the first answer, or let another annotator decide",
        )
    return before is not None


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
    """Read answers back, oldest first; all of them, or those to some items."""
    query = select(schema.annotations).order_by(schema.annotations.c.at, schema.annotations.c.id)
    with programme.state.read() as connection:
        rows = connection.execute(query).mappings().all()
    wanted = None if items is None else set(items)
    return [Annotation(**row) for row in rows if wanted is None or row["item"] in wanted]


def labelled(programme: Programme, dataset: str, rows: pa.Table) -> pa.Table:
    """Join people's resolved answers to the rows asked about, with `reason`; undecided items are left out."""
    asked = {each["item"]: each["reason"] for each in queued(programme, dataset)}
    resolved = resolve(answers(programme, list(asked)))
    resolved = resolved.filter(pc.is_valid(resolved["label"])).select(["id", "label", "label_origin"])
    kept = [name for name in rows.column_names if name not in {"label", "label_origin"}]
    joined = rows.select(kept).join(resolved, "id", join_type="inner").sort_by("id")
    return joined.append_column("reason", pa.array([asked[item] for item in joined["id"].to_pylist()], pa.string()))


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
    at, labels = programme.now(), _labels(programme)
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
    now = {each.id: each.value for each in answers(programme)}
    for entry in programme.log.entries(action="annotated"):
        programme.snapshots.verify(entry.body["digest"])
        for row in programme.snapshots.get(entry.body["digest"]).select(["id", "item", "value"]).to_pylist():
            if row["id"] not in now or now[row["id"]] != row["value"]:
                raise LogError(
                    f"the answer to {row['item']} is not the one that entry {entry.seq} bound: it was changed since",
                    "restore the database from a backup and ask who had access",
                )


def _labels(programme: Programme) -> tuple[str, ...]:
    """Name the labels people may give: those of bimetal.toml, else those the labelled rows hold."""
    rows = [programme.rows("train"), programme.rows("panel")]
    held = {str(label) for each in rows if each is not None for label in each["label"].to_pylist()}
    return programme.config.task.labels or tuple(sorted(held))


def _row(each: Annotation) -> dict[str, object]:
    return {name: getattr(each, name) for name in each.__dataclass_fields__}

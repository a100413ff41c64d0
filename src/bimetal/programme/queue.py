"""The queue of items that wait for people, and the answers that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select

from bimetal.annotation import resolve
from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.payload import payload_columns
from bimetal.store import schema
from bimetal.types import Annotation

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme


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
                    state="waiting",
                    at=at,
                )
            )

    reasons: dict[str, Json] = {
        reason: sum(each[1] == reason for each in items) for reason in {each[1] for each in items}
    }
    programme.record("routed", dataset, {"items": len(items), "reasons": reasons, "round": turn}, act)


def queued(programme: Programme, dataset: str) -> list[dict[str, Any]]:
    """List a dataset's queued items: item, reason, probability, round, state."""
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
    """Keep answers and log them in one transaction; an answer given before is kept once. Returns how many are new."""
    known = {each["item"] for each in _all_items(programme)}
    strange = sorted({each.item for each in given} - known)
    if strange:
        raise InputError(
            f"{len(strange)} answers are to items nobody asked about: {', '.join(strange[:5])}", "answer queued items"
        )
    seen = {each.id for each in answers(programme)}
    new = [each for each in given if each.id not in seen]
    if not new:
        return 0

    def act(connection: Connection) -> None:
        connection.execute(schema.annotations.insert(), [_row(each) for each in new])

    kinds: dict[str, Json] = {
        kind: sum(each.actor_kind == kind for each in new) for kind in {each.actor_kind for each in new}
    }
    programme.record("annotated", new[0].item, {"answers": len(new), "actors": kinds}, act)
    return len(new)


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
    """Read people's answers from a table of id, label and annotator; an empty label is a skipped item."""
    missing = sorted({"id", "label", "annotator"} - set(table.column_names))
    if missing:
        raise InputError(f"the answers have no column {', '.join(missing)}", "write a table of id, label and annotator")
    at, labels = programme.now(), programme.config.task.labels
    given = []
    for row in table.select(["id", "label", "annotator"]).to_pylist():
        item, value, who = (None if row[name] is None else str(row[name]) for name in ("id", "label", "annotator"))
        if not item or not who:
            raise InputError(
                f"an answer has no {'annotator' if item else 'id'}: {row}", "say which item, and who answered"
            )
        if value is not None and labels and value not in labels:
            raise InputError(f"{who} answered {value!r} to {item}", f"expected one of: {', '.join(labels)}")
        identity = f"{item}/{who}/1"
        given.append(Annotation(identity, item, who, "human", value, at, "skipped" if value is None else "submitted"))
    return given


def _all_items(programme: Programme) -> list[dict[str, Any]]:
    with programme.state.read() as connection:
        return [dict(row) for row in connection.execute(select(schema.queue.c.item)).mappings()]


def _row(each: Annotation) -> dict[str, object]:
    return {name: getattr(each, name) for name in each.__dataclass_fields__}

"""What reports of red-team tools share: outcomes as labels, judges as models, our own columns carried along whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bimetal.connectors._answers import labels_of, revived, told
from bimetal.connectors._reading import listed, record, table, word
from bimetal.plugins import Exchange, Loss
from bimetal.types import Annotation

OURS = "bimetal"  # a field of our own within a field the tool leaves to its users
HIT, SAFE = "hit", "safe"
THRESHOLD = 0.5  # a score from here up is a hit, unless a run says otherwise


def carried(row: Mapping[str, Any], given: Iterable[Annotation]) -> dict[str, Any]:
    """Spell an item and everybody's answers to it, so that `regained` gives them back."""
    answers = [{**told(each), "value": each.value} for each in given]
    return {"row": {name: value for name, value in row.items() if value is not None}, "answers": answers}


def regained(where: str, ours: Any) -> tuple[dict[str, Any], list[Annotation]]:
    """Read back what `carried` spelled; raises InputError where somebody changed it to what it cannot be."""
    whole = record(f"{where} {OURS}", ours)
    row = {name: value for name, value in record(f"{where} row", whole.get("row")).items() if value is not None}
    row["id"] = word(f"{where} id", row.get("id"))
    row["text"] = word(f"{where} text", row.get("text"))
    if "label" in row:
        row["label"] = word(f"{where} label", row["label"])
    answers = []
    for at, each in enumerate(listed(f"{where} answers", whole.get("answers", []))):
        said = record(f"{where} answer", each)
        value = None if said.get("value") is None else word(f"{where} answer", said["value"])
        answers.append(revived(row["id"], value, said, at))
    return row, answers


def judged(item: str, judge: str, hit: bool, said: Mapping[str, Any]) -> Annotation:
    """Make the answer of a detector or scorer, which is a model's."""
    return revived(item, HIT if hit else SAFE, {**said, "annotator": judge or "unnamed", "actor_kind": "model"})


def outcome(answers: Iterable[Annotation]) -> str | None:
    """Say what an item came to: a hit where any judge saw one, nothing where none judged."""
    values = {each.value for each in answers}
    return HIT if HIT in values else SAFE if SAFE in values else None


def exchanged(rows: list[dict[str, Any]], answers: list[Annotation], lost: tuple[Loss, ...]) -> Exchange:
    """Put rows and answers together as a classification."""
    labels = labels_of("classification", [*(each.value for each in answers), *(row.get("label") for row in rows)])
    return Exchange(table(rows), "classification", labels, tuple(answers), lost)

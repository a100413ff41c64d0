"""Answers as plain values and back: what a file says of who answered, checked field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bimetal.canonical import digest
from bimetal.connectors._items import parsed
from bimetal.connectors._losses import ANSWER
from bimetal.connectors._reading import moment, number, shown, word
from bimetal.errors import InputError
from bimetal.types import Annotation

KINDS = ("human", "model", "replayed")
SHAPES = ("spans", "boxes", "polygons", "keypoints", "masks")


def told(each: Annotation) -> dict[str, Any]:
    """Spell an answer's attribution as JSON values, its value left out."""
    return {name: getattr(each, name) for name in ("id", *ANSWER)} | {"at": each.at.isoformat()}


def revived(item: str, value: str | None, said: Mapping[str, Any], place: int = 0) -> Annotation:
    """Make an answer of what a file says; what it does not say is a plain human answer's, its id made from the rest.

    Raises InputError for an unknown kind of actor and for numbers that are none.
    """
    where = f"an answer to {shown(item)}"
    who = word(f"{where}: annotator", said.get("annotator") or "unnamed")
    kind = said.get("actor_kind") or "human"
    if kind not in KINDS:
        raise InputError(f"{where} is by {shown(kind)}", f"expected one of: {', '.join(KINDS)}")
    skipped = value is None or said.get("status") == "skipped"
    return Annotation(
        id=word(f"{where}: id", said.get("id") or digest([item, who, place])),
        item=item,
        annotator=who,
        actor_kind=kind,  # type: ignore[arg-type]  # just looked up
        value=None if skipped else value,
        at=moment(said.get("at")),
        status="skipped" if skipped else "submitted",
        reason=word(f"{where}: reason", said.get("reason") or ""),
        seconds=max(number(f"{where}: seconds", said.get("seconds") or 0), 0.0),
        round=int(number(f"{where}: round", said.get("round") or 1)),
        guideline=int(number(f"{where}: guideline", said.get("guideline") or 1)),
        suggestion=None if said.get("suggestion") is None else word(f"{where}: suggestion", said["suggestion"]),
        comment=word(f"{where}: comment", said.get("comment") or ""),
    )


def labels_of(task: str, values: Iterable[str | None]) -> tuple[str, ...]:
    """List the labels that answers use, sorted; tasks without labels have none.

    >>> labels_of("tags", ['["b","a"]', None, '["a"]'])
    ('a', 'b')
    """
    found: set[str] = set()
    for value in {each for each in values if each is not None}:
        found.update(_labels(task, value))
    return tuple(sorted(found))


def _labels(task: str, value: str) -> list[str]:
    if task == "classification":
        return [value]
    try:
        if task == "tags":
            return [str(each) for each in parsed(value)]
        return [str(each["label"]) for each in parsed(value)] if task in SHAPES else []
    except (TypeError, KeyError) as fault:
        raise InputError(f"label {shown(value)} is none of {task}", "see docs/modalities.md for its form") from fault

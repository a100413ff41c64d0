"""What a format leaves behind, found by comparing what stands in an exchange with what the format has a place for."""

from __future__ import annotations

from collections.abc import Iterable

from bimetal.errors import InputError
from bimetal.plugins import UNTIMED, Exchange, Loss
from bimetal.types import Annotation

ANSWER = ("annotator", "actor_kind", "at", "status", "reason", "seconds", "round", "guideline", "suggestion", "comment")
PROVENANCE = ("item_origin", "label_origin", "source", "licence", "recipe", "boundary", "holdout", "language")
EVERYTHING = frozenset({*ANSWER, *PROVENANCE, "id", "annotation", "unlabelled", "label", "columns", "answers"})

_WORDS = {
    "annotator": "who answered",
    "actor_kind": "whether a person or a model answered",
    "at": "when it was answered",
    "status": "items that were skipped",
    "reason": "why an item was skipped",
    "seconds": "the active time an answer took",
    "round": "the round of an answer",
    "guideline": "the version of the guideline an answer follows",
    "suggestion": "the suggestion that was shown",
    "comment": "comments to the adjudicator",
    "annotation": "the id of an answer",
    "answers": "everybody's answers: one label an item is kept",
    "label": "the label that answers came to",
    "unlabelled": "items without a label are left out",
    "columns": "columns beside the payload",
}
_PLAIN = Annotation("", "", "", "human", "", UNTIMED)


def losses(exchange: Exchange, carried: Iterable[str], **own: str) -> tuple[Loss, ...]:
    """List what an exchange holds and a format does not carry, and `own` words for losses of the format itself."""
    kept = frozenset(carried)
    gone = [each for each in _held(exchange, "answers" in kept) if each not in kept]
    said = [Loss(each, _WORDS.get(each, f"the column {each}")) for each in gone]
    return (*said, *(Loss(what.replace("_", " "), words) for what, words in own.items()))


def refuse_task(exchange: Exchange, name: str, tasks: tuple[str, ...]) -> None:
    """Raise InputError where a format has no way to spell a task's answers."""
    if exchange.task not in tasks:
        raise InputError(f"{name} cannot spell {exchange.task}", f"it takes {', '.join(tasks)}; use another format")


def _held(exchange: Exchange, answers: bool) -> list[str]:
    rows, given = exchange.rows, exchange.annotations
    held = [name for name in PROVENANCE if name in rows.column_names and rows[name].null_count < rows.num_rows]
    if answers:
        held += [name for name in ANSWER if name != "annotator" and any(_says(each, name) for each in given)]
        held += ["annotator", "annotation"] if given else []
        labelled = "label" in rows.column_names and rows["label"].null_count < rows.num_rows
        return [*held, "label"] if labelled else held
    unlabelled = "label" not in rows.column_names or rows["label"].null_count
    return [*held, *(["answers"] if given else []), *(["unlabelled"] if unlabelled else [])]


def _says(each: Annotation, name: str) -> bool:
    return bool(getattr(each, name) != getattr(_PLAIN, name))

"""Majority vote: several answers to an item become one label, and a tie stays undecided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from bimetal.types import Annotation, LabelOrigin

TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "label": pa.string(),
    "label_origin": pa.string(),
    "votes": pa.int64(),
    "agreement": pa.float64(),
}


def resolve(annotations: Iterable[Annotation]) -> pa.Table:
    """Give each item the label most annotators chose: a table of id, label, label_origin, votes, agreement.

    One annotator has one vote, the latest answer; skipped answers are none. A tie, or no vote, leaves the
    label null. `agreement` is the share of votes for the leading label. `label_origin` is human only where
    every vote is: a replayed vote makes it replayed, else a model's makes it model.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> votes = [Annotation(who, "a", who, "human", value, noon) for who, value in zip("ABC", "717")]
    >>> resolve(votes).to_pylist()
    [{'id': 'a', 'label': '7', 'label_origin': 'human', 'votes': 3, 'agreement': 0.666...}]
    """
    rows = [_row(item, list(votes.values())) for item, votes in latest(annotations).items()]
    return pa.Table.from_pylist(rows, pa.schema(TYPES))


def undecided(resolved: pa.Table) -> tuple[str, ...]:
    """Name the items that were answered but tie: one more annotator each would settle most of them."""
    rows = zip(*(resolved[name].to_pylist() for name in ("id", "label", "votes")), strict=True)
    return tuple(item for item, label, votes in rows if label is None and votes)


def latest(annotations: Iterable[Annotation]) -> dict[str, dict[str, Annotation]]:
    """Keep each annotator's last answer to each item, by time, as item -> annotator -> annotation."""
    kept: dict[str, dict[str, Annotation]] = {}
    for each in annotations:
        answers = kept.setdefault(each.item, {})
        if each.annotator not in answers or answers[each.annotator].at <= each.at:
            answers[each.annotator] = each
    return kept


def _row(item: str, answers: list[Annotation]) -> dict[str, object]:
    votes = [each for each in answers if each.status == "submitted" and each.value is not None]
    ranked = Counter(each.value for each in votes).most_common(2)
    if not ranked:
        return {"id": item, "label": None, "label_origin": "undeclared", "votes": 0, "agreement": None}
    tied = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
    return {
        "id": item,
        "label": None if tied else ranked[0][0],
        "label_origin": "undeclared" if tied else _origin(votes),
        "votes": len(votes),
        "agreement": ranked[0][1] / len(votes),
    }


def _origin(votes: list[Annotation]) -> LabelOrigin:
    kinds = {each.actor_kind for each in votes}
    if "replayed" in kinds:
        return "replayed"
    return "model" if "model" in kinds else "human"

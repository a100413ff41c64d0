"""Majority vote: several answers to an item become one label, a tie stays undecided, every voice is kept beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from bimetal.annotation.settling import alike, groups, middle
from bimetal.types import Annotation, LabelOrigin

TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "label": pa.string(),
    "label_origin": pa.string(),
    "votes": pa.int64(),
    "agreement": pa.float64(),
    "soft": pa.list_(pa.struct([("value", pa.string()), ("share", pa.float64())])),
}


def resolve(annotations: Iterable[Annotation], task: str = "classification") -> pa.Table:
    """Give each item the label most annotators chose: a table of id, label, label_origin, votes, agreement, soft.

    One annotator has one vote, the latest answer; skipped answers are none. A tie, or no vote, leaves the
    label null. `agreement` is the share of votes for the leading label, `soft` every value given with its share, the
    most frequent first. `label_origin` is human only where every vote is: a replayed vote makes it replayed, else a
    model's makes it model. What is drawn or ranked counts together where it is alike, and the label is the answer in
    the middle of the leading ones.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> votes = [Annotation(who, "a", who, "human", value, noon) for who, value in zip("ABC", "717")]
    >>> resolve(votes).select(["id", "label", "label_origin", "votes", "agreement"]).to_pylist()
    [{'id': 'a', 'label': '7', 'label_origin': 'human', 'votes': 3, 'agreement': 0.666...}]
    >>> resolve(votes)["soft"].to_pylist()
    [[{'value': '7', 'share': 0.666...}, {'value': '1', 'share': 0.333...}]]
    """
    rows = [_row(item, list(votes.values()), task) for item, votes in latest(annotations).items()]
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


def _row(item: str, answers: list[Annotation], task: str) -> dict[str, object]:
    votes = [each for each in answers if each.status == "submitted" and each.value is not None]
    values = [each.value for each in votes if each.value is not None]
    if not values:
        nobody: dict[str, object] = {"label": None, "label_origin": "undeclared", "votes": 0, "agreement": None}
        return {"id": item, **nobody, "soft": []}
    label, leading = _leading(task, values)
    shares = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "id": item,
        "label": label,
        "label_origin": "undeclared" if label is None else _origin(votes),
        "votes": len(values),
        "agreement": leading / len(values),
        "soft": [{"value": value, "share": many / len(values)} for value, many in shares],
    }


def _leading(task: str, values: list[str]) -> tuple[str | None, int]:
    """Return the label and how many answers are like it: None where as many are like another that is unlike it."""
    ranked = groups(task, values)
    (first, leading), same = next(iter(ranked.items())), alike(task)
    rivals = [value for value, many in ranked.items() if many == leading]
    if not all(same(first, rival) for rival in rivals[1:]):
        return None, leading
    return middle(task, [value for value in values if value == first or same(first, value)]), leading


def _origin(votes: list[Annotation]) -> LabelOrigin:
    kinds = {each.actor_kind for each in votes}
    if "replayed" in kinds:
        return "replayed"
    return "model" if "model" in kinds else "human"

"""Which production items go to people, and where the generator should work: unsure items, random ones, weak slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.plugins import Pool, Selection, make
from bimetal.stats.intervals import wilson
from bimetal.types import Interval, Spec, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray

UNSURE = Spec("strategies", "margin", {"random_share": 0.2})


@dataclass(frozen=True, slots=True)
class SliceAccuracy:
    """How often the model was right where `column` equals `value`, over `n` items whose label people gave."""

    column: str
    value: str
    n: int
    accuracy: Interval


def route(scores: FloatArray, budget: int, rng: np.random.Generator, strategy: Spec = UNSURE) -> Selection:
    """Choose `budget` items for people from scores of shape (items, classes), in the order they came.

    By default the least sure go first and a fifth of the budget is drawn at random from the others, each with
    its probability: those with a probability below 1 are the random stream that `weak_slices` judges by.

    >>> scores = np.array([[0.5, 0.5], [0.9, 0.1], [0.8, 0.2], [1.0, 0.0]])
    >>> half = Spec("strategies", "margin", {"random_share": 0.5})
    >>> chosen = route(scores, 2, np.random.default_rng(0), half)
    >>> int(chosen.indices[0]), chosen.probability.round(2).tolist()
    (0, [1.0, 0.33])
    """
    chosen: Selection = make(strategy)(Pool(scores), np.empty(0, np.int64), budget, rng)
    order = np.argsort(chosen.indices, kind="stable")
    return Selection(chosen.indices[order], chosen.probability[order])


def weak_slices(
    resolved: pa.Table, columns: Sequence[str] = ("label",), level: float = 0.95
) -> tuple[SliceAccuracy, ...]:
    """Score the model by slice, weakest first, from a table of `label` (people's) and `predicted`.

    Rows without a label or a value say nothing. Where a column `probability` is given, rows chosen with certainty
    say nothing either, unless all were: they were chosen for being hard. Each interval is Wilson's, one slice's alone.

    >>> table = pa.table({"label": ["1", "1", "7", "7"], "predicted": ["1", "1", "1", "7"]})
    >>> [(each.value, each.accuracy.estimate) for each in weak_slices(table)]
    [('7', 0.5), ('1', 1.0)]
    """
    missing = {"label", "predicted", *columns} - set(resolved.column_names)
    if missing:
        raise InputError(
            f"the table has no column {', '.join(sorted(missing))}", "pass people's labels beside the predictions"
        )
    judged = _fair(resolved)
    found = [
        SliceAccuracy(column, value, len(hits), wilson(sum(hits), len(hits), level))
        for column in columns
        for value, hits in _hits(judged, column).items()
    ]
    return tuple(sorted(found, key=lambda each: (each.accuracy.low, each.column, each.value)))


def targets(
    slices: Iterable[SliceAccuracy], current: Mapping[str, float] | None = None, step: float = 0.1, uniform: float = 0.5
) -> tuple[Target, ...]:
    """Move a generator's shares toward the weak slices of one column; the shares sum to 1.

    The goal: `uniform` of the draw spread evenly, the rest in proportion to the upper confidence bound of each
    slice's error rate, so that slices seen to fail and slices hardly seen both gain. From `current` (even, where
    none is given) the shares go straight to the goal until the largest change is `step`.

    >>> table = pa.table({"label": ["1"] * 50 + ["7"] * 50, "predicted": ["1"] * 75 + ["7"] * 25})
    >>> [(each.value, each.share) for each in targets(weak_slices(table))]
    [('1', 0.4), ('7', 0.6)]
    """
    ordered = sorted(slices, key=lambda each: each.value)
    if not ordered:
        return ()
    if len({each.column for each in ordered}) > 1:
        raise InputError(
            f"slices of {', '.join(sorted({each.column for each in ordered}))} are mixed",
            "steer by one column at a time",
        )
    start = _shares(ordered, current)
    error = np.array([1 - each.accuracy.low for each in ordered])
    goal = uniform / len(ordered) + (1 - uniform) * error / error.sum()
    way = goal - start
    shares = start + way * min(1.0, step / max(float(np.abs(way).max()), 1e-12))
    return tuple(
        Target(each.column, each.value, round(float(share), 6)) for each, share in zip(ordered, shares, strict=True)
    )


def _fair(resolved: pa.Table) -> pa.Table:
    if "probability" not in resolved.column_names:
        return resolved
    drawn = np.array([each is not None and each < 1 for each in resolved["probability"].to_pylist()], bool)
    return resolved.filter(pa.array(drawn)) if drawn.any() else resolved


def _hits(resolved: pa.Table, column: str) -> dict[str, list[bool]]:
    hits: dict[str, list[bool]] = {}
    rows = zip(*(resolved[name].to_pylist() for name in (column, "label", "predicted")), strict=True)
    for value, label, said in rows:
        if value is not None and label is not None:
            hits.setdefault(str(value), []).append(label == said)
    return hits


def _shares(slices: Sequence[SliceAccuracy], current: Mapping[str, float] | None) -> FloatArray:
    if current is None:
        return np.full(len(slices), 1 / len(slices))
    known = np.array([current.get(each.value, 0.0) for each in slices])
    if (known < 0).any() or known.sum() <= 0:
        raise InputError(f"current shares {dict(current)} do not fit the slices", "give each slice's share, 0 to 1")
    shares: FloatArray = known / known.sum()
    return shares

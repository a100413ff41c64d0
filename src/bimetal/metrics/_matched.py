"""Average precision of things found in pictures, matched to the true ones by how far they overlap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from bimetal.errors import InputError
from bimetal.metrics._pairs import checked
from bimetal.metrics._ranked import ranked_precision

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray

    Thing: TypeAlias = Mapping[str, Any]
    Overlap: TypeAlias = Callable[[Sequence[Thing], Sequence[Thing]], FloatArray]


def matched_precision(
    truth: pa.ChunkedArray[Any], predicted: Predictions, least: float, overlap: Overlap
) -> FloatArray:
    """Return contributions of shape (items,) whose mean is the average precision, itself a mean over true classes.

    In each item and class the surest prediction chooses first, and takes the free true thing it overlaps most, by
    `least` or more; what finds none is a false alarm. `overlap` gives a matrix (predicted, true) of ratios 0-1.
    """
    checked(truth, predicted)
    known, said = ([item or [] for item in each.to_pylist()] for each in (truth, predicted.values))
    names = sorted({_label(thing) for item in known for thing in item})
    if not names:
        raise InputError("no item of the panel holds anything to find", "put items with labelled things there")
    for item in said:
        for thing in item:
            if not np.isfinite(_confidence(thing)):
                raise InputError(f"a prediction has confidence {_confidence(thing)}", "give finite confidences")
    return np.asarray(np.mean([_of_class(name, known, said, least, overlap) for name in names], axis=0))


def _of_class(
    name: str, known: Sequence[Sequence[Thing]], said: Sequence[Sequence[Thing]], least: float, overlap: Overlap
) -> FloatArray:
    hits: list[bool] = []
    scores: list[float] = []
    items: list[int] = []
    wanted = np.zeros(len(known))
    for place, (true_things, said_things) in enumerate(zip(known, said, strict=True)):
        true = [thing for thing in true_things if _label(thing) == name]
        found = sorted((thing for thing in said_things if _label(thing) == name), key=_confidence, reverse=True)
        wanted[place] = len(true)
        hits += _taken(overlap(found, true), least) if found and true else [False] * len(found)
        scores += map(_confidence, found)
        items += [place] * len(found)
    return ranked_precision(np.array(hits, bool), np.array(scores, float), np.array(items, int), wanted)


def _taken(overlaps: FloatArray, least: float) -> list[bool]:
    free = np.ones(overlaps.shape[1], bool)
    hits = []
    for row in overlaps:
        best = int(np.where(free, row, -1.0).argmax())
        hits.append(bool(free[best] and row[best] >= least))
        free[best] &= not hits[-1]
    return hits


def _label(thing: Thing) -> str:
    try:
        return str(thing["label"])
    except (KeyError, TypeError) as fault:
        raise InputError(f"{thing!r} has no label", "give every box or mask the field label") from fault


def _confidence(thing: Thing) -> float:
    try:
        return float(thing["confidence"])
    except (KeyError, TypeError) as fault:
        raise InputError(f"{thing!r} has no confidence", "predict every box or mask with a confidence") from fault

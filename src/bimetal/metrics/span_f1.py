"""Span F1: named stretches of text found with exactly their start, end and label."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.errors import InputError
from bimetal.metrics._pairs import centred, checked

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class SpanF1:
    """Compare lists of structs `start`, `end`, `label` over all items at once (micro F1), linearised over items.

    A span said twice is right once. Without a prediction an item has found nothing.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> name, place = {"start": 0, "end": 3, "label": "name"}, {"start": 8, "end": 12, "label": "place"}
    >>> SpanF1()(pa.chunked_array([[[name], [place]]]), Predictions(pa.array([[name], [name]])))
    array([1., 0.])
    """

    task: ClassVar[str] = "spans"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        checked(truth, predicted)
        known, said = (list(map(_spans, each.to_pylist())) for each in (truth, predicted.values))
        if not any(known):
            raise InputError("no item of the panel holds a span", "put items with spans there")
        right = np.array([(one & other).total() for one, other in zip(known, said, strict=True)], float)
        size = np.array([one.total() + other.total() for one, other in zip(known, said, strict=True)], float)
        f1 = float(2 * right.sum() / size.sum())
        return centred(f1, (2 * right - f1 * size) / size.mean())


def _spans(item: list[dict[str, Any]] | None) -> Counter[tuple[Any, ...]]:
    try:
        return Counter((span["start"], span["end"], span["label"]) for span in item or ())
    except (KeyError, TypeError) as fault:
        raise InputError(f"{item!r} is no list of spans", "give structs of start, end and label") from fault

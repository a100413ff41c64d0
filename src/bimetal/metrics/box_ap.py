"""Box AP: rectangles found in pictures, by average precision at an overlap of one half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.errors import InputError
from bimetal.metrics._matched import matched_precision

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.metrics._matched import Thing
    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class BoxAp:
    """Compare lists of structs `x0`, `y0`, `x1`, `y1`, `label`, predictions with `confidence`; linearised over items.

    AP is a mean over the classes of the truth, matched as COCO does at one overlap (intersection over union), and
    summed over the steps of recall without interpolation: up to a point or two below COCO's 101-point AP50.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> box = {"x0": 0.0, "y0": 0.0, "x1": 4.0, "y1": 4.0, "label": "car"}
    >>> sure, unsure = box | {"confidence": 0.9}, box | {"x0": 3.0, "confidence": 0.4}
    >>> BoxAp()(pa.chunked_array([[[box], [box]]]), Predictions(pa.array([[sure], [unsure]])))
    array([1., 0.])
    """

    overlap: float = 0.5
    task: ClassVar[str] = "boxes"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        return matched_precision(truth, predicted, self.overlap, _overlap)


def _overlap(found: Sequence[Thing], true: Sequence[Thing]) -> FloatArray:
    first, second = _corners(found)[:, None], _corners(true)[None]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.maximum(sides, 0).prod(axis=-1)
    areas = [(each[..., 2:] - each[..., :2]).prod(axis=-1) for each in (first, second)]
    return np.asarray(shared / np.maximum(areas[0] + areas[1] - shared, 1e-300))


def _corners(boxes: Sequence[Thing]) -> FloatArray:
    try:
        corners = np.array([[float(box[side]) for side in ("x0", "y0", "x1", "y1")] for box in boxes])
    except (KeyError, TypeError, ValueError) as fault:
        raise InputError(f"a box has no corner {fault}", "give structs of x0, y0, x1, y1 and label") from fault
    if not (np.isfinite(corners).all() and (corners[:, :2] <= corners[:, 2:]).all()):
        raise InputError("a box ends before it starts, or has no finite corner", "give x0 <= x1 and y0 <= y1")
    return corners

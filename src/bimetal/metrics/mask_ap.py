"""Mask AP: shapes found in pictures pixel by pixel, by average precision at an overlap of one half."""

from __future__ import annotations

import io
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
class MaskAp:
    """Compare lists of structs `mask` (PNG, any ink counts), `label`, predictions with `confidence`; as `box_ap`.

    Raises InputError for a mask that is no picture, or two of different sizes in one item.
    """

    overlap: float = 0.5
    task: ClassVar[str] = "masks"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        return matched_precision(truth, predicted, self.overlap, _overlap)


def _overlap(found: Sequence[Thing], true: Sequence[Thing]) -> FloatArray:
    masks = [_decoded(thing) for thing in (*found, *true)]
    if len({mask.shape for mask in masks}) > 1:
        sizes = ", ".join(sorted({f"{mask.shape[1]} x {mask.shape[0]}" for mask in masks}))
        raise InputError(f"masks of one item have sizes {sizes}", "draw every mask at its picture's size")
    flat = np.stack(masks).reshape(len(masks), -1).astype(float)
    first, second = flat[: len(found)], flat[len(found) :]
    shared = first @ second.T
    joined = first.sum(axis=1)[:, None] + second.sum(axis=1)[None] - shared
    return np.asarray(shared / np.maximum(joined, 1.0))


def _decoded(thing: Thing) -> np.ndarray[Any, np.dtype[np.bool_]]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(thing["mask"])) as picture:
            return np.asarray(picture.convert("L")) > 0
    except (KeyError, TypeError, OSError, UnidentifiedImageError) as fault:
        raise InputError(f"a mask cannot be read: {fault}", "give structs of mask (PNG bytes) and label") from fault

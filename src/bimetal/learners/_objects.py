"""Pictures with the boxes or masks that people drew in them, read and checked."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import named, require
from bimetal.learners._fitting import check_rows
from bimetal.payload import pictures

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray

EDGES = ("x0", "y0", "x1", "y1")
FOUND = {
    "boxes": pa.list_(
        pa.struct([*((edge, pa.float32()) for edge in EDGES), ("label", pa.string()), ("confidence", pa.float32())])
    ),
    "masks": pa.list_(pa.struct([("mask", pa.binary()), ("label", pa.string()), ("confidence", pa.float32())])),
}


@dataclass(frozen=True)
class Scene:
    """A picture and what stands in it: boxes of shape (objects, 4), their labels, and masks where they were drawn."""

    picture: Any
    boxes: FloatArray
    labels: list[str]
    masks: list[BoolArray]


def scenes(train: pa.Table, kind: str) -> list[Scene]:
    """Read pictures and their objects; raises InputError naming the row whose label is no list of boxes or masks."""
    check_rows(train)
    require(train, ("image",))
    labels: list[Any] = train["label"].to_pylist()
    return [_scene(train, row, kind, each) for row, each in enumerate(zip(pictures(train), labels, strict=True))]


def _scene(train: pa.Table, row: int, kind: str, given: tuple[Any, Any]) -> Scene:
    picture, objects = given
    fields = {"mask", "label"} if kind == "masks" else {*EDGES, "label"}
    if not isinstance(objects, list) or not all(isinstance(each, dict) and fields <= set(each) for each in objects):
        raise InputError(
            f"{named(train, row)} has the label {objects!r}, expected a list of {kind}",
            f"give {', '.join(sorted(fields))} of each object, an empty list where there is none",
        )
    masks = [_mask(each["mask"], picture.shape, named(train, row)) for each in objects] if kind == "masks" else []
    boxes = [_around(mask) for mask in masks] or np.array(
        [[each[edge] for edge in EDGES] for each in objects], float
    ).tolist()
    for each, (x0, y0, x1, y1) in zip(objects, boxes, strict=True):
        if not (x0 < x1 and y0 < y1 and each["label"]):
            raise InputError(
                f"{named(train, row)} has an object {each['label']!r} at {x0}, {y0}, {x1}, {y1}",
                "give x0 below x1, y0 below y1, and a label",
            )
    return Scene(picture, np.array(boxes, float).reshape(-1, 4), [each["label"] for each in objects], masks)


def _mask(encoded: Any, shape: tuple[int, int], name: str) -> BoolArray:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            mask: BoolArray = np.asarray(picture.convert("L")) > 0
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, TypeError, ValueError) as fault:
        raise InputError(f"{name} holds a broken mask: {fault}", "store masks as PNG") from fault
    if mask.shape != shape or not mask.any():
        raise InputError(
            f"{name} has a mask of {mask.shape[1]} x {mask.shape[0]} pixels, {int(mask.sum())} of them marked, "
            f"in a picture of {shape[1]} x {shape[0]}",
            "give masks of the picture's size with a pixel or more",
        )
    return mask


def _around(mask: BoolArray) -> list[int]:
    across, down = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return [int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1]

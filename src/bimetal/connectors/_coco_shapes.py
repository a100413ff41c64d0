"""One COCO annotation's shape: bbox as x, y, width, height; polygons flat; keypoints as threes; masks as runs."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bimetal.canonical import Json
from bimetal.connectors._items import exact, parsed
from bimetal.connectors._reading import listed, numbers, word
from bimetal.errors import InputError


def read_shape(task: str, where: str, each: Mapping[str, Any], category: Mapping[str, Any]) -> dict[str, Json]:
    """Read the shape a task asks for; raises InputError where the annotation has none such."""
    if task == "boxes":
        x, y, width, height = _fours(where, each.get("bbox"))
        return {"x0": x, "y0": y, "x1": exact(x + width), "y1": exact(y + height)}
    if task == "polygons":
        return {"points": [list(each) for each in _polygon(where, each.get("segmentation"))]}
    return {"points": _points(where, each.get("keypoints"), category)}


def written_shape(task: str, each: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Write a shape with the box and area that COCO wants of each."""
    if task == "boxes":
        width, height = exact(each["x1"] - each["x0"]), exact(each["y1"] - each["y0"])
        return {"bbox": [each["x0"], each["y0"], width, height], "area": exact(width * height), "segmentation": []}
    if task == "masks":
        return _runs(each["mask"])
    if task == "polygons":
        flat = [at for point in each["points"] for at in point]
        return {"segmentation": [flat], "bbox": _around(each["points"]), "area": _area(each["points"])}
    points: Mapping[str, Any] = each["points"]
    ordered = [points.get(name) for name in names[each["label"]]["keypoints"]]
    threes = [part for at in ordered for part in ([*at, 2] if at else [0, 0, 0])]
    box = _around(list(points.values()))
    return {"keypoints": threes, "num_keypoints": len(points), "bbox": box, "area": exact(box[2] * box[3])}


def keypoints_named(task: str, labels: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    """Name every label's keypoints, sorted, as a category lists them."""
    found: dict[str, set[str]] = {}
    for label in labels if task == "keypoints" else ():
        for each in parsed(label) if label else ():
            found.setdefault(each["label"], set()).update(each["points"])
    return {name: {"keypoints": sorted(points), "skeleton": []} for name, points in found.items()}


def _runs(encoded: str) -> dict[str, Any]:
    """Count a mask's runs column by column, the first of them outside, as COCO's uncompressed RLE does."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(encoded, validate=True))) as picture:
            mask = np.asarray(picture.convert("L")) > 0
    except (OSError, ValueError, SyntaxError, TypeError, Image.DecompressionBombError) as fault:
        raise InputError(f"a mask cannot be read: {fault}", "give each mask as PNG in base64") from fault
    if not mask.any():
        raise InputError("a mask marks no pixel", "leave the object out")
    turns = np.flatnonzero(np.diff(np.concatenate([[False], mask.ravel(order="F"), [not mask[-1, -1]]])))
    down, across = np.nonzero(mask)
    x, y = int(across.min()), int(down.min())
    box = [x, y, int(across.max()) + 1 - x, int(down.max()) + 1 - y]
    counts = np.diff(np.concatenate([[0], turns])).tolist()
    return {"segmentation": {"size": list(mask.shape), "counts": counts}, "bbox": box, "area": int(mask.sum())}


def _fours(where: str, value: Any) -> list[float]:
    box = numbers(f"{where} bbox", value)
    if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        raise InputError(f"{where} has the bbox {box[:5]}", "expected x, y, and a width and height above nothing")
    return box


def _polygon(where: str, value: Any) -> list[tuple[float, float]]:
    if isinstance(value, dict):
        raise InputError(f"{where} is a mask (RLE)", "turn masks into polygons, or read the boxes with task=boxes")
    parts = listed(f"{where} segmentation", value)
    if len(parts) != 1:
        raise InputError(f"{where} has {len(parts)} parts", "give each part an annotation, or read boxes: task=boxes")
    flat = numbers(f"{where} segmentation", parts[0])
    if len(flat) < 6 or len(flat) % 2:
        raise InputError(f"{where} has a polygon of {len(flat)} numbers", "expected three points or more, x and y each")
    return list(zip(flat[::2], flat[1::2], strict=True))


def _points(where: str, value: Any, category: Mapping[str, Any]) -> dict[str, Json]:
    names = [word(f"{where} keypoint", each) for each in listed(f"{where} keypoint names", category.get("keypoints"))]
    flat = numbers(f"{where} keypoints", value)
    if len(flat) != 3 * len(names):
        raise InputError(f"{where} has {len(flat)} numbers for {len(names)} keypoints", "expected x, y, v for each")
    threes = zip(names, flat[::3], flat[1::3], flat[2::3], strict=True)
    return {name: [x, y] for name, x, y, visible in threes if visible}


def _around(points: list[list[float]]) -> list[float]:
    if not points:
        return [0, 0, 0, 0]
    across, down = zip(*points, strict=True)
    return [min(across), min(down), exact(max(across) - min(across)), exact(max(down) - min(down))]


def _area(points: list[list[float]]) -> float:
    """Measure a polygon's area in square pixels, by the shoelace."""
    turned = zip(points, points[1:] + points[:1], strict=True)
    return exact(abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in turned)) / 2)

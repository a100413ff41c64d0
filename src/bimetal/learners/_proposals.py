"""Where in a picture something may stand: connected regions that differ from the ground, and crops of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import BoolArray, FloatArray

    Picture = NDArray[np.uint8]

LEVELS = (0.1, 0.2, 0.35, 0.5)  # shares of the strongest difference from the ground
NOISE = 4  # a difference counts from so many robust standard deviations of the picture's noise
FAINT = 8  # grey levels: a picture that differs less from its ground is empty
SMALLEST = 3  # pixels a side
GAP = 2  # pixels between parts that may belong to one object, such as a dot and its i
MOST = 300  # proposals in one picture, the largest
MARGIN = 0.15  # of the longer side, left around an object in its crop


def contrast(picture: Picture) -> FloatArray:
    """Say how far each pixel lies from the ground (the median), smoothed, as a share of the picture's farthest (0-1).

    What lies within the noise is 0, and all of a picture without anything in it.
    """
    from scipy.ndimage import gaussian_filter

    levels = picture.astype(float)
    far = np.abs(gaussian_filter(levels, 0.7) - np.median(levels))
    noise = NOISE * 1.4826 * np.median(far)
    peak = float(far.max())
    return np.where(far > noise, far, 0.0) / peak if peak >= max(FAINT, noise) else np.zeros_like(far)


def proposals(far: FloatArray) -> FloatArray:
    """Box every connected region above some level, parts near each other also as one; shape (boxes, 4), largest first.

    A box is x0, y0, x1, y1 in pixels, its right and lower edge behind the last pixel.
    """
    from scipy.ndimage import binary_dilation

    grown = GAP // 2 + 1
    near = np.pad(far, grown)  # so that what grows at an edge shrinks back to its size
    found = set[tuple[int, int, int, int]]()
    for level in LEVELS:
        found |= set(_boxed(far >= level, 0))
        found |= set(_boxed(binary_dilation(near >= level, np.ones((3, 3), bool), grown), grown))
    boxes = np.array(sorted(found), float).reshape(-1, 4)
    return boxes[np.argsort(-_area(boxes), kind="stable")][:MOST]


def overlap(one: FloatArray, two: FloatArray) -> FloatArray:
    """Return intersection over union of each box of one with each of two, shape (len(one), len(two)).

    >>> overlap(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2], [5, 5, 6, 6]])).round(2)
    array([[0.33, 0.  ]])
    """
    low = np.maximum(one[:, None, :2], two[None, :, :2])
    high = np.minimum(one[:, None, 2:], two[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = _area(one)[:, None] + _area(two)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), float)


def apart(boxes: FloatArray, confidence: FloatArray, most: float) -> list[int]:
    """Choose boxes, surest first, none overlapping a surer one by more than `most` (non-maximum suppression).

    >>> apart(np.array([[0.0, 0, 4, 4], [0, 0, 4, 5], [6, 6, 9, 9]]), np.array([0.8, 0.9, 0.3]), 0.4)
    [1, 2]
    """
    kept: list[int] = []
    shared = overlap(boxes, boxes)
    for at in np.argsort(-confidence, kind="stable").tolist():
        if not kept or shared[at, kept].max() <= most:
            kept.append(at)
    return kept


def crops(picture: Picture, boxes: FloatArray, side: int) -> Picture:
    """Cut boxes out as squares scaled to `side` pixels, with a margin, the ground where they leave the picture."""
    from PIL import Image

    cut = np.zeros((len(boxes), side, side), np.uint8)
    pad = max(picture.shape)
    padded = Image.fromarray(np.pad(picture, pad, constant_values=int(np.median(picture))))
    for at, (x0, y0, x1, y1) in enumerate(boxes):
        half = max(x1 - x0, y1 - y0) * (0.5 + MARGIN)
        x, y = (x0 + x1) / 2 + pad, (y0 + y1) / 2 + pad
        square = (max(0.0, x - half), max(0.0, y - half), min(x + half, padded.width), min(y + half, padded.height))
        cut[at] = np.asarray(padded.resize((side, side), Image.Resampling.BILINEAR, square))
    return cut


def region(far: FloatArray, box: FloatArray, level: float) -> BoolArray:
    """Mark the pixels of a box that lie at least `level` from the ground, in the shape of the picture."""
    x0, y0, x1, y1 = np.clip(np.round(box).astype(int), 0, [*far.shape[::-1]] * 2)
    marked = np.zeros(far.shape, bool)
    marked[y0:y1, x0:x1] = far[y0:y1, x0:x1] >= level
    return marked


def _boxed(above: BoolArray, grown: int) -> list[tuple[int, int, int, int]]:
    from scipy.ndimage import find_objects, label

    found: list[Any] = find_objects(label(above, np.ones((3, 3)))[0])
    # Grown things lie in a picture padded by as much, so only their right and lower edges have to come back.
    boxes = [(x.start, y.start, x.stop - 2 * grown, y.stop - 2 * grown) for y, x in found]
    return [box for box in boxes if max(box[2] - box[0], box[3] - box[1]) >= SMALLEST]


def _area(boxes: FloatArray) -> FloatArray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

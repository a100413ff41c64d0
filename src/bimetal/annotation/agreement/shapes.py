"""What people draw - spans, boxes, polygons, keypoints - and how alike two of them are, from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import FloatArray

SPREAD = 0.1  # a keypoint's standard error as a share of the skeleton's size, in the middle of COCO's .05 to .21
ABOVE = 1e300  # where edges that are not met wait
MANY = 64  # edges of two outlines together up to which their overlap is exact
LINES = 256


class Span(NamedTuple):
    """Text from `start` up to, not including, `end`, in code points."""

    start: int
    end: int
    label: str = ""


class Box(NamedTuple):
    """A rectangle along the axes, in any unit."""

    left: float
    top: float
    right: float
    bottom: float
    label: str = ""


class Polygon(NamedTuple):
    """An area with corners (x, y); inside is what the outline encloses an odd number of times."""

    points: tuple[tuple[float, float], ...]
    label: str = ""


class Skeleton(NamedTuple):
    """Named points (x, y) of one object."""

    points: Mapping[str, tuple[float, float]]
    label: str = ""


@singledispatch
def likeness(one: object, other: object) -> float:
    """Return how alike two shapes of one kind are: intersection over union, or object keypoint similarity.

    Shapes with different labels are not alike: 0.

    >>> likeness(Span(0, 4, "NAME"), Span(2, 6, "NAME")), likeness(Span(0, 4, "NAME"), Span(0, 4, "PLACE"))
    (0.3333333333333333, 0.0)
    """
    raise InputError(f"{one!r} and {other!r} are no shapes to compare", "use Span, Box, Polygon or Skeleton")


@likeness.register
def _spans(one: Span, other: Span) -> float:
    both = max(0, min(one.end, other.end) - max(one.start, other.start))
    return _share(both, one.end - one.start + other.end - other.start - both, one == other) * (one.label == other.label)


@likeness.register
def _boxes(one: Box, other: Box) -> float:
    wide = max(0.0, min(one.right, other.right) - max(one.left, other.left))
    high = max(0.0, min(one.bottom, other.bottom) - max(one.top, other.top))
    areas = sum((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return _share(wide * high, areas - wide * high, one == other) * (one.label == other.label)


@likeness.register
def _polygons(one: Polygon, other: Polygon) -> float:
    if one.label != other.label:
        return 0.0
    first, second = np.array(one.points, dtype=float), np.array(other.points, dtype=float)
    if not _meet(first, second):
        return 0.0
    both, either = overlap(first, second)
    return _share(both, either, one == other)


@likeness.register
def _skeletons(one: Skeleton, other: Skeleton) -> float:
    """Compare as COCO's object keypoint similarity does, exp(-d^2 / (2 size^2 k^2)) averaged over the points.

    Size squared is half the squared diagonal of the larger skeleton's box: the area, if that is a square. A point
    that one of them lacks counts 0; a skeleton of one point has no size, and is like itself alone.
    """
    names = one.points.keys() | other.points.keys()
    if one.label != other.label or not names:
        return float(one == other)
    sides = [np.ptp(np.array([*each.points.values()], dtype=float), axis=0) for each in (one, other) if each.points]
    size = max(1e-12, *(float(side @ side) / 2 for side in sides))
    gaps = [np.subtract(one.points[each], other.points[each]) for each in one.points.keys() & other.points.keys()]
    return sum(float(np.exp(-(gap @ gap) / (2 * size * SPREAD**2))) for gap in gaps) / len(names)


def overlap(one: FloatArray, other: FloatArray) -> tuple[float, float]:
    """Return the areas of intersection and of union of two polygons, corners of shape (corners, 2), exactly.

    Between two neighbouring corners or crossings in x no edge meets another, so what a vertical line cuts out changes
    linearly there and its length in the middle times the width is the area. Beyond MANY edges, whose crossings may be
    as many as their square, LINES lines stand evenly instead, and the areas are right to about one in LINES.

    >>> square = np.array([[0, 0], [2, 0], [2, 2], [0, 2]], dtype=float)
    >>> [round(each, 9) for each in overlap(square, square + 1)]
    [1.0, 7.0]
    """
    edges = np.concatenate([np.hstack([each, np.roll(each, -1, axis=0)]) for each in (one, other)])
    edges = np.where((edges[:, :1] <= edges[:, 2:3]), edges, edges[:, [2, 3, 0, 1]])
    if len(edges) <= MANY:
        x = np.unique(np.concatenate([edges[:, 0], edges[:, 2], _crossings(edges)]))
    else:
        x = np.linspace(edges[:, 0].min(), edges[:, 2].max(), LINES + 1)
    middle, wide = (x[:-1] + x[1:])[:, None] / 2, np.diff(x)
    met = (edges[:, 0] < middle) & (middle < edges[:, 2])
    run = np.where(edges[:, 2] > edges[:, 0], edges[:, 2] - edges[:, 0], 1.0)
    with np.errstate(over="ignore"):  # far beyond a short edge, where it is not met
        y = np.where(met, edges[:, 1] + (middle - edges[:, 0]) * (edges[:, 3] - edges[:, 1]) / run, ABOVE)
    order = np.argsort(y, axis=1)
    y = np.take_along_axis(np.where(met, y, 0.0), order, axis=1)
    mine = np.arange(len(edges)) < len(one)
    inside = [np.cumsum(np.take_along_axis(met & own, order, axis=1), axis=1)[:, :-1] % 2 > 0 for own in (mine, ~mine)]
    high = np.diff(y, axis=1)
    both, either = ((high * held).sum(axis=1) @ wide for held in (inside[0] & inside[1], inside[0] | inside[1]))
    return float(both), float(either)


def _crossings(edges: FloatArray) -> FloatArray:
    """Return the x of every crossing of two edges, shape (edges, 4) as x, y, x, y."""
    start, run = edges[:, :2], edges[:, 2:] - edges[:, :2]
    one, two = np.triu_indices(len(edges), 1)
    gap = start[two] - start[one]
    det = run[one, 0] * run[two, 1] - run[one, 1] * run[two, 0]
    cross = det != 0
    gap, one, two, det = gap[cross], one[cross], two[cross], det[cross]
    with np.errstate(over="ignore"):  # nearly parallel edges meet far away
        along = (gap[:, 0] * run[two, 1] - gap[:, 1] * run[two, 0]) / det
        beside = (gap[:, 0] * run[one, 1] - gap[:, 1] * run[one, 0]) / det
    hit = (along > 0) & (along < 1) & (beside > 0) & (beside < 1)
    return np.asarray(start[one[hit], 0] + along[hit] * run[one[hit], 0])


def _meet(one: FloatArray, other: FloatArray) -> bool:
    return bool((one.min(axis=0) <= other.max(axis=0)).all() and (other.min(axis=0) <= one.max(axis=0)).all())


def _share(both: float, either: float, same: bool) -> float:
    return both / either if either > 0 else float(same)

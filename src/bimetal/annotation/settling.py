"""When two answers say the same, and which of several stands for all: likeness instead of spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from operator import eq
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.annotation.agreement.shapes import Box, Polygon, Skeleton, likeness
from bimetal.annotation.forms import labelled, parsed
from bimetal.errors import BimetalError

if TYPE_CHECKING:
    from bimetal.types import FloatArray

LEAST = 0.5
"""Shapes are the same from this intersection over union, or keypoint similarity, up."""

LEAST_IN_ORDER = 0.75
"""Rankings are the same from this share of pairs of options up: Kendall's tau of 0.5 where nothing ties."""

_EDGES = 40_000  # of outlines in one comparison; answers that ask for more are the same only where spelled so


def alike(task: str) -> Callable[[str, str], bool]:
    """Return what says whether two canonical values of a task are the same answer.

    Boxes, polygons and keypoints are where each has its match of the same label in the other answer, one to one, at
    LEAST or more; rankings where they order LEAST_IN_ORDER of all pairs of options alike; anything else where it is
    spelled the same.

    >>> one, other = (f'[{{"x0":0,"y0":0,"x1":{x},"y1":9,"label":"cat"}}]' for x in (8, 9))
    >>> alike("boxes")(one, other), alike("classification")("cat", "dog")
    (True, False)
    """
    return partial(_alike, task) if task in _READ else eq


def groups(task: str, values: Sequence[str]) -> dict[str, int]:
    """Count, for each value given, how many answers are the same as it, itself among them; the most first.

    >>> groups("classification", ["cat", "dog", "cat"])
    {'cat': 2, 'dog': 1}
    """
    given = Counter(values)
    same = alike(task)
    found = dict(given)
    for one, other in combinations(given, 2) if task in _READ else ():
        if same(one, other):
            found[one] += given[other]
            found[other] += given[one]
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def middle(task: str, values: Sequence[str]) -> str:
    """Return the answer most like all the others (the medoid); of several, the first in alphabetical order.

    >>> middle("ranking", ['[["a"],["b"],["c"]]', '[["b"],["a"],["c"]]', '[["b"],["c"],["a"]]'])
    '[["b"],["a"],["c"]]'
    """
    given = Counter(values)
    closeness = {one: sum(many * _likeness(task, one, other) for other, many in given.items()) for one in given}
    return min(closeness, key=lambda value: (-round(closeness[value], 9), value))


def _alike(task: str, one: str, other: str) -> bool:
    if one == other:
        return True
    read = _READ[task]
    try:
        if task == "ranking":
            return _in_order(read(one), read(other)) >= LEAST_IN_ORDER
        return _matched(read(one), read(other))
    except (BimetalError, TypeError, KeyError, ValueError, IndexError):  # no value of the task, so like itself alone
        return False


def _likeness(task: str, one: str, other: str) -> float:
    """Say how alike two answers are: 0 to 1."""
    if one == other or task not in _READ:
        return float(one == other)
    read = _READ[task]
    try:
        if task == "ranking":
            return _in_order(read(one), read(other))
        return _shared(read(one), read(other))
    except (BimetalError, TypeError, KeyError, ValueError, IndexError):
        return 0.0


def _matched(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Say whether each shape has its match; both answers may be empty."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if Counter(each.label for each in one) != Counter(each.label for each in other):
        return False
    if not one:
        return True
    return bool((maximum_bipartite_matching(csr_array(_table(one, other) > 0)) >= 0).all())


def _shared(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Return twice the likeness of the best matching over the number of shapes."""
    from scipy.optimize import linear_sum_assignment

    if not one or not other:
        return float(not one and not other)
    table = _table(one, other)
    return float(2 * table[linear_sum_assignment(table, maximize=True)].sum() / (len(one) + len(other)))


def _table(one: Sequence[Any], other: Sequence[Any]) -> FloatArray:
    """Return the likeness of every two shapes, shape (one, other), 0 where it is under LEAST or the labels differ."""
    first, second = (np.array([_bounds(each) for each in side], float) for side in (one, other))
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    kinds = {label: at for at, label in enumerate({each.label for each in (*one, *other)})}
    mine, theirs = (np.array([kinds[each.label] for each in side]) for side in (one, other))
    meet = (low <= high).all(axis=2) & (mine[:, None] == theirs[None, :])
    if isinstance(one[0], Box):
        both = np.where(meet, np.prod(high - low, axis=2), 0.0)
        areas = [np.prod(side[:, 2:] - side[:, :2], axis=1) for side in (first, second)]
        return _enough(both / (areas[0][:, None] + areas[1][None, :] - both))
    if isinstance(one[0], Polygon):  # what two have in common lies in what their bounds have in common
        areas = [np.array([_area(each) for each in side]) for side in (one, other)]
        common = np.prod(np.maximum(high - low, 0.0), axis=2)
        meet &= common >= LEAST * np.maximum(areas[0][:, None], areas[1][None, :]) - 1e-9
    table, pairs = np.zeros(meet.shape), np.argwhere(meet)
    if sum(len(one[i].points) + len(other[j].points) for i, j in pairs) <= _EDGES:
        for i, j in pairs:
            table[i, j] = likeness(one[i], other[j])
    return _enough(table)


def _enough(table: FloatArray) -> FloatArray:
    return np.where(table >= LEAST - 1e-9, table, 0.0)


def _area(shape: Polygon) -> float:
    x, y = np.array(shape.points, float).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def _bounds(shape: Box | Polygon | Skeleton) -> tuple[float, float, float, float]:
    if isinstance(shape, Box):
        return shape[:4]
    corners = shape.points.values() if isinstance(shape, Skeleton) else shape.points
    across, down = zip(*corners, strict=True)
    if isinstance(shape, Skeleton):  # points of one object may lie beside those of its like, never a size apart
        wide, high = max(across) - min(across), max(down) - min(down)
        return min(across) - wide, min(down) - high, max(across) + wide, max(down) + high
    return min(across), min(down), max(across), max(down)


def _in_order(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> float:
    """Return 1 less the share of Kemeny and Snell's (1962) distance: a pair tied in one alone counts half."""
    places = [{option: at for at, tier in enumerate(tiers) for option in tier} for tiers in (one, other)]
    options = sorted(places[0])
    if options != sorted(places[1]):
        return 0.0
    pairs = list(combinations(options, 2))
    apart = sum(abs(_sign(places[0], pair) - _sign(places[1], pair)) for pair in pairs)
    return 1 - apart / (2 * len(pairs)) if pairs else 1.0


def _sign(places: dict[str, int], pair: tuple[str, str]) -> int:
    return (places[pair[0]] < places[pair[1]]) - (places[pair[0]] > places[pair[1]])


_READ: dict[str, Callable[[str], Any]] = {
    "boxes": partial(parsed, "boxes"),
    "polygons": partial(parsed, "polygons"),
    "keypoints": partial(parsed, "keypoints"),
    "ranking": partial(labelled, "ranking"),
}

"""Shapes a rater drew - spans, boxes, polygons, keypoints - checked against the item and spelled one way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

from bimetal.annotation.sheet import Sheet
from bimetal.annotation.shown import Shown
from bimetal.annotation.strict_json import dumps, loads, tidy
from bimetal.errors import InputError

MOST = {"spans": 5_000, "boxes": 1_000, "polygons": 1_000, "keypoints": 100}
"""Shapes in one answer."""

CORNERS = 1_000
"""Corners of one polygon; CORNERS_IN_ALL of all in an answer."""

CORNERS_IN_ALL = 10_000
FARTHEST = 1_000_000
"""The largest coordinate where a picture's size is not known, in pixels."""

_SLACK = 1.0  # pixels a hand may slip over the edge of a picture, and be put back

Point = tuple[int | float, int | float]


def spans(sheet: Sheet, value: str, about: Shown) -> str:
    """Check stretches of text, in code points, end excluded; none overlaps another, as in a dataset's labels."""
    found = set()
    for each in _listed(sheet, value, ("start", "end", "label")):
        start, end = (_whole(each[name], name) for name in ("start", "end"))
        if not 0 <= start < end:
            raise InputError(f"a span runs from {start} to {end}", "let it begin at 0 or later and hold something")
        if about.text is not None and end > len(about.text):
            raise InputError(f"a span ends at {end}, and the text at {len(about.text)}", "count code points")
        found.add((start, end, each["label"]))
    in_order = sorted(found)
    for (_, end, first), (start, _, second) in pairwise(in_order):
        if start < end:
            raise InputError(f"the spans {first[:40]!r} and {second[:40]!r} overlap", "let each end before the next")
    return dumps([{"start": start, "end": end, "label": label} for start, end, label in in_order])


def boxes(sheet: Sheet, value: str, about: Shown) -> str:
    """Check rectangles in pixels, x1 and y1 behind the last."""
    found = set()
    for each in _listed(sheet, value, ("x0", "y0", "x1", "y1", "label")):
        x0, y0 = _point([each["x0"], each["y0"]], about)
        x1, y1 = _point([each["x1"], each["y1"]], about)
        if not (x0 < x1 and y0 < y1):
            raise InputError(f"a box runs from {x0}, {y0} to {x1}, {y1}", "let it hold something")
        found.add((x0, y0, x1, y1, each["label"]))
    return dumps([dict(zip(("x0", "y0", "x1", "y1", "label"), each, strict=True)) for each in sorted(found)])


def polygons(sheet: Sheet, value: str, about: Shown) -> str:
    """Check outlines of areas, in pixels; each begins at its first corner from the left and turns one way."""
    listed = _listed(sheet, value, ("points", "label"))
    if any(not isinstance(each["points"], list) or len(each["points"]) > CORNERS for each in listed):
        raise InputError("an outline is no list of corners, or too long a one", f"send at most {CORNERS:,} [x, y]")
    if sum(len(each["points"]) for each in listed) > CORNERS_IN_ALL:
        raise InputError(f"the outlines have over {CORNERS_IN_ALL:,} corners", "draw them with fewer")
    found = {(outline([_point(point, about) for point in each["points"]]), each["label"]) for each in listed}
    return dumps([{"points": [list(point) for point in points], "label": label} for points, label in sorted(found)])


def keypoints(sheet: Sheet, value: str, about: Shown) -> str:
    """Check named points of objects, in pixels; one that is absent cannot be seen."""
    found = set()
    for each in _listed(sheet, value, ("points", "label")):
        points = each["points"]
        if not isinstance(points, dict) or not points:
            raise InputError("an object has no points", 'send them by name, such as {"nose": [3, 4]}')
        for name in points:
            if name not in sheet.points:
                raise InputError(f"{name[:60]!r} is none of the points", f"name: {', '.join(sheet.points[:20])}")
        placed = sorted((name, _point(point, about)) for name, point in points.items())
        found.add((tuple(placed), each["label"]))
    return dumps(
        [{"points": {name: list(at) for name, at in points}, "label": label} for points, label in sorted(found)]
    )


def outline(points: Sequence[Point]) -> tuple[Point, ...]:
    """Spell an outline one way: no corner twice in a row, turning one way, from its first corner in order.

    >>> outline([(4, 4), (4, 0), (0, 0), (0, 4), (0, 4), (4, 4)])
    ((0, 0), (4, 0), (4, 4), (0, 4))
    """
    ring = [each for at, each in enumerate(points) if each != points[at - 1]] if len(points) > 1 else list(points)
    doubled = sum(one[0] * two[1] - two[0] * one[1] for one, two in zip(ring, ring[1:] + ring[:1], strict=True))
    if len(ring) < 3 or doubled == 0:
        raise InputError("an outline encloses nothing", "give it three corners or more that do not lie in a row")
    if doubled < 0:
        ring.reverse()
    begins = min(ring)
    return min(tuple(ring[at:] + ring[:at]) for at, each in enumerate(ring) if each == begins)


def _listed(sheet: Sheet, value: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    said = loads(value)
    if not isinstance(said, list):
        raise InputError(f"the answer is no list of {sheet.task}", f"send objects with {', '.join(keys)}")
    if len(said) > MOST[sheet.task]:
        raise InputError(f"the answer has {len(said):,} {sheet.task}", f"send at most {MOST[sheet.task]:,}")
    for each in said:
        if not isinstance(each, dict) or set(each) != set(keys):
            raise InputError(f"one of the {sheet.task} is not what was expected", f"send exactly {', '.join(keys)}")
        known = each["label"] in sheet.values if isinstance(each["label"], str) else False
        if not known and (sheet.labels or each["label"] != ""):
            allowed = ", ".join(label.value for label in sheet.labels[:20]) or "the empty text, as the sheet has none"
            raise InputError(f"{str(each['label'])[:60]!r} is none of the labels", f"give one of: {allowed}")
    return said


def _whole(said: object, name: str) -> int:
    if isinstance(said, bool) or not isinstance(said, int | float) or said != int(said) or abs(said) > FARTHEST * 1000:
        raise InputError(f"the {name} of a span is {str(said)[:60]!r}", "send a whole number")
    return int(said)


def _point(said: object, about: Shown) -> Point:
    if not isinstance(said, list) or len(said) != 2:
        raise InputError("a point is no pair of numbers", "send [x, y]")
    edges = about.size or (FARTHEST, FARTHEST)
    x, y = (_inside(each, edge) for each, edge in zip(said, edges, strict=True))
    return x, y


def _inside(said: object, edge: int) -> int | float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not isfinite(said):
        raise InputError(f"a coordinate is {str(said)[:60]!r}", "send a number of pixels")
    if not -_SLACK <= said <= edge + _SLACK:
        raise InputError(f"a coordinate is {said:g}, outside 0 to {edge:,}", "draw within the picture")
    return tidy(min(max(said, 0), edge))

"""A kept answer read back: as measures of agreement compare it, and as the label column of a dataset holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bimetal.annotation.agreement.shapes import Box, Polygon, Skeleton, Span
from bimetal.annotation.sheet import KINDS
from bimetal.annotation.strict_json import loads
from bimetal.errors import InputError, UnknownName

NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?")

_TEXT = frozenset({"classification", "pairs", "text"})


def parsed(task: str, value: str) -> Any:
    """Read a canonical value in the form `agreement.measure_of(task)` compares; a ranking's ties go by name.

    >>> parsed("spans", '[{"start":0,"end":4,"label":"NAME"}]')
    [Span(start=0, end=4, label='NAME')]
    """
    held = labelled(task, value)
    try:
        return _PARSED[task](held) if task in _PARSED else held
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as fault:
        raise InputError(f"{value[:60]!r} is no answer to {task}", "keep answers as they were given") from fault


def labelled(task: str, value: str) -> Any:
    """Read a canonical value in the form a dataset's column `label` holds it.

    >>> labelled("score", "4.5"), labelled("ranking", '[["b"],["a","c"]]')
    (4.5, [['b'], ['a', 'c']])
    """
    if task not in KINDS:
        raise UnknownName(f"there is no task {task!r}", f"use one of: {', '.join(KINDS)}")
    if task in _TEXT:
        return value
    if task == "score":
        if not NUMBER.fullmatch(value):
            raise InputError(f"{value[:60]!r} is no score", "keep answers as they were given")
        return float(value)
    return loads(value)


_PARSED: dict[str, Callable[[Any], Any]] = {
    "tags": frozenset,
    "spans": lambda said: [Span(each["start"], each["end"], each["label"]) for each in said],
    "boxes": lambda said: [Box(*(each[name] for name in ("x0", "y0", "x1", "y1", "label"))) for each in said],
    "polygons": lambda said: [Polygon(tuple((x, y) for x, y in each["points"]), each["label"]) for each in said],
    "keypoints": lambda said: [
        Skeleton({name: (x, y) for name, (x, y) in each["points"].items()}, each["label"]) for each in said
    ],
    "ranking": lambda said: [option for tier in said for option in tier],
    "best-worst": lambda said: (said["best"], said["worst"]),
}

"""Drift over time: one point a production window, the limit it must stay under, and the windows that drifted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.report.charts.frame import (
    Axis,
    Frame,
    Layer,
    Row,
    Words,
    chart,
    ends,
    halo,
    layer,
    pixels,
    rules,
    text,
    ticks,
    wide,
)
from bimetal.report.numbers import bounded, number
from bimetal.report.palette import light
from bimetal.types import Interval

_UP = 1.12  # room above the highest mark for its name


@dataclass(frozen=True, slots=True)
class Window:
    """One production window: its name, what was measured, and whether the test called it drifted."""

    name: str
    value: Interval
    drifted: bool = False


def timeline(
    windows: Sequence[Window],
    limit: float | None = None,
    *,
    measure: str = "Distance from the reference",
    spell: Callable[[float], str] = number,
) -> dict[str, Json]:
    """Draw windows in the order given; drifted ones are larger, of another shape and colour, and named.

    Raises InputError where a value is not finite, or there is no window.

    >>> week = Window("week 1", Interval(0.04, 0.03, 0.05))
    >>> timeline([week], limit=0.1)["description"]
    'Distance from the reference. 1 window, none drifted. Limit 0.10.'
    """
    wrong = [each.name for each in windows if not math.isfinite(each.value.estimate)]
    if not windows or wrong:
        raise InputError(f"windows without a finite value: {wrong or 'none given'}", "leave unmeasured windows out")
    values = [each for window in windows for each in ends(window.value)] + ([] if limit is None else [limit])
    grid = ticks(min(0.0, *values), max(values) * _UP if max(values) > 0 else 1.0, 4)
    left = 16 + max(wide(spell(each)) for each in [*grid, *([] if limit is None else [limit])])
    frame = Frame(height=190, left=left, right=14, top=36, bottom=28)
    x, y = Axis(-0.4, len(windows) - 0.6, frame.width), Axis(grid[0], grid[-1], frame.height, up=True)
    ground = rules([y.pixel(each) for each in grid], frame, level=True)
    layers = [ground, *_limit(frame, y, limit, spell), *_marks(windows, x, y), *_names(windows, frame, x, y)]
    return chart(frame, [*layers, _left(grid, y, limit, spell)], _words(windows, measure, limit, spell))


def _marks(windows: Sequence[Window], x: Axis, y: Axis) -> list[Layer]:
    rows: list[Row] = []
    for k, each in enumerate(windows):
        low, high = ends(each.value)
        colour = light("fail" if each.drifted else "real")
        rows.append({"window": k, "value": float(each.value.estimate), "low": low, "high": high, "colour": colour})
    path: list[Row] = [{"window": row["window"], "value": row["value"]} for row in rows]
    drifted = [row for row, each in zip(rows, windows, strict=True) if each.drifted]
    steady = [row for row, each in zip(rows, windows, strict=True) if not each.drifted]
    at = {"x": x.channel("window"), "y": y.channel("value")}
    line: dict[str, Json] = {"type": "line", "color": light("real"), "strokeWidth": 1.5, "opacity": 0.55}
    whisker: dict[str, Json] = {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6}
    big: dict[str, Json] = {"type": "point", "shape": "diamond", "filled": True, "size": 130, "opacity": 1}
    return [
        layer(line, path, **at),
        layer(whisker, rows, x=x.channel("window"), y=y.channel("low"), y2={"field": "high"}),
        layer({"type": "circle", "size": 46, "opacity": 1}, steady, **at),
        layer(big, drifted, **at),
    ]


def _names(windows: Sequence[Window], frame: Frame, x: Axis, y: Axis) -> list[Layer]:
    step = max(1, math.ceil(max(wide(each.name) for each in windows) * len(windows) / frame.width * 1.1))
    under: list[Row] = [
        {"x": _inside(x.pixel(k), windows[k].name, frame), "label": windows[k].name}
        for k in range(len(windows) - 1, -1, -step)
    ]
    over: list[Row] = [
        {"x": _inside(x.pixel(k), each.name, frame), "y": y.pixel(ends(each.value)[1]) - 13, "label": each.name}
        for k, each in enumerate(windows)
        if each.drifted
    ]
    return [
        text(under, pixels("x"), frame.height + 16, align="center", color=light("muted"), limit=140),
        *halo(over, pixels("x"), pixels("y"), align="center", color=light("fail"), weight=600, limit=140),
    ]


def _inside(x: float, name: str, frame: Frame) -> float:
    room = min(wide(name), 140) / 2
    return max(min(x, frame.width + frame.right - room), room)


def _left(grid: Sequence[float], y: Axis, limit: float | None, spell: Callable[[float], str]) -> Layer:
    goal = math.inf if limit is None else y.pixel(limit)
    rows: list[Row] = [{"label": spell(each), "y": y.pixel(each)} for each in grid if abs(y.pixel(each) - goal) > 16]
    return text(rows, -8, pixels("y"), align="right", color=light("muted"))


def _limit(frame: Frame, y: Axis, limit: float | None, spell: Callable[[float], str]) -> list[Layer]:
    if limit is None:
        return []
    at = y.pixel(limit)
    return [
        rules([at], frame, level=True, color=light("ink"), strokeWidth=1.25, strokeDash=[4, 3]),
        text([{"label": spell(limit)}], -8, at, align="right", weight=700),
    ]


def _words(windows: Sequence[Window], measure: str, limit: float | None, spell: Callable[[float], str]) -> Words:
    drifted = [each.name for each in windows if each.drifted]
    ending = "" if limit is None else f" Limit {spell(limit)}."
    said = f"{len(windows)} window{'s' if len(windows) > 1 else ''}, {', '.join(drifted) or 'none'} drifted."
    rows = tuple((each.name, bounded(each.value, spell), "drifted" if each.drifted else "steady") for each in windows)
    return Words(measure, f"{measure}. {said}{ending}", ("window", measure, "verdict"), rows)

"""Horizontal bars with interval whiskers: effect sizes beside a tolerance, or every slice before and after."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.report.charts.frame import (
    LINE,
    WIDTH,
    Axis,
    Frame,
    Layer,
    Row,
    Words,
    chart,
    halo,
    layer,
    pixels,
    text,
    ticks,
    wide,
)
from bimetal.report.numbers import bounded, percent
from bimetal.report.palette import light
from bimetal.types import Interval

_ROW = 50  # px: a line of text, the bar, and air
_BAR = 31  # px from a row's top to its bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, value, colour role, and the value `before` where the row tells of a change."""

    name: str
    value: Interval
    colour_role: str = "hybrid"
    before: Interval | None = None


def bars(
    rows: Sequence[Bar],
    *,
    measure: str = "Accuracy",
    limit: float | None = None,
    limit_name: str = "limit",
    spell: Callable[[float], str] = percent,
) -> dict[str, Json]:
    """Draw one row a value: a bar from zero, or a pair of dots where any row has a `before`.

    Unknown bounds draw no whisker. Raises InputError where a row's estimate is not finite, or there is no row.

    >>> bars([Bar("digit 8", Interval(0.91, 0.88, 0.94))])["description"].replace("\u202f", " ")
    'Accuracy. digit 8: 91 % (88–94 %).'
    """
    wrong = [each.name for each in rows if not math.isfinite(each.value.estimate)]
    if not rows or wrong:
        raise InputError(f"bars without a finite value: {wrong or 'no row at all'}", "leave unmeasured rows out")
    change = any(each.before for each in rows)
    grid = _grid(rows, limit, change)
    inset = wide(spell(grid[0])) / 2
    frame = Frame(_ROW * len(rows) + 4, inset, inset, 34 if limit is None else 54, 26 if change else 4)
    x = Axis(grid[0], grid[-1], frame.width)
    layers = [*_ground(x, frame, grid if change else [0.0]), *(_dots(rows, x) if change else _lengths(rows, x))]
    layers += [
        *_limit(x, frame, limit, f"{limit_name} {spell(limit)}" if limit is not None else ""),
        *_names(rows, frame, spell),
    ]
    layers += [_below(x, frame, grid, spell)] if change else []
    return chart(frame, layers, _words(rows, measure, limit, limit_name, spell))


def _grid(rows: Sequence[Bar], limit: float | None, change: bool) -> list[float]:
    values = [end for each in rows for end in (*_ends(each.value), *(_ends(each.before) if each.before else ()))]
    values += [] if limit is None else [limit]
    if not change:
        return [min(0.0, *values), max(0.0, *values) * 1.02 or 1.0]
    return ticks(min(values), max(values), 4)


def _ends(value: Interval) -> tuple[float, float]:
    low, high = (each if math.isfinite(each) else value.estimate for each in (value.low, value.high))
    return float(low), float(high)


def _ground(x: Axis, frame: Frame, grid: Sequence[float]) -> list[Layer]:
    lines: list[Row] = [{"x": x.pixel(each)} for each in grid]
    rule: dict[str, Json] = {"type": "rule", "color": light("line")}
    return [layer(rule, lines, x=pixels("x"), y={"value": 0}, y2={"value": frame.height})]


def _lengths(rows: Sequence[Bar], x: Axis) -> list[Layer]:
    drawn: list[Row] = [
        {"zero": x.pixel(0), "x": x.pixel(each.value.estimate), "y": _ROW * k + _BAR, "colour": light(each.colour_role)}
        for k, each in enumerate(rows)
    ]
    bar: dict[str, Json] = {"type": "bar", "height": 12, "opacity": 0.85}
    return [
        layer(bar, drawn, x=pixels("zero"), x2={"field": "x"}, y=pixels("y")),
        *_whiskers([(k, each.value, "ink", 0) for k, each in enumerate(rows)], x),
    ]


def _dots(rows: Sequence[Bar], x: Axis) -> list[Layer]:
    """Draw before hollow and above, after filled and below, joined by a line."""
    pairs = [(k, each, each.before) for k, each in enumerate(rows) if each.before]
    join: list[Row] = [
        {
            "x": x.pixel(old.estimate),
            "y": _ROW * k + _BAR - 4,
            "x2": x.pixel(each.value.estimate),
            "y2": _ROW * k + _BAR + 6,
        }
        for k, each, old in pairs
    ]
    after: list[Row] = [
        {"x": x.pixel(each.value.estimate), "y": _ROW * k + _BAR + 6, "colour": light(each.colour_role)}
        for k, each in enumerate(rows)
    ]
    before: list[Row] = [
        {"x": x.pixel(old.estimate), "y": _ROW * k + _BAR - 4, "colour": light("muted")} for k, _, old in pairs
    ]
    spans = [(k, each.value, each.colour_role, 6) for k, each in enumerate(rows)] + [
        (k, old, "muted", -4) for k, _, old in pairs
    ]
    at = {"x": pixels("x"), "y": pixels("y")}
    return [
        *_whiskers(spans, x),
        layer(
            {"type": "rule", "color": light("muted"), "strokeDash": [2, 2]},
            join,
            **at,
            x2={"field": "x2"},
            y2={"field": "y2"},
        ),
        layer(
            {"type": "point", "filled": False, "fill": light("paper"), "opacity": 1, "size": 50, "strokeWidth": 1.75},
            before,
            **at,
        ),
        layer({"type": "circle", "opacity": 1, "size": 80}, after, **at),
    ]


def _whiskers(spans: Sequence[tuple[int, Interval, str, int]], x: Axis) -> list[Layer]:
    drawn: list[Row] = [
        {
            "low": x.pixel(_ends(value)[0]),
            "high": x.pixel(_ends(value)[1]),
            "y": _ROW * k + _BAR + shift,
            "colour": light(role),
        }
        for k, value, role, shift in spans
    ]
    rule: dict[str, Json] = {"type": "rule", "strokeWidth": 1.5}
    return [layer(rule, drawn, x=pixels("low"), x2={"field": "high"}, y=pixels("y"))]


def _limit(x: Axis, frame: Frame, limit: float | None, label: str) -> list[Layer]:
    if limit is None:
        return []
    at = x.pixel(limit)
    room = wide(label) / 2
    place = min(max(at, room - frame.left), frame.width + frame.right - room)
    rule: dict[str, Json] = {"type": "rule", "color": light("ink"), "strokeWidth": 1.25, "strokeDash": [4, 3]}
    return [
        layer(rule, x={"value": at}, y={"value": -8}, y2={"value": frame.height}),
        *halo([{"label": label}], place, -18, align="center", color=light("muted")),
    ]


def _names(rows: Sequence[Bar], frame: Frame, spell: Callable[[float], str]) -> list[Layer]:
    values = [
        f"{spell(each.before.estimate)} → {spell(each.value.estimate)}" if each.before else bounded(each.value, spell)
        for each in rows
    ]
    room = WIDTH - max(wide(each) for each in values)
    left: list[Row] = [{"label": each.name, "y": _ROW * k + 11} for k, each in enumerate(rows)]
    right: list[Row] = [{"label": each, "y": _ROW * k + 11} for k, each in enumerate(values)]
    return [
        *halo(left, -frame.left, pixels("y"), limit=room),
        *halo(right, frame.width + frame.right, pixels("y"), align="right", color=light("muted")),
    ]


def _below(x: Axis, frame: Frame, grid: Sequence[float], spell: Callable[[float], str]) -> Layer:
    labels: list[Row] = [{"label": spell(each), "x": x.pixel(each)} for each in grid]
    return text(labels, pixels("x"), frame.height + LINE - 4, align="center", color=light("muted"))


def _words(
    rows: Sequence[Bar], measure: str, limit: float | None, limit_name: str, spell: Callable[[float], str]
) -> Words:
    change = any(each.before for each in rows)
    table = [
        (
            each.name,
            *([bounded(each.before, spell) if each.before else ""] if change else []),
            bounded(each.value, spell),
        )
        for each in rows
    ]
    said = "; ".join(
        f"{each.name}: {f'from {spell(each.before.estimate)} to ' if each.before else ''}{bounded(each.value, spell)}"
        for each in rows
    )
    title = f"{measure}, before ○ and after ●" if change else measure
    ending = "" if limit is None else f" {limit_name} {spell(limit)}."
    return Words(
        title, f"{measure}. {said}.{ending}", ("", "before", "after") if change else ("", measure), tuple(table)
    )

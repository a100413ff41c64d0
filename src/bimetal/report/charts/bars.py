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
    ends,
    halo,
    layer,
    pixels,
    rules,
    text,
    ticks,
    wide,
)
from bimetal.report.numbers import bounded, percent
from bimetal.report.palette import light
from bimetal.types import Interval

_ROW = 50  # px: a line of text, the bar, and air
_BAR = 31  # px from a row's top to its bar
_WHISKER: dict[str, Json] = {"type": "rule", "strokeWidth": 1.5}


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
    inset = max(wide(spell(each)) for each in grid) / 2 if change else 0
    frame = Frame(_ROW * len(rows) + 4, inset, inset, 34 if limit is None else 54, 26 if change else 4)
    x = Axis(grid[0], grid[-1], frame.width)
    ground = rules([x.pixel(each) for each in (grid if change else [0.0])], frame, level=False)
    layers = [ground, *(_dots(rows, x) if change else _lengths(rows, x))]
    layers += [
        *_limit(x, frame, limit, f"{limit_name} {spell(limit)}" if limit is not None else "", len(rows)),
        *_names(rows, frame, spell),
    ]
    layers += [_below(x, frame, grid, spell)] if change else []
    return chart(frame, layers, _words(rows, measure, limit, limit_name, spell))


def _grid(rows: Sequence[Bar], limit: float | None, change: bool) -> list[float]:
    values = [end for each in rows for end in (*ends(each.value), *(ends(each.before) if each.before else ()))]
    values += [] if limit is None else [limit]
    if not change:
        low, high = min(0.0, *values), max(0.0, *values)
        return [low, high if high > low else 1.0]
    return ticks(min(values), max(values), 4)


def _lengths(rows: Sequence[Bar], x: Axis) -> list[Layer]:
    drawn: list[Row] = [_at(k, each.value, each.colour_role, 0) for k, each in enumerate(rows)]
    whiskers: list[Row] = [_at(k, each.value, "ink", 0) for k, each in enumerate(rows)]
    bar: dict[str, Json] = {"type": "bar", "height": 12}
    return [
        layer(bar, drawn, x=x.channel("zero"), x2={"field": "value"}, y=pixels("y")),
        layer(_WHISKER, whiskers, x=x.channel("low"), x2={"field": "high"}, y=pixels("y")),
    ]


def _dots(rows: Sequence[Bar], x: Axis) -> list[Layer]:
    """Draw before hollow and above, after filled and below, each on its whisker."""
    after: list[Row] = [_at(k, each.value, each.colour_role, 6) for k, each in enumerate(rows)]
    before: list[Row] = [_at(k, each.before, "muted", -5) for k, each in enumerate(rows) if each.before]
    hollow: dict[str, Json] = {"type": "point", "fill": light("paper"), "opacity": 1, "size": 50, "strokeWidth": 1.75}
    at = {"x": x.channel("value"), "y": pixels("y")}
    return [
        layer(_WHISKER, [*before, *after], x=x.channel("low"), x2={"field": "high"}, y=pixels("y")),
        layer(hollow, before, **at),
        layer({"type": "circle", "opacity": 1, "size": 80}, after, **at),
    ]


def _at(k: int, value: Interval, role: str, shift: float) -> Row:
    low, high = ends(value)
    place = {"zero": 0.0, "value": float(value.estimate), "low": low, "high": high, "y": _ROW * k + _BAR + shift}
    return {**place, "colour": light(role)}


def _limit(x: Axis, frame: Frame, limit: float | None, label: str, n: int) -> list[Layer]:
    """Mark the limit beside every bar and leave the lines of text between them free."""
    if limit is None:
        return []
    at, room = x.pixel(limit), wide(label) / 2
    place = min(max(at, room - frame.left), frame.width + frame.right - room)
    pieces: list[Row] = [{"y": -7, "y2": 1}, *({"y": top - 11, "y2": top + 13} for top in range(_BAR, _ROW * n, _ROW))]
    rule: dict[str, Json] = {"type": "rule", "color": light("ink"), "strokeWidth": 1.5}
    return [
        layer(rule, pieces, x={"value": at}, y=pixels("y"), y2={"field": "y2"}),
        text([{"label": label}], place, -17, align="center", color=light("muted")),
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

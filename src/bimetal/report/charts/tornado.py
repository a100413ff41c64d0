"""Tornado: how far each input alone moves the result, widest first, and where the result changes sign."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.report.charts.frame import (
    WIDTH,
    Axis,
    Frame,
    Layer,
    Row,
    Words,
    apart,
    chart,
    halo,
    layer,
    pixels,
    rules,
    ticks,
    wide,
)
from bimetal.report.charts.spreads import below, titled
from bimetal.report.numbers import money, span
from bimetal.report.palette import light

_ROW = 54  # px: a line of text, the bar, and air
_BAR = 33  # px from a row's top to its bar
_ENDS = 110  # px the words at a bar's end take at most
_AIR = 6  # px between a bar and the words at its end


@dataclass(frozen=True, slots=True)
class Swing:
    """One input: the result where it is low and where it is high, both inputs in words, and whether it is assumed."""

    name: str
    at_low: float
    at_high: float
    low_words: str = ""
    high_words: str = ""
    marked: bool = False


def tornado(
    rows: Sequence[Swing], base: float, *, measure: str = "Cost", spell: Callable[[float], str] = money
) -> dict[str, Json]:
    """Draw a bar from the base to each input's two results, widest first; a strong line at zero where it lies within.

    A marked row says "assumption" after its name. Raises InputError where a value is not finite, or there is no row.

    >>> swings = [Swing("wage", 90.0, 115.0, marked=True), Swing("hazard", -20.0, 300.0)]
    >>> tornado(swings, 100.0, measure="Saving")["description"]
    'Saving, €100 at the base. hazard: −€20.00 to €300, changes sign; wage (assumption): €90.00–€115.'
    """
    _refuse(rows, base)
    ordered = sorted(rows, key=lambda each: abs(each.at_high - each.at_low), reverse=True)
    values = [base, *(each for row in ordered for each in (row.at_low, row.at_high))]
    grid = ticks(min(values), max(values), 4)
    ends = [_ends(each, base) for each in ordered]
    frame = _frame(ends, grid, spell)
    x = Axis(grid[0], grid[-1], frame.width)
    said = [span(min(each.at_low, each.at_high), max(each.at_low, each.at_high), spell) for each in ordered]
    layers = [
        rules([x.pixel(each) for each in grid], frame, level=False),
        *_bars(ordered, base, x),
        *_lines(x, frame, base, min(values) < 0 < max(values), spell),
        *_beside(ends, x),
        *titled([each.name for each in ordered], said, frame, _ROW, ["assumption" * each.marked for each in ordered]),
        below(x, frame, grid, spell),
    ]
    return chart(frame, layers, _words(ordered, base, said, measure, spell))


@dataclass(frozen=True, slots=True)
class _End:
    value: float
    words: str
    side: int  # -1 left of the bar, 1 right of it

    @property
    def room(self) -> float:
        return min(wide(self.words), _ENDS) + _AIR


def _refuse(rows: Sequence[Swing], base: float) -> None:
    wrong = [each.name for each in rows if not (math.isfinite(each.at_low) and math.isfinite(each.at_high))]
    if not rows or wrong:
        raise InputError(f"swings without finite ends: {wrong or 'no row at all'}", "leave unknown inputs out")
    if not math.isfinite(base):
        raise InputError(f"a tornado around {base}, a finite base was expected", "leave the chart out")


def _ends(row: Swing, base: float) -> tuple[_End, _End]:
    """Tell which input stands at the bar's left end, which at its right; the base ends a bar that lies on one side."""
    low, high = (row.at_low, row.low_words or "low"), (row.at_high, row.high_words or "high")
    (start, left), (end, right) = sorted((low, high), key=lambda each: each[0])
    return _End(min(start, base), left, -1), _End(max(end, base), right, 1)


def _frame(ends: Sequence[tuple[_End, _End]], grid: Sequence[float], spell: Callable[[float], str]) -> Frame:
    """Leave as much width to the bars as the words at their ends allow."""
    first, last = grid[0], grid[-1]

    def insets(width: int) -> tuple[float, float]:
        at = Axis(first, last, width).pixel
        left = max(wide(spell(first)) / 2, *(each.room - at(each.value) for each, _ in ends))
        return left, max(wide(spell(last)) / 2, *(each.room - width + at(each.value) for _, each in ends))

    width = next((each for each in range(WIDTH, 100, -2) if each + sum(insets(each)) <= WIDTH), 100)
    left, _ = insets(width)
    return Frame(_ROW * len(ends) + 4, left, WIDTH - width - left, 54, 26)


def _bars(rows: Sequence[Swing], base: float, x: Axis) -> list[Layer]:
    """Draw the input's low side pale and its high side dark, the longer first where both lie on one side."""
    parts: list[tuple[float, Row]] = []
    for k, each in enumerate(rows):
        for value, role in ((each.at_low, "skip"), (each.at_high, "ink")):
            row: Row = {"x": x.pixel(base), "x2": x.pixel(value), "y": _ROW * k + _BAR, "colour": light(role)}
            parts.append((abs(value - base), row))
    drawn = [row for _, row in sorted(parts, key=lambda part: -part[0])]
    return [layer({"type": "rule", "strokeWidth": 13}, drawn, x=pixels("x"), x2={"field": "x2"}, y=pixels("y"))]


def _lines(x: Axis, frame: Frame, base: float, zero: bool, spell: Callable[[float], str]) -> list[Layer]:
    """Draw the base dotted and zero in full beside every bar, the lines of text left free, both named above."""
    n = round(frame.height) // _ROW
    named = [(base, f"base {spell(base)}", [2, 3]), *([(0.0, "zero", [1, 0])] if zero else [])]
    places = apart([x.pixel(value) for value, _, _ in named], [wide(words) + 10 for _, words, _ in named],
                   -frame.left, frame.width + frame.right)  # fmt: skip
    labels: list[Row] = [{"label": words, "x": place} for (_, words, _), place in zip(named, places, strict=True)]
    beside: list[Row] = [
        {"y": -4, "y2": 1},
        *({"y": _ROW * k + _BAR - 12, "y2": _ROW * k + _BAR + 14} for k in range(n)),
    ]
    dashes = [
        layer({"type": "rule", "color": light("ink"), "strokeWidth": 1.5, "strokeDash": dash}, beside,
              x={"value": x.pixel(value)}, y=pixels("y"), y2={"field": "y2"})
        for value, _, dash in named
    ]  # fmt: skip
    return [*dashes, *halo(labels, pixels("x"), -12, align="center", color=light("muted"))]


def _beside(ends: Sequence[tuple[_End, _End]], x: Axis) -> list[Layer]:
    drawn: list[Layer] = []
    for side, align in ((0, "right"), (1, "left")):
        rows: list[Row] = [
            {"label": pair[side].words, "x": x.pixel(pair[side].value) + _AIR * pair[side].side, "y": _ROW * k + _BAR}
            for k, pair in enumerate(ends)
        ]
        drawn += halo(rows, pixels("x"), pixels("y"), align=align, color=light("muted"), limit=_ENDS)
    return drawn


def _words(
    rows: Sequence[Swing], base: float, said: Sequence[str], measure: str, spell: Callable[[float], str]
) -> Words:
    flips = [min(each.at_low, each.at_high) < 0 < max(each.at_low, each.at_high) for each in rows]
    listed = "; ".join(
        f"{each.name}{' (assumption)' * each.marked}: {span}{', changes sign' * flip}"
        for each, span, flip in zip(rows, said, flips, strict=True)
    )
    cells = tuple(
        (
            each.name,
            "assumption" if each.marked else "",
            f"{spell(each.at_low)}{f' ({each.low_words})' if each.low_words else ''}",
            f"{spell(each.at_high)}{f' ({each.high_words})' if each.high_words else ''}",
            "changes sign" if flip else "",
        )
        for each, flip in zip(rows, flips, strict=True)
    )
    description = f"{measure}, {spell(base)} at the base. {listed}."
    return Words(f"{measure}, each input alone", description, ("input", "basis", "at low", "at high", "sign"), cells)

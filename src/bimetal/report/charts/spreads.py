"""Spreads of outcomes: one row a strategy, where half, four fifths and nine tenths of its draws lie, on one axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

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
    rules,
    text,
    ticks,
    wide,
)
from bimetal.report.numbers import money, span
from bimetal.report.palette import light

if TYPE_CHECKING:
    import numpy.typing as npt

_ROW = 54  # px: a line of text, the shape, and air
_SHAPE = 32  # px from a row's top to its shape
_SHARES = (5, 10, 25, 50, 75, 90, 95)
_BARS = ((5, 95, 2.0, 1.0), (10, 90, 8.0, 0.45), (25, 75, 14.0, 1.0))  # from, to, thickness, opacity
_FROM_ZERO = 0.5  # of the largest value: an axis that would start below this starts at zero


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """One row: its name, its draws (n,), and its colour role."""

    name: str
    values: npt.ArrayLike
    colour_role: str = "hybrid"


def spreads(rows: Sequence[Spread], *, measure: str = "Cost", spell: Callable[[float], str] = money) -> dict[str, Json]:
    """Draw each row's draws as nested bars (P25-P75 thick, P10-P90, P5-P95 thin) with a mark at the median.

    The axis starts at zero unless every row lies far from it. Raises InputError where there is no row, or a row has
    no draw or one that is not finite.

    >>> spec = spreads([Spread("hybrid", range(101)), Spread("human only", range(200, 301))])
    >>> spec["description"]
    'Cost, median and middle 80 % of the draws. hybrid: €50.00 (€10.00–€90.00); human only: €250 (€210–€290).'
    """
    tables = [_quantiles(each) for each in rows]
    if not tables:
        raise InputError("spreads without a row", "give at least one")
    low, high = (pick(end for each in tables for end in (each[5], each[95])) for pick in (min, max))
    near = 0 <= low < _FROM_ZERO * high or _FROM_ZERO * low < high <= 0
    grid = ticks(min(low, 0.0) if near else low, max(high, 0.0) if near else high, 4)
    inset = max(wide(spell(grid[0])), wide(spell(grid[-1]))) / 2
    frame = Frame(_ROW * len(rows) + 4, inset, inset, 34, 26)
    x = Axis(grid[0], grid[-1], frame.width)
    ground = rules([x.pixel(each) for each in grid], frame, level=False)
    said = [f"{spell(each[50])} ({span(each[10], each[90], spell)})" for each in tables]
    layers = [ground, *_shapes(rows, tables, x), *titled([each.name for each in rows], said, frame, _ROW)]
    return chart(frame, [*layers, below(x, frame, grid, spell)], _words(rows, tables, said, measure, spell))


def titled(
    names: Sequence[str], values: Sequence[str], frame: Frame, row: float, asides: Sequence[str] = ()
) -> list[Layer]:
    """Write each row's name above its marks, an aside in quieter ink after it, and its numbers at the right end."""
    drawn: list[Layer] = []
    muted = light("muted")
    for k, (name, value) in enumerate(zip(names, values, strict=True)):
        y, aside = row * k + 11, asides[k] if asides else ""
        room = WIDTH - wide(value) - 8 - (wide(aside) + 8 if aside else 0)
        drawn += halo([{"label": name}], -frame.left, y, limit=room)
        drawn += halo([{"label": value}], frame.width + frame.right, y, align="right", color=muted)
        drawn += halo([{"label": aside}], min(wide(name), room) + 8 - frame.left, y, color=muted) if aside else []
    return drawn


def below(x: Axis, frame: Frame, grid: Sequence[float], spell: Callable[[float], str]) -> Layer:
    """Write the grid's values under the plot, every second, third ... where they would touch."""
    step = next(
        each
        for each in range(1, len(grid) + 1)
        if all(x.pixel(b) - x.pixel(a) >= (wide(spell(a)) + wide(spell(b))) / 2 + 6 for a, b in pairwise(grid[::each]))
    )
    labels: list[Row] = [{"label": spell(each), "x": x.pixel(each)} for each in grid[::step]]
    return text(labels, pixels("x"), frame.height + LINE - 4, align="center", color=light("muted"))


def _quantiles(row: Spread) -> dict[int, float]:
    import numpy as np

    values = np.asarray(row.values, float).ravel()
    if not values.size or not np.isfinite(values).all():
        raise InputError(f"spread {row.name!r} has {values.size} draws, not all finite", "give every row finite draws")
    return dict(zip(_SHARES, np.percentile(values, _SHARES).tolist(), strict=True))


def _shapes(rows: Sequence[Spread], tables: Sequence[dict[int, float]], x: Axis) -> list[Layer]:
    drawn = []
    for start, end, thick, opacity in _BARS:
        bars: list[Row] = [
            {"x": x.pixel(table[start]), "x2": max(x.pixel(table[end]), x.pixel(table[start]) + 1),
             "y": _ROW * k + _SHAPE, "colour": light(row.colour_role)}
            for k, (row, table) in enumerate(zip(rows, tables, strict=True))
        ]  # fmt: skip
        look: dict[str, Json] = {"type": "rule", "strokeWidth": thick, "opacity": opacity}
        drawn.append(layer(look, bars, x=pixels("x"), x2={"field": "x2"}, y=pixels("y")))
    marks: list[Row] = [{"x": x.pixel(table[50]), "y": _ROW * k + _SHAPE - 10, "y2": _ROW * k + _SHAPE + 10}
                        for k, table in enumerate(tables)]  # fmt: skip
    at = {"x": pixels("x"), "y": pixels("y"), "y2": {"field": "y2"}}
    rim: dict[str, Json] = {"type": "rule", "strokeWidth": 5, "color": light("paper")}
    return [*drawn, layer(rim, marks, **at), layer(rim | {"strokeWidth": 2, "color": light("ink")}, marks, **at)]


def _words(
    rows: Sequence[Spread],
    tables: Sequence[dict[int, float]],
    said: Sequence[str],
    measure: str,
    spell: Callable[[float], str],
) -> Words:
    names = [each.name for each in rows]
    listed = "; ".join(f"{name}: {value}" for name, value in zip(names, said, strict=True))
    cells = tuple((name, *(spell(table[each]) for each in _SHARES)) for name, table in zip(names, tables, strict=True))
    return Words(
        f"{measure}: P50 (P10–P90)",
        f"{measure}, median and middle 80 % of the draws. {listed}.",
        ("", *(f"P{each}" for each in _SHARES)),
        cells,
    )

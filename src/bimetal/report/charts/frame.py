"""The common ground of every chart: pixel-exact axes, grid, text, and the Vega-Lite specification around them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.report.palette import light
from bimetal.types import Interval

WIDTH = 420  # px; at 14 px text a 336 px wide phone column still shows 11 px
TEXT = 14
LINE = 18  # px from one line of text to the next
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Row = Mapping[str, Json]
Layer = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high` laid over `length` pixels; `up` grows from the bottom, `log` by ratios."""

    low: float
    high: float
    length: float
    up: bool = False
    log: bool = False

    def pixel(self, value: float) -> float:
        low, high, value = (math.log(each) if self.log else each for each in (self.low, self.high, value))
        along = (value - low) / (high - low) * self.length if high > low else self.length / 2
        return self.length - along if self.up else along

    def channel(self, field: str) -> Json:
        """Encode a field of values on this axis."""
        one = self.low == self.high
        scale: Json = {
            "type": "log" if self.log else "linear",
            "domain": [self.low / 2, self.high * 2] if one else [self.low, self.high],
            "range": [self.length, 0] if self.up else [0, self.length],
            "nice": False,
            "zero": False,
        }
        return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's height and the room around it for text, in pixels."""

    height: float
    left: float = 0
    right: float = 0
    top: float = 30
    bottom: float = 0

    @property
    def width(self) -> float:
        return WIDTH - self.left - self.right


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart says without its picture: title, one-sentence description, and the numbers as a table."""

    title: str
    description: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    prose: bool = False  # cells hold words, not numbers


def chart(frame: Frame, layers: Sequence[Layer], words: Words) -> dict[str, Json]:
    """Put layers into a specification that is exactly WIDTH pixels wide and carries its own table."""
    around: Json = {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom}
    return {
        "$schema": SCHEMA,
        "description": words.description,
        "usermeta": {"title": words.title, "header": words.header, "rows": words.rows, "prose": words.prose},
        "width": frame.width,
        "height": frame.height,
        "padding": around,
        "autosize": "none",
        "background": None,
        "config": {
            "aria": False,
            "font": "system-ui, sans-serif",
            "view": {"stroke": None},
        },
        "layer": [*layers, text([{"label": words.title}], x=-frame.left, y=12 - frame.top, color=light("muted"))],
    }


def layer(mark: Mapping[str, Json], rows: Sequence[Row] = ({},), **encoding: Json) -> Layer:
    """Draw rows with a mark; a `colour` column, where rows have one, is the mark's colour."""
    if rows and "colour" in rows[0]:
        encoding["color"] = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    return {"mark": dict(mark), "data": {"values": list(rows)}, "encoding": encoding}


def rules(places: Sequence[float], frame: Frame, *, level: bool, **mark: Json) -> Layer:
    """Draw hairlines across the plot at these pixels: level ones for y, upright ones for x."""
    look: dict[str, Json] = {"type": "rule", "color": light("line"), **mark}
    rows: list[Row] = [{"at": place} for place in places]
    along, end, across = ("x", "x2", "y") if level else ("y", "y2", "x")
    length = frame.width if level else frame.height
    where: dict[str, Json] = {along: {"value": 0}, end: {"value": length}, across: pixels("at")}
    return layer(look, rows, **where)


def text(rows: Sequence[Row], x: float | Json, y: float | Json, **mark: Json) -> Layer:
    """Write each row's `label`; x and y are pixels or channels, `weight` and `size` belong to the font."""
    look: dict[str, Json] = {"type": "text", "align": "left", "baseline": "middle", "limit": WIDTH, "size": TEXT}
    look |= {"color": light("ink"), "fontWeight": mark.pop("weight", 400), **mark}
    label: Json = {"field": "label", "type": "nominal"}
    return layer(look, rows, text=label, x=_place(x), y=_place(y))


def halo(rows: Sequence[Row], x: float | Json, y: float | Json, **mark: Json) -> list[Layer]:
    """Write each row's `label` over whatever lies beneath, kept legible by a rim of paper."""
    plain = [{key: value for key, value in row.items() if key != "colour"} for row in rows]
    paper = light("paper")
    return [text(plain, x, y, **{**mark, "stroke": paper, "strokeWidth": 4, "color": paper}), text(rows, x, y, **mark)]


def pixels(field: str) -> Json:
    """Read a channel's pixels straight from a field."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Choose round values that enclose a range.

    >>> ticks(0.58, 0.97)
    [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    """
    spread = max(high - low, 1e-9 * max(abs(low), abs(high)), 1e-12)
    rough = spread / about
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = magnitude * next(each for each in (1, 2, 5, 10) if each * magnitude >= rough * 0.9)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, max(last, first + 1) + 1)]


def ends(value: Interval) -> tuple[float, float]:
    """Return an interval's bounds, each the estimate itself where it is not known."""
    low, high = (each if math.isfinite(each) else value.estimate for each in (value.low, value.high))
    return float(low), float(high)


def apart(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move centres as little as needed so that labels of these sizes stand clear of each other within bounds.

    >>> apart([10, 12, 50], [10, 10, 10], 0, 60)
    [10, 20.0, 50]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = list(wanted)
    edge = low
    for i in order:
        placed[i] = max(placed[i], edge + sizes[i] / 2)
        edge = placed[i] + sizes[i] / 2
    edge = high
    for i in reversed(order):
        placed[i] = min(placed[i], edge - sizes[i] / 2)
        edge = placed[i] - sizes[i] / 2
    return placed


def wide(words: str, size: float = TEXT) -> float:
    """Estimate how many pixels a text takes, generously, whatever the reader's font."""
    return sum(0.3 if each in " .,:;il|'\u202f" else 0.95 if each in "%mwMW" else 0.62 for each in words) * size


def _place(where: float | Json) -> Json:
    return {"value": where} if isinstance(where, int | float) else where

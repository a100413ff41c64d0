"""Learning curves: a score against labels bought, one line an arm, with bands, target and the saving it shows."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.report.charts.frame import (
    LINE,
    Axis,
    Frame,
    Layer,
    Row,
    Words,
    apart,
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
from bimetal.report.numbers import bounded, count, percent
from bimetal.report.palette import light
from bimetal.types import Interval

_LETTERS = 15  # of a line's name before it wraps
_DASHES: tuple[Json, ...] = ([1, 0], [6, 3], [2, 3], [8, 3, 2, 3])


@dataclass(frozen=True, slots=True)
class Curve:
    """One arm: its name, colour role, measured points, and the amount at which it `reaches` the target."""

    name: str
    colour_role: str
    points: Sequence[tuple[int, Interval]]
    reaches: float | None = None


def learning_curves(
    curves: Sequence[Curve],
    target: float | None = None,
    *,
    measure: str = "Accuracy",
    unit: str = "human labels",
    spell: Callable[[float], str] = percent,
) -> dict[str, Json]:
    """Draw a score against amounts on a log axis, lines named at their ends.

    Points whose estimate is not finite are left out; unknown bounds draw no band. Arms of one colour role differ by
    dash. Raises InputError where nothing is left to draw or an amount is below 1.

    >>> curve = Curve("human", "human", [(10, Interval(0.6, 0.5, 0.7)), (100, Interval(0.9, 0.88, 0.92))])
    >>> learning_curves([curve], target=0.85)["description"].replace("\u202f", " ")
    'Accuracy by human labels. human: 60 % at 10, 90 % at 100. Target 85 %.'
    """
    kept = [_finite(curve) for curve in curves]
    kept = [curve for curve in kept if curve.points]
    if not kept:
        raise InputError("there is no finite point to draw", "measure at least one arm first")
    plot = _plot(kept, target, spell)
    layers = [*plot.bands(), *plot.goal(), *plot.lines(), *plot.savings(), *plot.names(), *plot.scales(unit)]
    return chart(plot.frame, layers, _words(plot, measure, unit))


@dataclass(frozen=True, slots=True)
class _Plot:
    curves: list[Curve]
    target: float | None
    frame: Frame
    x: Axis
    y: Axis
    grid: list[float]
    spell: Callable[[float], str]

    def bands(self) -> list[Layer]:
        x, y = self.x.channel("n"), self.y.channel("low")
        area: dict[str, Json] = {"type": "area", "opacity": 0.13}
        return [
            rules([self.y.pixel(each) for each in self.grid], self.frame, level=True),
            *(
                layer(area | {"color": light(each.colour_role)}, _band(each), x=x, y=y, y2={"field": "high"})
                for each in self.curves
            ),
        ]

    def lines(self) -> list[Layer]:
        drawn = []
        for k, curve in enumerate(self.curves):
            before = [each.colour_role for each in self.curves[:k]].count(curve.colour_role)
            rows: list[Row] = [{"n": n, "score": float(score.estimate)} for n, score in curve.points]
            colour, at = light(curve.colour_role), {"x": self.x.channel("n"), "y": self.y.channel("score")}
            dash = _DASHES[before % len(_DASHES)]
            drawn.append(layer({"type": "line", "color": colour, "strokeWidth": 2.25, "strokeDash": dash}, rows, **at))
            drawn.append(layer({"type": "circle", "color": colour, "size": 26, "opacity": 1}, rows, **at))
        return drawn

    def goal(self) -> list[Layer]:
        if self.target is None:
            return []
        y = self.y.pixel(self.target)
        return [
            rules([y], self.frame, level=True, color=light("ink"), strokeWidth=1.25),
            text([{"label": self.spell(self.target)}], x=-8, y=y, align="right", weight=700),
        ]

    def savings(self) -> list[Layer]:
        """Drop a line from where each arm meets the target to the amount it needs."""
        met = [each for each in self.curves if each.reaches and self.x.low <= each.reaches <= self.x.high]
        if self.target is None or not met:
            return []
        rows = _feet(met, self.x, self.frame.height)
        goal: Json = {"value": self.y.pixel(self.target)}
        drop: dict[str, Json] = {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 1.5}
        dot: dict[str, Json] = {
            "type": "circle",
            "size": 70,
            "opacity": 1,
            "stroke": light("paper"),
            "strokeWidth": 1.5,
        }
        look: dict[str, Json] = {"weight": 700, "size": 16, "align": "center"}
        return [
            layer(drop, rows, x=pixels("x"), y=goal, y2={"value": self.frame.height}),
            layer(dot, rows, x=pixels("x"), y=goal),
            *halo(rows, pixels("side"), pixels("foot"), **look),
        ]

    def names(self) -> list[Layer]:
        """Name each line where it ends, moved apart where ends are close, and tied to them by a thin leader."""
        labels = [textwrap.wrap(each.name, _LETTERS, max_lines=3, placeholder="…") or ["?"] for each in self.curves]
        ends = [self.y.pixel(each.points[-1][1].estimate) for each in self.curves]
        places = apart(ends, [LINE * len(lines) + 6 for lines in labels], -8, self.frame.height + 8)
        edge = self.frame.width
        leaders: list[Row] = []
        rows: list[Row] = []
        for curve, lines, end, place in zip(self.curves, labels, ends, places, strict=True):
            colour, start = light(curve.colour_role), self.x.pixel(curve.points[-1][0])
            leaders.append({"x": start + 4, "y": end, "x2": edge + 12, "y2": place, "colour": colour})
            rows += [
                {"y": place + LINE * (k - (len(lines) - 1) / 2), "label": line, "colour": colour}
                for k, line in enumerate(lines)
            ]
        lead: dict[str, Json] = {"type": "rule", "strokeWidth": 1, "opacity": 0.7}
        return [
            layer(lead, leaders, x=pixels("x"), y=pixels("y"), x2={"field": "x2"}, y2={"field": "y2"}),
            text(rows, x=edge + 16, y=pixels("y"), limit=self.frame.right - 16),
        ]

    def scales(self, unit: str) -> list[Layer]:
        goal = math.inf if self.target is None else self.y.pixel(self.target)
        left: list[Row] = [
            {"label": self.spell(each), "y": self.y.pixel(each)}
            for each in self.grid
            if abs(self.y.pixel(each) - goal) > LINE - 2
        ]
        below: list[Row] = [{"label": count(n), "x": self.x.pixel(n)} for n in _shown(self.x, self.curves)]
        muted = light("muted")
        return [
            text(left, x=-8, y=pixels("y"), align="right", color=muted),
            text(below, x=pixels("x"), y=self.frame.height + 15, align="center", color=muted),
            text([{"label": unit}], x=self.frame.width / 2, y=self.frame.height + 35, align="center", color=muted),
        ]


def _plot(curves: list[Curve], target: float | None, spell: Callable[[float], str]) -> _Plot:
    scores = [each for curve in curves for row in _band(curve) for each in (row["low"], row["high"])]
    scores += [] if target is None else [target]
    grid = ticks(min(scores), max(scores))
    amounts = [n for curve in curves for n, _ in curve.points]
    left = 16 + max(wide(spell(each)) for each in [*grid, *([] if target is None else [target])])
    frame = Frame(height=max(240, 26 * len(curves)), left=left, right=122, top=36, bottom=44)
    x = Axis(min(amounts), max(amounts), frame.width, log=True)
    return _Plot(curves, target, frame, x, Axis(grid[0], grid[-1], frame.height, up=True), grid, spell)


def _feet(met: Sequence[Curve], x: Axis, bottom: float) -> list[Row]:
    """Write each amount beside the foot of its line: the first of a crowd to the left, each further one higher."""
    rows: list[Row] = []
    crowd: list[float] = []
    ordered = sorted((each.reaches or 1, each.colour_role) for each in met)
    for k, (amount, role) in enumerate(ordered):
        label, place = count(math.ceil(amount)), x.pixel(amount)
        room = wide(label, 16) + 10
        crowd = [*crowd, place] if crowd and place - crowd[-1] < room else [place]
        crowded_next = k + 1 < len(ordered) and x.pixel(ordered[k + 1][0]) - place < room
        left = place + room > x.length or (len(crowd) == 1 and crowded_next and place > room)
        side, foot = place + (-room if left else room) / 2, bottom - 12 - LINE * max(0, len(crowd) - 2)
        rows.append({"x": place, "side": side, "foot": foot, "label": label, "colour": light(role)})
    return rows


def _finite(curve: Curve) -> Curve:
    points = sorted(
        ((int(n), score) for n, score in curve.points if math.isfinite(score.estimate)), key=lambda point: point[0]
    )
    if points and points[0][0] < 1:
        raise InputError(
            f"curve {curve.name!r} has a point at {points[0][0]}, a log axis starts at 1",
            "draw an arm without labels as a level line over the amounts of the others",
        )
    return Curve(curve.name, curve.colour_role, points, curve.reaches)


def _band(curve: Curve) -> list[dict[str, float]]:
    bounds = [(n, *ends(score)) for n, score in curve.points]
    return [{"n": n, "low": low, "high": high} for n, low, high in bounds]


def _shown(x: Axis, curves: Sequence[Curve]) -> list[int]:
    """Choose among the measured amounts those whose labels stand clear; the last always shows."""
    amounts = sorted({n for curve in curves for n, _ in curve.points}, reverse=True)
    shown: list[int] = []
    for n in amounts:
        clear = not shown or x.pixel(shown[-1]) - x.pixel(n) >= (wide(count(n)) + wide(count(shown[-1]))) / 2 + 6
        shown += [n] if clear else []
    return shown[::-1]


def _words(plot: _Plot, measure: str, unit: str) -> Words:
    said = "; ".join(_said(curve, plot.spell) for curve in plot.curves)
    goal = "" if plot.target is None else f" Target {plot.spell(plot.target)}."
    amounts = sorted({n for curve in plot.curves for n, _ in curve.points})
    scores = [dict(curve.points) for curve in plot.curves]
    rows = [(count(n), *(bounded(each[n], plot.spell) if n in each else "" for each in scores)) for n in amounts]
    header = (unit, *(each.name for each in plot.curves))
    return Words(measure, f"{measure} by {unit}. {said}.{goal}", header, tuple(rows))


def _said(curve: Curve, spell: Callable[[float], str]) -> str:
    (first, low), (last, high) = curve.points[0], curve.points[-1]
    reached = f", reaches the target at {count(math.ceil(curve.reaches))}" if curve.reaches else ""
    return f"{curve.name}: {spell(low.estimate)} at {count(first)}, {spell(high.estimate)} at {count(last)}{reached}"

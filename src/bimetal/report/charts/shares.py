"""The mix as stacked bars: how many rows are human, synthetic or replayed, each part named with its count."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.report.charts.frame import LINE, WIDTH, Frame, Layer, Row, Words, chart, layer, pixels, text, wide
from bimetal.report.numbers import count, percent
from bimetal.report.palette import light

_BAR = 18  # px, the bar's height
_SLIVER = 3  # px, so that the smallest part is still seen


@dataclass(frozen=True, slots=True)
class Share:
    """One bar: its name and its parts, each a colour role (`human`, `synthetic` ...) and a count."""

    name: str
    parts: Sequence[tuple[str, int]]


def stacked_share(rows: Sequence[Share], *, measure: str = "Rows by origin of the label") -> dict[str, Json]:
    """Draw each row as one full-width bar divided among its parts; parts of zero are left out.

    Raises InputError for a negative count and where a row counts nothing.

    >>> stacked_share([Share("now", [("human", 25), ("synthetic", 75)])])["description"].replace("\u202f", " ")
    'Rows by origin of the label. now: human 25 (25 %), synthetic 75 (75 %).'
    """
    wrong = [each.name for each in rows if sum(n for _, n in each.parts) <= 0 or min(n for _, n in each.parts) < 0]
    if not rows or wrong:
        raise InputError(f"bars that count nothing: {wrong or 'no row at all'}", "give every bar a part above zero")
    layers: list[Layer] = []
    top = 0.0
    for each in rows:
        drawn, height = _bar(each, top)
        layers += drawn
        top += height + 14
    return chart(Frame(top - 8, top=34), layers, _words(rows, measure))


def _bar(share: Share, top: float) -> tuple[list[Layer], float]:
    parts = [(role, n) for role, n in share.parts if n > 0]
    edges = _edges([n for _, n in parts])
    total = count(sum(n for _, n in parts))
    boxes: list[Row] = [
        {"x": x, "x2": x2 - (1.5 if x2 < WIDTH else 0), "colour": light(role)}
        for (role, _), (x, x2) in zip(parts, itertools.pairwise(edges), strict=True)
    ]
    spots, lines = _flow([wide(f"{role} {count(n)}") + 26 for role, n in parts], edges)
    said: list[Row] = [
        {
            "x": x + 15,
            "swatch": x + 5,
            "y": top + LINE + _BAR + 18 + LINE * line,
            "label": f"{role} {count(n)}",
            "colour": light(role),
        }
        for (role, n), (x, line) in zip(parts, spots, strict=True)
    ]
    middle = top + LINE + 4 + _BAR / 2
    return [
        text([{"label": share.name}], 0, top + 9, limit=WIDTH - wide(total) - 12),
        text([{"label": total}], WIDTH, top + 9, align="right", color=light("muted")),
        layer(
            {"type": "bar", "height": _BAR, "opacity": 1},
            boxes,
            x=pixels("x"),
            x2={"field": "x2"},
            y={"value": middle},
        ),
        layer({"type": "square", "size": 90, "opacity": 1}, said, x=pixels("swatch"), y=pixels("y")),
        text(said, pixels("x"), pixels("y"), weight=600),
    ], LINE + _BAR + 12 + LINE * lines


def _edges(counts: Sequence[int]) -> list[float]:
    """Divide the width by counts, no part thinner than a sliver."""
    widths = [max(_SLIVER, n / sum(counts) * WIDTH) for n in counts]
    scale = WIDTH / sum(widths)
    return [0.0, *itertools.accumulate(each * scale for each in widths)]


def _flow(sizes: Sequence[float], starts: Sequence[float]) -> tuple[list[tuple[float, int]], int]:
    """Place labels left to right, under their part where there is room, on a new line where there is none."""
    spots: list[tuple[float, int]] = []
    room, line = 0.0, 0
    for k, (size, start) in enumerate(zip(sizes, starts, strict=False)):
        needed = sum(sizes[k:])
        x = max(room, min(start, WIDTH - needed))
        if x + size > WIDTH and room > 0:
            x, line = 0.0, line + 1
        spots.append((x, line))
        room = x + size
    return spots, line + 1


def _words(rows: Sequence[Share], measure: str) -> Words:
    roles = list(dict.fromkeys(role for each in rows for role, _ in each.parts))
    said = []
    for each in rows:
        total = sum(n for _, n in each.parts)
        said.append(
            f"{each.name}: " + ", ".join(f"{role} {count(n)} ({percent(n / total)})" for role, n in each.parts if n)
        )
    table = tuple((each.name, *(count(dict(each.parts).get(role, 0)) for role in roles)) for each in rows)
    return Words(measure, f"{measure}. {'; '.join(said)}.", ("", *roles), table)

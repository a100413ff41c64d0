"""Flow of reasons: boxes in layers from top to bottom, linked along lanes, for decision paths and licence graphs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.report.charts.frame import LINE, WIDTH, Frame, Layer, Row, Words, chart, layer, pixels, text, wide
from bimetal.report.palette import light

_PAD = 7  # px between a box's edge and its words, above and below
_SIDE = 13  # px between a box's left edge and its words
_BETWEEN = 7  # px between boxes of one layer
_STEP = 24  # px between layers
_INDENT = 12  # px each layer stands further in
_LANE = 11  # px between lanes, less where they are many
_LANES = 130  # px all lanes take at most
_HEAD = 14  # px between the innermost lane and the first layer's boxes
_LINES = 3  # of words in a box, and of its note, at most


@dataclass(frozen=True, slots=True)
class Node:
    """One box: its key for links, its words, the layer it stands in (from 0), and a `note` in quieter ink."""

    key: str
    words: str
    column: int
    colour_role: str = "ink"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line from one node's key to another's, with an arrow at its `end`."""

    start: str
    end: str
    colour_role: str = "muted"
    dashed: bool = False


def flow(nodes: Sequence[Node], links: Sequence[Link], *, title: str, description: str) -> dict[str, Json]:
    """Draw layer below layer, nodes in the order given; all links into a node share a lane, with a dot at each start.

    Words that do not fit are cut with an ellipsis; the chart's table holds them whole. Raises InputError where there
    is no node, two share a key, or a link leads to an unknown node or from a node to itself.

    >>> asked, rule = Node("q2", "Is the failure mode regulated? Yes", 0), Node("r1", "People label the boundary", 1)
    >>> spec = flow([asked, rule], [Link("q2", "r1")], title="Decision path", description="One answer, one rule.")
    >>> spec["usermeta"]["rows"][1]
    ('People label the boundary', 'Is the failure mode regulated? Yes')
    """
    _refuse(nodes, links)
    ordered = sorted(nodes, key=lambda each: each.column)
    lanes = _lanes(ordered, links)
    deepest = max(lanes.values(), default=-1)
    step = min(_LANE, _LANES / max(1, deepest))
    edge = step * deepest + _HEAD + 4 if lanes else 0
    boxes = _boxes(ordered, links, edge)
    drawn = [each for lane, at in lanes.items() for each in _drawn(lane, edge - _HEAD - step * at, boxes)]
    height = max(each.top + each.height for each in boxes.values())
    return chart(Frame(height, bottom=2), [*drawn, *_faces(boxes)], _words(ordered, links, title, description))


@dataclass(frozen=True, slots=True)
class _Lane:
    starts: tuple[str, ...]
    end: str
    colour_role: str
    dashed: bool


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    left: float
    top: float
    words: list[str]
    note: list[str]
    both: bool

    @property
    def height(self) -> float:
        return LINE * (len(self.words) + len(self.note)) + 2 * _PAD

    @property
    def into(self) -> float:
        return self.top + self.height / 2 - (7 if self.both else 0)

    @property
    def out(self) -> float:
        return self.top + self.height / 2 + (7 if self.both else 0)


def _refuse(nodes: Sequence[Node], links: Sequence[Link]) -> None:
    if not nodes:
        raise InputError("a flow without a node", "give it at least one")
    twice = [key for key, n in Counter(each.key for each in nodes).items() if n > 1]
    if twice:
        raise InputError(f"nodes that share a key: {twice}", "give every node a key of its own")
    unknown = sorted({key for each in links for key in (each.start, each.end)} - {each.key for each in nodes})
    if unknown:
        raise InputError(f"links to unknown nodes: {unknown}", "add the nodes or leave the links out")
    selves = sorted({each.start for each in links if each.start == each.end})
    if selves:
        raise InputError(f"links from a node to itself: {selves}", "leave them out")


def _lanes(ordered: Sequence[Node], links: Sequence[Link]) -> dict[_Lane, int]:
    """Give each lane the innermost place that is free along its whole length, those that end first chosen first."""
    row = {each.key: k for k, each in enumerate(ordered)}
    alike: dict[tuple[str, str, bool], list[str]] = {}
    for each in links:
        alike.setdefault((each.end, each.colour_role, each.dashed), []).append(each.start)
    lanes = [_Lane(tuple(sorted(set(starts), key=row.__getitem__)), *kind) for kind, starts in alike.items()]
    taken: list[list[tuple[int, int]]] = []
    places = {}
    for lane in sorted(lanes, key=lambda each: (row[each.end], row[each.starts[0]])):
        rows = [row[each] for each in (*lane.starts, lane.end)]
        low, high = min(rows), max(rows)
        free = (k for k in itertools.count() if k == len(taken) or all(high <= a or b <= low for a, b in taken[k]))
        places[lane] = next(free)
        taken += [[]] if places[lane] == len(taken) else []
        taken[places[lane]].append((low, high))
    return places


def _boxes(ordered: Sequence[Node], links: Sequence[Link], edge: float) -> dict[str, _Box]:
    starts, stops = {each.start for each in links}, {each.end for each in links}
    layers = sorted({each.column for each in ordered})
    boxes: dict[str, _Box] = {}
    top = 0.0
    for before, node in zip([None, *ordered], ordered, strict=False):
        top += 0 if before is None else _BETWEEN if before.column == node.column else _STEP
        left = edge + _INDENT * layers.index(node.column)
        room = WIDTH - left - _SIDE - 6
        words, note = _wrapped(node.words, room) or [""], _wrapped(node.note, room)
        box = boxes[node.key] = _Box(node, left, top, words, note, node.key in starts & stops)
        top += box.height
    return boxes


def _wrapped(words: str, room: float) -> list[str]:
    """Break words into lines that fit the room; the last line ends in an ellipsis where more would follow."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and wide(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:_LINES]
    if len(lines) > _LINES:
        while kept[-1] and wide(f"{kept[-1]} …") > room:
            kept[-1] = kept[-1].rpartition(" ")[0]
        kept[-1] = f"{kept[-1]} …".strip()
    return kept


def _drawn(lane: _Lane, x: float, boxes: dict[str, _Box]) -> list[Layer]:
    end, starts = boxes[lane.end], [boxes[each] for each in lane.starts]
    places = [end.into, *(each.out for each in starts)]
    look: dict[str, Json] = {"type": "rule", "color": light(lane.colour_role), "strokeWidth": 1.5, "strokeCap": "round"}
    look |= {"strokeDash": [4, 3]} if lane.dashed else {}
    lines: list[Row] = [
        {"x": x, "x2": x, "y": min(places), "y2": max(places)},
        {"x": x, "x2": end.left - 6, "y": end.into, "y2": end.into},
        *({"x": x, "x2": each.left, "y": each.out, "y2": each.out} for each in starts),
    ]
    dots: list[Row] = [{"x": x, "y": each.out} for each in starts]
    solid: dict[str, Json] = {"type": "point", "filled": True, "opacity": 1, "color": light(lane.colour_role)}
    at = {"x": pixels("x"), "y": pixels("y")}
    return [
        layer(look, lines, **at, x2={"field": "x2"}, y2={"field": "y2"}),
        layer(solid | {"size": 30}, dots, **at),
        layer(solid | {"shape": "triangle-right", "size": 60}, [{"x": end.left - 5, "y": end.into}], **at),
    ]


def _faces(boxes: dict[str, _Box]) -> list[Layer]:
    faces: list[Row] = [{"x": each.left, "y": each.top, "y2": each.top + each.height} for each in boxes.values()]
    sides = [{**face, "colour": light(each.node.colour_role)} for face, each in zip(faces, boxes.values(), strict=True)]
    paper: dict[str, Json] = {"type": "rect", "fill": light("raised"), "stroke": light("line"), "cornerRadius": 3}
    at = {"x": pixels("x"), "y": pixels("y"), "y2": {"field": "y2"}}
    side: dict[str, Json] = {"type": "rule", "strokeWidth": 4}
    written = [each for left in {each.left: None for each in boxes.values()} for each in _written(left, boxes)]
    return [layer(paper, faces, **at, x2={"value": WIDTH - 1}), layer(side, sides, **at), *written]


def _written(left: float, boxes: dict[str, _Box]) -> list[Layer]:
    words: list[Row] = []
    notes: list[Row] = []
    for box in (each for each in boxes.values() if each.left == left):
        for k, line in enumerate([*box.words, *box.note]):
            row: Row = {"label": line, "y": box.top + _PAD + LINE * (k + 0.5)}
            (words if k < len(box.words) else notes).append(row)
    place, room = left + _SIDE, WIDTH - left - _SIDE - 6
    muted = light("muted")
    return [
        text(words, place, pixels("y"), limit=room),
        *([text(notes, place, pixels("y"), limit=room, color=muted)] if notes else []),
    ]


def _words(ordered: Sequence[Node], links: Sequence[Link], title: str, description: str) -> Words:
    words = {each.key: each.words for each in ordered}
    origins = {key: [words[each.start] for each in links if each.end == key] for key in words}
    noted = any(each.note for each in ordered)
    rows = [
        (each.words, *([each.note] if noted else []), "; ".join(dict.fromkeys(origins[each.key]))) for each in ordered
    ]
    return Words(title, description, ("", *(["note"] if noted else []), "follows from"), tuple(rows), prose=True)

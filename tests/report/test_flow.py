"""A flow keeps every word in its table, every box clear of the next, and every lane clear of the others."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.report import Link, Node, flow, svg, table_of
from bimetal.report.charts.flow import _boxes, _lanes, _wrapped
from bimetal.report.charts.frame import WIDTH, wide

RULE = "The release carries CC BY-SA 4.0 or later, and every generated row inherits it, whatever the generator says"


def drawn(nodes, links=()):
    return flow(nodes, links, title="Path", description="Why.")


def test_the_table_holds_the_whole_words_and_where_each_follows_from():
    nodes = [Node("a", "yes", 0), Node("b", RULE, 1, note="clause 7"), Node("c", "no", 0)]
    header, rows = table_of(drawn(nodes, [Link("a", "b"), Link("c", "b"), Link("a", "b", "warn")]))
    assert header == ("", "note", "follows from")
    assert rows == (("yes", "", ""), ("no", "", ""), (RULE, "clause 7", "yes; no"))


def test_without_notes_there_is_no_column_of_notes():
    assert table_of(drawn([Node("a", "yes", 0)]))[0] == ("", "follows from")


def test_dashed_links_are_dashed_and_take_their_colour():
    nodes = [Node("a", "yes", 0), Node("b", "no", 1)]
    picture = svg(drawn(nodes, [Link("a", "b", "fail", dashed=True)]))
    assert "stroke-dasharray" in picture
    assert picture.count("var(--fail,") >= 5
    assert "stroke-dasharray" not in svg(drawn(nodes, [Link("a", "b", "fail")]))


def test_twelve_by_twelve_boxes_leave_their_words_room():
    nodes = [Node(f"{layer}-{k}", f"statement {k}", layer) for layer in range(3) for k in range(12)]
    links = [Link(f"{i}-{k}", f"{i + 1}-{(5 * k + j) % 12}") for i in range(2) for k in range(12) for j in range(3)]
    boxes = _boxes(sorted(nodes, key=lambda each: each.column), links, edge=150).values()
    assert all(WIDTH - each.left > 200 for each in boxes)
    assert all(b.top >= a.top + a.height for a, b in itertools.pairwise(boxes))
    texts = [each for each in ET.fromstring(svg(drawn(nodes, links))).iter() if each.tag.endswith("text")]
    assert sum(each.text.startswith("statement") for each in texts) == 36


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40))
@settings(max_examples=200)
def test_lanes_in_one_place_never_run_beside_each_other(pairs):
    nodes = [Node(str(k), "words", k // 4) for k in range(10)]
    lanes = _lanes(nodes, [Link(str(a), str(b)) for a, b in pairs if a != b])
    spans = [(place, *_span(lane)) for lane, place in lanes.items()]
    for (place, low, high), (other, start, end) in itertools.combinations(spans, 2):
        assert place != other or high <= start or end <= low
    assert sorted({place for place, *_ in spans}) == list(range(len({place for place, *_ in spans})))


def _span(lane):
    rows = [int(each) for each in (*lane.starts, lane.end)]
    return min(rows), max(rows)


@given(st.text("abc wm.", max_size=300), st.floats(60, 400))
def test_wrapped_lines_fit_and_lose_words_only_behind_an_ellipsis(words, room):
    lines = _wrapped(words, room)
    assert len(lines) <= 3
    assert all(wide(each) <= room or " " not in each for each in lines)
    if not lines or not lines[-1].endswith("…"):
        assert " ".join(lines).split() == words.split()


@pytest.mark.parametrize(
    ("nodes", "links", "message"),
    [
        ([], [], "without a node"),
        ([Node("a", "x", 0), Node("a", "y", 1)], [], r"share a key: \['a'\]"),
        ([Node("a", "x", 0)], [Link("a", "z")], r"unknown nodes: \['z'\]"),
        ([Node("a", "x", 0)], [Link("a", "a")], r"to itself: \['a'\]"),
        ([Node("a", "x", 0, "teal")], [], "no colour has the role 'teal'"),
    ],
)
def test_refusals_name_the_fault(nodes, links, message):
    with pytest.raises(InputError, match=message):
        drawn(nodes, links)


def test_empty_words_backward_links_and_layers_left_out_still_draw():
    nodes = [Node("a", "", 7), Node("b", "w" * 200, 2, note="n" * 200)]
    picture = svg(drawn(nodes, [Link("a", "b"), Link("b", "a")]))
    assert "NaN" not in picture
    assert float(re.search(r' height="([\d.]+)"', picture).group(1)) < 200

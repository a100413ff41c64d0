"""Charts are values that draw: legible, self-contained, never fetching, never colliding."""

import itertools
import json
import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.report import (
    Bar,
    Curve,
    Link,
    Node,
    Share,
    Spread,
    Swing,
    Window,
    bars,
    flow,
    learning_curves,
    spreads,
    stacked_share,
    svg,
    table_of,
    timeline,
    tornado,
)
from bimetal.report.charts.frame import WIDTH, Axis, apart, ticks
from bimetal.types import Interval

HOSTILE = '\x1b[2J</text><script>alert("1")</script> &amp; \u202eabc\' fill="#b05302" ' + "w" * 80
GOOD = Interval(0.9, 0.85, 0.94)
UNKNOWN = Interval(0.9, math.nan, math.nan)


def every_chart(name="arm", value=GOOD):
    return {
        "curves": learning_curves([Curve(name, "human", [(10, value), (100, value)], reaches=30)], target=0.8),
        "bars": bars([Bar(name, value), Bar("b", value)], limit=0.5, limit_name=name),
        "change": bars([Bar(name, value, before=value)]),
        "timeline": timeline([Window(name, value), Window("w2", value, drifted=True)], limit=0.5),
        "flow": flow(
            [Node("a", name, 0), Node("b", name, 1, note=name)],
            [Link("a", "b")],
            title=name,
            description=f"{name} follows from {name}",
        ),
        "spreads": spreads([Spread(name, [value.estimate, 2.0])], measure=name),
        "tornado": tornado([Swing(name, -1, value.estimate, name, name, marked=True)], 0.5, measure=name),
        "mix": stacked_share([Share(name, [("human", 3), ("synthetic", 2000), ("replayed", 1)])]),
    }


@pytest.mark.parametrize("kind", every_chart())
@pytest.mark.parametrize("value", [GOOD, UNKNOWN])
def test_every_chart_is_plain_json_of_one_width_with_its_numbers(kind, value):
    spec = every_chart(value=value)[kind]
    assert json.loads(json.dumps(spec, allow_nan=False))
    root = ET.fromstring(svg(spec))
    assert float(root.get("width")) == WIDTH
    assert root.get("role") == "img"
    assert len(root.get("aria-label")) > 20
    header, rows = table_of(spec)
    assert rows
    assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("kind", every_chart())
def test_hostile_names_stay_words(kind):
    root = ET.fromstring(svg(every_chart(HOSTILE)[kind]))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "desc", "g", "path", "text", "line", "rect", "defs", "clipPath", "tspan", "circle"}
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)


def test_text_stays_inside_the_picture():
    for spec in every_chart("a name of a usual length").values():
        for element in ET.fromstring(svg(spec)).iter():
            if element.tag.endswith("text"):
                assert float(element.get("font-size").removesuffix("px")) >= 14


def test_only_roles_paint():
    for spec in every_chart().values():
        paints = re.findall(r' (?:fill|stroke)="([^"]+)"', svg(spec))
        assert all(paint.startswith(("var(--", "none", "transparent")) for paint in paints), set(paints)


def test_the_same_value_draws_the_same_picture_and_two_share_no_id():
    first, *_ = specs = list(every_chart().values())
    clipped = {**first, "layer": [{**each, "mark": {**each["mark"], "clip": True}} for each in first["layer"]]}
    assert svg(clipped) == svg(clipped)
    drawn = [svg(clipped, f"fig-{k}") for k in range(2)] + [svg(spec, f"fig-{k}") for k, spec in enumerate(specs, 2)]
    ids = [each for picture in drawn for each in re.findall(r' id="([^"]+)"', picture)]
    assert len(ids) >= 2
    assert len(ids) == len(set(ids))
    assert all(f"url(#{each})" in "".join(drawn) for each in ids)


def test_nothing_is_fetched():
    spec = {"data": {"url": "https://example.org/rows.csv"}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    with pytest.raises(ValueError, match="not allowed"):
        svg(spec)


def test_refusals_name_the_fault():
    with pytest.raises(InputError, match="no finite point"):
        learning_curves([Curve("human", "human", [(10, Interval(math.nan, math.nan, math.nan))])])
    with pytest.raises(InputError, match="'zero' has a point at 0, a log axis starts at 1"):
        learning_curves([Curve("zero", "human", [(0, GOOD)])])
    with pytest.raises(InputError, match="digit 8"):
        bars([Bar("digit 8", Interval(math.nan, 0, 1))])
    with pytest.raises(InputError, match="none given"):
        timeline([])
    with pytest.raises(InputError, match="nothing"):
        stacked_share([Share("empty", [("human", 0)])])
    with pytest.raises(InputError, match="nothing"):
        stacked_share([Share("less", [("human", -1), ("real", 5)])])
    with pytest.raises(InputError, match="nothing"):
        stacked_share([Share("none", [])])
    with pytest.raises(InputError, match="no colour has the role 'teal'"):
        bars([Bar("a", GOOD, "teal")])


def test_degenerate_values_still_draw():
    one = Interval(0.0, 0.0, 0.0)
    for spec in (
        learning_curves([Curve("", "human", [(5, one)], reaches=5)], target=0.0),
        bars([Bar("", one)], limit=0.0),
        bars([Bar("", Interval(-2, -3, -1))]),
        timeline([Window("", one)]),
        stacked_share([Share("", [("human", 1), ("real", 10**9)] * 4)]),
    ):
        assert "NaN" not in svg(spec)


def test_drop_lines_close_together_keep_their_amounts_apart():
    arms = [Curve(f"arm {k}", "human", [(10, GOOD), (1000, GOOD)], reaches=100 + 9 * k) for k in range(4)]
    drawn = ET.fromstring(svg(learning_curves(arms, target=0.9)))
    places = [
        tuple(map(float, re.findall(r"-?[\d.]+", element.get("transform"))[:2]))
        for element in drawn.iter()
        if element.tag.endswith("text") and element.text in {"100", "109", "118", "127"} and not element.get("stroke")
    ]
    bold = places[-4:]
    assert all(abs(a[0] - b[0]) > 30 or abs(a[1] - b[1]) >= 16 for a, b in itertools.combinations(bold, 2))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_enclose_their_range(low, spread):
    chosen = ticks(low, low + spread)
    slack = 1e-6 * (abs(low) + spread)
    assert chosen[0] <= low + slack
    assert chosen[-1] >= low + spread - slack
    assert 2 <= len(chosen) <= 13
    assert chosen == sorted(set(chosen))


@given(st.lists(st.floats(0, 240), min_size=1, max_size=8))
@settings(max_examples=200)
def test_labels_never_overlap_and_keep_their_order(wanted):
    placed = apart(wanted, [20.0] * len(wanted), 0, 240)
    pairs = sorted(zip(placed, wanted, strict=True))
    assert all(b[0] - a[0] >= 20 - 1e-6 for a, b in itertools.pairwise(pairs))
    assert all(b[1] >= a[1] for a, b in itertools.pairwise(pairs))
    assert min(placed) >= 10 - 1e-6
    assert max(placed) <= 230 + 1e-6


@given(st.floats(1, 100), st.floats(1.01, 1000), st.floats(0, 1))
def test_a_log_axis_spans_its_pixels(low, ratio, share):
    axis = Axis(low, low * ratio, 250, log=True)
    assert axis.pixel(low * ratio**share) == pytest.approx(250 * share, abs=1e-6)

"""A tornado puts the widest swing first, says which inputs are assumed, and where the result changes sign."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.report import Swing, svg, table_of, tornado
from bimetal.report.charts.frame import WIDTH

WAGE, HAZARD = Swing("wage", 90.0, 115.0, "€12", "€38"), Swing("hazard", -20.0, 300.0, marked=True)


def labels(spec):
    rows = (row for each in spec["layer"] for row in each["data"]["values"])
    return [row["label"] for row in rows if "label" in row]


def test_rows_stand_by_width_with_their_basis_in_words():
    spec = tornado([WAGE, HAZARD], 100.0)
    header, rows = table_of(spec)
    assert header == ("input", "basis", "at low", "at high", "sign")
    assert rows == (
        ("hazard", "assumption", "−€20.00", "€300", "changes sign"),
        ("wage", "", "€90.00 (€12)", "€115 (€38)", ""),
    )
    assert labels(spec).count("assumption") == 2  # once as its own rim


def test_zero_is_named_only_where_the_result_crosses_it():
    assert "zero" in labels(tornado([HAZARD], 100.0))
    assert "zero" not in labels(tornado([WAGE], 100.0))
    assert "zero" not in labels(tornado([Swing("a", 0.0, 5.0)], 1.0))


def test_ends_without_words_say_low_and_high_on_the_side_they_lie():
    falling = tornado([Swing("ratio", 9.0, 2.0)], 5.0)
    ends = {row["label"]: row["x"] for each in falling["layer"] for row in each["data"]["values"]
            if row.get("label") in ("low", "high")}  # fmt: skip
    assert ends["high"] < ends["low"]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=6), st.floats(-1e6, 1e6))
def test_any_finite_swings_give_a_picture_of_one_width(pairs, base):
    swings = [Swing(f"input {k}", *pair, "a year of it", "") for k, pair in enumerate(pairs)]
    spec = tornado(swings, base)
    around = spec["padding"]
    assert spec["width"] + around["left"] + around["right"] == pytest.approx(WIDTH)
    assert spec["width"] >= 100
    order = [int(row[0].removeprefix("input ")) for row in table_of(spec)[1]]
    widths = [abs(pairs[k][1] - pairs[k][0]) for k in order]
    assert all(a >= b for a, b in itertools.pairwise(widths))


def test_swings_of_no_width_and_both_on_one_side_still_draw():
    for swings, base in (([Swing("", 0, 0)], 0), ([Swing("a", 110, 130), Swing("b", 105, 101)], 100)):
        assert "NaN" not in svg(tornado(swings, base))


def test_values_that_are_not_finite_are_refused_by_name():
    with pytest.raises(InputError, match="hazard"):
        tornado([WAGE, Swing("hazard", math.nan, 1.0)], 1.0)
    with pytest.raises(InputError, match="no row at all"):
        tornado([], 1.0)
    with pytest.raises(InputError, match="finite base"):
        tornado([WAGE], math.inf)

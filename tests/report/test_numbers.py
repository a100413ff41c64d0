"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.report import bounded, count, money, number, percent, points, size, span, statistic
from bimetal.types import Interval

THIN = "\u202f"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (percent(0.954), f"95{THIN}%"),
        (percent(0.954, 1), f"95.4{THIN}%"),
        (percent(-0.02), f"−2{THIN}%"),
        (points(-0.031), "−3.1 points"),
        (points(0.0004), "0.0 points"),
        (points(12.5), "+1,250.0 points"),
        (count(999), "999"),
        (count(1_250_000), "1,250,000"),
        (number(-0.004), "0.00"),
        (money(99.999), "€100.00"),
        (money(-12), "−€12.00"),
        (money(5, "CHF"), f"CHF{THIN}5.00"),
        (money(5, "SEK"), f"SEK{THIN}5.00"),
        (money(0), "€0.00"),
        (size(999), f"999{THIN}B"),
        (size(999_999), f"1.0{THIN}MB"),
        (size(3e15), f"3,000.0{THIN}TB"),
        (span(0.1, 0.2, number), "0.10–0.20"),
        (span(-0.1, 0.2), f"−10 to 20{THIN}%"),
        (statistic(-2e-7), "−2e-07"),
        (statistic(1e30), "1e+30"),
        (statistic(0.0), "0"),
        (bounded(Interval(0.5, math.nan, math.nan)), f"50{THIN}%"),
    ],
)
def test_spelling(said, expected):
    assert said == expected


@pytest.mark.parametrize("spell", [percent, points, count, number, money, statistic])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_not_known(spell, value):
    assert spell(value) == "not known"


@given(st.floats(-1e9, 1e9))
def test_numbers_read_back(value):
    assert float(number(value, 3).replace("−", "-").replace(",", "")) == pytest.approx(value, abs=5.1e-4)

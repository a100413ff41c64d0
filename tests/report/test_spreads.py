"""Spreads show quantiles as numpy computes them, on one axis that starts at zero unless all lie far from it."""

import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.report import Spread, number, spreads, svg, table_of


def whole(value):
    return number(value, 0)


def axis_labels(spec):
    return [row["label"] for row in spec["layer"][-2]["data"]["values"]]


def test_the_table_holds_the_quantiles_of_the_draws():
    draws = np.random.default_rng(3).lognormal(4, 0.5, 1000)
    header, rows = table_of(spreads([Spread("hybrid", draws)], spell=lambda value: f"{value:.6f}"))
    assert header == ("", "P5", "P10", "P25", "P50", "P75", "P90", "P95")
    expected = [np.quantile(draws, each) for each in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)]
    assert [float(each) for each in rows[0][1:]] == pytest.approx(expected, abs=1e-6)


def test_the_axis_starts_at_zero_when_rows_lie_near_it_and_not_when_far():
    near = spreads([Spread("a", [40, 60]), Spread("b", [90, 100])], spell=whole)
    far = spreads([Spread("a", [940, 960]), Spread("b", [990, 1000])], spell=whole)
    assert axis_labels(near)[0] == "0"
    assert float(axis_labels(far)[0]) > 900


def test_a_heavy_tail_does_not_flatten_the_rest():
    spec = spreads([Spread("a", [*range(100), 1e9])], spell=whole)
    assert axis_labels(spec)[-1] == "100"


def test_one_draw_and_negative_draws_still_draw():
    for values in ([5.0], [0.0], [-5.0, -4.0], [-3, 8], [1e12, 3e12], np.ones((3, 2))):
        assert "NaN" not in svg(spreads([Spread("", values)], measure="Saving"))


def test_long_axis_labels_are_thinned_until_they_stand_clear():
    labels = axis_labels(spreads([Spread("a", [0, 4e11])], spell=lambda value: f"{value:,.0f} pounds sterling"))
    assert 1 <= len(labels) <= 3


@pytest.mark.parametrize("values", [[], [1.0, np.nan], [np.inf]])
def test_draws_that_are_none_or_not_finite_are_refused_by_name(values):
    with pytest.raises(InputError, match="'hybrid' has"):
        spreads([Spread("hybrid", values)])


def test_no_row_is_refused():
    with pytest.raises(InputError, match="without a row"):
        spreads([])

"""Raking: targets met, the rest left in proportion, and what cannot be met refused with its reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators._shares import raked
from bimetal.types import Target

COLUMNS = {"label": ["1", "1", "7", "7"], "pen": ["thin", "thick", "thin", "thick"]}
EVEN = [1.0, 1.0, 1.0, 1.0]


def test_no_target_leaves_the_prior():
    np.testing.assert_allclose(raked([1, 2, 3, 4], COLUMNS, ()), [0.1, 0.2, 0.3, 0.4])


@given(st.lists(st.floats(0.1, 10), min_size=4, max_size=4), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_two_columns_are_met_at_once_and_the_odds_ratio_is_kept(prior, seven, thin):
    p = raked(prior, COLUMNS, (Target("label", "7", seven), Target("pen", "thin", thin)))
    assert p.sum() == pytest.approx(1)
    assert p[2] + p[3] == pytest.approx(seven, abs=1e-5)
    assert p[0] + p[2] == pytest.approx(thin, abs=1e-5)
    # Raking keeps interaction: Ireland and Kullback 1968, Biometrika 55(1).
    odds = prior[0] * prior[3] / (prior[1] * prior[2])
    assert p[0] * p[3] / (p[1] * p[2]) == pytest.approx(odds, rel=1e-6)


def test_targets_on_every_value_of_a_column_leave_the_others_nothing():
    columns = {"label": ["0", "1", "7"]}
    p = raked([1, 1, 1], columns, (Target("label", "1", 0.4), Target("label", "7", 0.6)))
    np.testing.assert_allclose(p, [0, 0.4, 0.6])


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        ([("pencil", "thin", 0.5)], "no column 'pencil' can be steered; name one of: label, pen"),
        ([("label", "8", 0.5)], "label is never '8' here; choose one of: 1, 7"),
        ([("label", "7", 1.5)], "share of label = '7' is 1.5"),
        ([("label", "7", float("nan"))], "share of label = '7' is nan"),
        ([("label", "7", 0.7), ("label", "1", 0.7)], "sum to 1.4, more than the whole draw"),
        ([("label", "7", 0.2), ("label", "7", 0.3)], "label = '7' has two targets"),
        ([("label", "7", 0.4), ("label", "1", 0.4)], "leave 0.2 of the draw, and nothing else to draw it from"),
    ],
)
def test_what_cannot_be_met_is_refused(targets, reason):
    with pytest.raises(InputError, match=reason.replace(".", r"\.")):
        raked(EVEN, COLUMNS, tuple(Target(*each) for each in targets))


def test_targets_that_contradict_each_other_across_columns_are_refused():
    nested = {"label": ["1", "7", "7"], "variant": ["1-plain", "7-plain", "7-barred"]}
    with pytest.raises(InputError, match="contradict each other"):
        raked([1, 1, 1], nested, (Target("label", "7", 0.2), Target("variant", "7-barred", 0.5)))
    with pytest.raises(InputError, match="leave no room for it"):
        raked([1, 1, 1], nested, (Target("label", "1", 1.0), Target("variant", "7-barred", 0.5)))

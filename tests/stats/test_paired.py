"""McNemar and the corrections for many comparisons against published examples and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bimetal.errors import InputError
from bimetal.stats import benjamini_hochberg, holm, mcnemar

P_VALUES = st.lists(st.floats(0, 1), max_size=20)
# Benjamini and Hochberg (1995), the fifteen endpoints of the myocardial infarction trial, section 3.2.
TRIAL = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590]
TRIAL += [1.0]


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 10))
def test_mcnemar_is_the_binomial_test_of_the_disagreements(only_a, only_b, agreed):
    a = np.repeat([True, False, True], [only_a, only_b, agreed])
    b = np.repeat([False, True, True], [only_a, only_b, agreed])
    assert mcnemar(a, b) == pytest.approx(stats.binomtest(only_a, only_a + only_b).pvalue)
    assert mcnemar(a, b) == pytest.approx(mcnemar(b, a))


def test_mcnemar_without_disagreement_says_nothing():
    assert mcnemar([True, False], [True, False]) == 1


def test_mcnemar_refuses_other_items():
    with pytest.raises(InputError, match="not paired"):
        mcnemar([True], [True, False])


def test_the_trial_of_benjamini_and_hochberg_rejects_four_and_holm_three():
    assert (benjamini_hochberg(TRIAL) <= 0.05).sum() == 4
    assert (holm(TRIAL) <= 0.05).sum() == 3


@given(P_VALUES)
def test_holm_lies_between_the_raw_p_and_bonferroni(p):
    adjusted, raw = holm(p), np.array(p, dtype=float)
    assert (adjusted >= raw).all()
    assert (adjusted <= np.minimum(1, raw * len(p)) + 1e-12).all()


@given(P_VALUES)
def test_the_false_discovery_rate_asks_less_than_the_family_wise(p):
    assert (benjamini_hochberg(p) <= holm(p) + 1e-12).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_agrees_with_scipy(p):
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p))


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("p", [[1.2], [-0.1], [np.nan]])
def test_what_is_no_p_value_is_refused(adjust, p):
    with pytest.raises(InputError, match="not p values"):
        adjust(p)

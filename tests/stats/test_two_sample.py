"""Drift and shift tests: valid when nothing moved, awake when something did, calm on odd columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bimetal.errors import InputError
from bimetal.stats import categorical_shift, classifier_two_sample, numeric_shift

COLUMN = st.lists(st.floats(allow_infinity=False) | st.just(float("nan")), max_size=30)
CATEGORIES = st.lists(st.sampled_from(["a", "b", "c", None, float("nan")]), max_size=30)


def test_numbers_have_the_p_and_the_distance_of_kolmogorov_and_smirnov():
    rng = np.random.default_rng(1)
    old, new = rng.normal(size=400), rng.normal(0.4, 1, 300)
    shift, expected = numeric_shift(old, new), stats.ks_2samp(old, new)
    assert shift.p == pytest.approx(expected.pvalue)
    assert (shift.effect.low + shift.effect.high) / 2 == pytest.approx(expected.statistic)


def test_no_alarm_beyond_the_nominal_rate_where_nothing_moved():
    rng = np.random.default_rng(2)
    found = [numeric_shift(*rng.normal(size=(2, 200))) for _ in range(300)]
    found += [numeric_shift(*rng.poisson(1, (2, 200)), rng=rng) for _ in range(100)]
    for p in ([each.p for each in found], [each.tail_p for each in found]):
        assert np.mean(np.array(p) <= 0.05) <= 0.08
    assert np.mean([each.effect.low > 0 for each in found]) <= 0.08


def test_a_new_mode_of_one_percent_is_seen_by_the_tail_where_the_distance_is_blind():
    rng = np.random.default_rng(3)
    old, new = rng.normal(size=(2, 2000))
    new[:20] += 8
    shift = numeric_shift(old, new)
    assert shift.tail_p < 1e-4
    assert shift.effect.low == 0


def test_a_cut_tail_is_seen_too():
    rng = np.random.default_rng(4)
    old, new = rng.normal(size=(2, 5000))
    assert numeric_shift(old, new[np.abs(new) < 2]).tail_p < 1e-4


def test_missing_values_are_a_question_of_their_own():
    values = np.arange(200.0)
    holed = np.where(values % 4 == 0, np.nan, values)
    shift = numeric_shift(values, holed)
    assert shift.missing_p < 1e-6
    assert shift.p > 0.5


@given(COLUMN, COLUMN)
def test_odd_columns_of_numbers_give_a_sane_shift(old, new):
    check_sane(numeric_shift(old, new))


@given(CATEGORIES, CATEGORIES)
def test_odd_columns_of_categories_give_a_sane_shift(old, new):
    check_sane(categorical_shift(old, new))


def check_sane(shift):
    assert all(0 < p <= 1 for p in (shift.p, shift.tail_p, shift.missing_p))
    assert 0 <= shift.effect.low <= shift.effect.high <= 1
    assert 0 <= shift.effect.estimate <= shift.effect.high


def test_constant_columns_are_equal_or_apart():
    assert numeric_shift([5.0] * 50, [5.0] * 50).p == 1
    apart = numeric_shift([5.0] * 50, [6.0] * 50)
    assert apart.p == pytest.approx(0.001)
    assert apart.effect.high == 1


def test_well_filled_categories_have_the_p_of_chi_square():
    shift = categorical_shift(["a"] * 60 + ["b"] * 40, ["a"] * 45 + ["b"] * 55)
    assert shift.p == pytest.approx(stats.chi2_contingency([[60, 40], [45, 55]], correction=False).pvalue)


def test_sparse_categories_are_permuted():
    shift = categorical_shift(["a"] * 8 + ["b"] * 2, ["a"] * 2 + ["b"] * 8, rng=np.random.default_rng(5))
    assert shift.p == pytest.approx(stats.fisher_exact(np.array([[8, 2], [2, 8]])).pvalue, abs=0.02)


def test_a_thousand_equal_categories_are_no_distance_apart():
    rng = np.random.default_rng(6)
    effect = categorical_shift(*rng.integers(1000, size=(2, 10_000)).tolist(), rng=rng).effect
    assert effect.estimate < 0.03
    assert effect.low < 0.01


def test_the_distance_of_two_columns_lies_in_its_interval():
    rng = np.random.default_rng(7)
    pairs = [(rng.choice(6, 800), rng.choice(6, 800, p=[0.22, 0.22, 0.22, 0.12, 0.12, 0.1])) for _ in range(100)]
    found = [categorical_shift(old.tolist(), new.tolist(), rng=rng).effect for old, new in pairs]
    assert np.mean([each.low <= 0.16 <= each.high for each in found]) >= 0.93


def test_categories_the_reference_lacks_are_seen_as_a_tail():
    assert categorical_shift(["a"] * 500, ["a"] * 490 + ["b"] * 10).tail_p < 0.01
    assert categorical_shift(["a"] * 490 + ["b"] * 10, ["a"] * 500).tail_p == 1


def test_a_forest_tells_two_worlds_apart_and_twins_not():
    rng = np.random.default_rng(8)
    old, new = rng.normal(size=(2, 60, 5))
    auc, p = classifier_two_sample(old, new, rng)
    assert p > 0.05
    assert auc.low <= 0.5 <= auc.high
    auc, p = classifier_two_sample(old, new + 3, rng)
    assert p < 1e-3
    assert auc.low > 0.9


def test_too_few_rows_for_the_folds_are_refused():
    with pytest.raises(InputError, match="3 folds"):
        classifier_two_sample(np.ones((5, 2)), np.ones((50, 2)), np.random.default_rng(1))

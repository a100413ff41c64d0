import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as Reference

from bimetal.learners import _ridge
from bimetal.learners._ridge import fit_ridge


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), rows=st.integers(6, 40), columns=st.integers(1, 40), penalty=st.floats(0.1, 100))
def test_scores_equal_scikit_learns_up_to_the_temperature(seed, rows, columns, penalty):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, columns))
    codes = np.r_[0, 1, 2, rng.integers(0, 3, rows - 3)]
    weight = rng.uniform(0.1, 2, rows)
    ridge = fit_ridge(features, codes, weight, penalty)
    reference = Reference(alpha=penalty).fit(features, 2 * np.eye(3)[codes] - 1, sample_weight=weight)
    np.testing.assert_allclose(
        ridge.scores(features) / ridge.sharpness, reference.predict(features), rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize("columns", [5, 60])
def test_the_temperature_minimises_the_log_loss_of_scores_left_out_one_by_one(columns):
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 3, 40)
    features = rng.normal(size=(40, columns)) + codes[:, None] * 0.7
    weight = np.ones(40)
    goals = 2 * np.eye(3)[codes] - 1
    left_out = np.empty((40, 3))
    for row in range(40):
        kept = np.arange(40) != row
        left_out[row] = Reference(alpha=3.0).fit(features[kept], goals[kept]).predict(features[[row]])[0]

    def loss(sharpness):
        scaled = sharpness * left_out
        return -(scaled[np.arange(40), codes] - np.log(np.exp(scaled).sum(axis=1))).mean()

    best = fit_ridge(features, codes, weight, 3.0).sharpness
    grid = np.exp(np.linspace(-3, 3, 2001))
    expected = grid[np.argmin([loss(each) for each in grid])]
    assert best == pytest.approx(expected, rel=0.02)


def test_repeating_a_row_equals_doubling_its_weight():
    rng = np.random.default_rng(2)
    features, codes = rng.normal(size=(12, 4)), np.arange(12) % 2
    doubled = fit_ridge(features, codes, np.r_[2.0, np.ones(11)], 1.0)
    repeated = fit_ridge(features[[0, *range(12)]], codes[[0, *range(12)]], np.ones(13), 1.0)
    np.testing.assert_allclose(doubled.slope, repeated.slope)
    np.testing.assert_allclose(doubled.offset, repeated.offset)


def test_calibration_looks_at_a_bounded_number_of_rows():
    rng = np.random.default_rng(3)
    features = rng.normal(size=(3 * _ridge.CALIBRATION_ROWS, 2))
    ridge = fit_ridge(features, (features[:, 0] > 0).astype(int), np.ones(len(features)), 1.0)
    assert 1 / _ridge.SHARPEST <= ridge.sharpness <= _ridge.SHARPEST

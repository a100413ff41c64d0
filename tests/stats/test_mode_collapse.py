"""Mode collapse tests: nominal where two sets are equal, awake at a dropped mode, a cut tail, a shrunk mode."""

import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.stats import tail_coverage, within_mode_shrink


def test_equal_sets_are_rejected_at_most_at_the_nominal_rate():
    """100 runs with unequal sizes and heavy tails: .11 is less than three standard errors above .05."""
    rng = np.random.default_rng(1)
    pairs = [(rng.standard_t(3, (100, 3)), rng.standard_t(3, (200, 3))) for _ in range(100)]
    assert np.mean([tail_coverage(*pair, rng, 99).p <= 0.05 for pair in pairs]) <= 0.11
    assert np.mean([within_mode_shrink(*pair, rng)[1] <= 0.05 for pair in pairs]) <= 0.11


def test_a_dropped_mode_of_five_percent_is_found_and_sized():
    rng = np.random.default_rng(2)
    real, synthetic = rng.normal(size=(2, 1000, 5))
    real[:50, 0] += 7
    found = tail_coverage(real, synthetic, rng)
    assert found.p == pytest.approx(0.005)
    assert found.uncovered_share == pytest.approx(0.05, abs=0.02)
    assert found.expected_share < 0.02


def test_a_cut_tail_is_found_at_the_edge():
    rng = np.random.default_rng(3)
    real, synthetic = rng.normal(size=(2, 1000, 5))
    length = np.linalg.norm(synthetic, axis=1)
    found = tail_coverage(real, synthetic[length < np.quantile(length, 0.9)], rng)
    assert found.p == pytest.approx(0.005)
    assert found.edge_share < found.expected_edge_share - 0.1


def test_shrinking_within_each_of_two_modes_is_found():
    rng = np.random.default_rng(4)
    real, synthetic = rng.normal(size=(2, 600, 4))
    synthetic *= 0.85
    for rows in (real, synthetic):
        rows[:300, 0] += 8
    statistic, p = within_mode_shrink(real, synthetic, rng)
    assert statistic > 0.53
    assert p < 0.001


def test_another_mix_of_the_same_modes_is_no_shrink():
    rng = np.random.default_rng(5)
    real, synthetic = rng.normal(size=(2, 600, 3))
    real[:300] = 0.2 * real[:300] + 8
    synthetic[:200] = 0.2 * synthetic[:200] + 8
    assert within_mode_shrink(real, synthetic, rng)[1] > 0.01


def test_rows_that_repeat_favour_neither_kind():
    rng = np.random.default_rng(6)
    pairs = [(rng.integers(2, size=(60, 3)), rng.integers(2, size=(60, 3))) for _ in range(100)]
    assert np.mean([tail_coverage(*pair, rng, 99).p <= 0.05 for pair in pairs]) <= 0.12


def test_columns_without_spread_are_no_trouble():
    rng = np.random.default_rng(7)
    real, synthetic = np.ones((2, 30, 3))
    assert tail_coverage(real, synthetic, rng, 19).p > 0.05
    assert within_mode_shrink(real, synthetic, rng)[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("real", "synthetic"),
    [(np.ones((19, 2)), np.ones((30, 2))), (np.ones((30, 2)), np.ones((30, 3))), (np.full((30, 2), np.nan),) * 2],
)
def test_rows_that_cannot_be_compared_are_refused(real, synthetic):
    with pytest.raises(InputError):
        tail_coverage(real, synthetic, np.random.default_rng(1))

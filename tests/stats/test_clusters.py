"""Groups of items: exact means, and coverage where single items would be counted twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.stats import clustered, crossed, crossed_difference, time_blocks


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 9))
def test_means_stay_and_leading_axes_with_them(seed, items, groups):
    rng = np.random.default_rng(seed)
    values, names = rng.normal(size=(2, 3, items)), rng.integers(0, groups, items)
    found = clustered(values, names)
    assert found.shape == (2, 3, len(np.unique(names)))
    np.testing.assert_allclose(found.mean(axis=-1), values.mean(axis=-1), atol=1e-12)


def test_each_item_its_own_group_changes_nothing():
    values = np.random.default_rng(0).normal(size=(3, 20))
    np.testing.assert_allclose(clustered(values, np.arange(20)), values)


def test_the_variance_is_the_textbooks_ratio_estimate():
    """Cochran, Sampling Techniques (1977), section 9A.1: sum over clusters of (y_i - r m_i)^2, over n^2."""
    rng = np.random.default_rng(1)
    values, groups = rng.normal(size=200), np.sort(rng.integers(0, 30, 200))
    found = clustered(values, groups)
    residual = [(values[groups == name] - values.mean()).sum() for name in np.unique(groups)]
    assert found.var() / len(found) == pytest.approx(np.sum(np.square(residual)) / 200**2)


@pytest.mark.parametrize("between", [0.0, 1.0])
def test_cluster_robust_intervals_cover_where_plain_ones_do_not(between):
    """80 uneven groups of 1 to 12 items alike in difficulty, 5 seeds, accuracy .8; one standard error is .011."""
    rng = np.random.default_rng(2)
    plain, robust, paired = [], [], []
    middle = 0.8416 * (1 + between**2 + 0.1**2) ** 0.5
    for _ in range(400):
        groups = np.repeat(np.arange(80), rng.integers(1, 13, 80))
        ease = middle + between * rng.normal(size=80)[groups] + rng.normal(0, 0.1, (2, 5, 1))
        right = (ease + rng.normal(size=(2, 5, len(groups))) > 0).astype(float)
        summed = clustered(right, groups)
        plain.append(covers(crossed(right[0]), 0.8))
        robust.append(covers(crossed(summed[0]), 0.8))
        paired.append(covers(crossed_difference(*summed, one=80 / len(groups)), 0))
    assert 0.92 <= np.mean(robust) <= 0.98
    assert 0.92 <= np.mean(paired) <= 0.98
    assert (np.mean(plain) < 0.85) == (between > 0)


def covers(interval, truth):
    return interval.low <= truth <= interval.high


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60), st.integers(1, 9))
def test_blocks_of_time_run_in_order_and_split_no_moment(times, blocks):
    blocks = min(blocks, len(times))
    found = time_blocks(times, blocks)
    order = np.argsort(times, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert found.min() == 0
    assert found.max() < blocks
    assert len({(time, block) for time, block in zip(times, found.tolist(), strict=True)}) == len(set(times))


def test_blocks_of_distinct_times_are_equally_full():
    times = np.random.default_rng(3).permutation(100).astype("datetime64[s]")
    assert np.bincount(time_blocks(times, 4)).tolist() == [25] * 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clustered([1.0, 2], ["a"]), "do not fit 1 groups"),
        (lambda: clustered([[1.0, 2]], [["a", "b"]]), "do not fit"),
        (lambda: time_blocks([1, 2], 3), "3 blocks of 2 items"),
        (lambda: time_blocks([1, 2], 0), "0 blocks"),
    ],
)
def test_what_is_no_grouping_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.plugins import Pool, Spec, make
from bimetal.strategies.margin import Margin


@given(seed=st.integers(0, 10**6), rows=st.integers(2, 80), n=st.integers(1, 80))
def test_without_a_random_share_the_smallest_margins_are_chosen(seed, rows, n):
    scores = np.random.default_rng(seed).dirichlet(np.ones(3), rows)
    ranked = np.sort(scores, axis=1)
    expected = np.sort(np.argsort(ranked[:, -1] - ranked[:, -2])[:n])
    chosen = Margin(0.0)(Pool(scores), np.array([], int), n, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(chosen.indices), expected)
    assert (chosen.probability == 1).all()


def test_the_random_share_comes_last_with_its_probability():
    scores = np.random.default_rng(0).dirichlet(np.ones(3), 100)
    chosen = Margin(0.2)(Pool(scores), np.arange(10), 20, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen.probability, np.repeat([1, 4 / (90 - 16)], [16, 4]))


def test_ties_are_broken_by_chance():
    scores = np.full((40, 2), 0.5)
    rows = {
        int(Margin(0.0)(Pool(scores), np.array([], int), 1, np.random.default_rng(seed)).indices[0])
        for seed in range(400)
    }
    assert len(rows) == 40


def test_one_class_has_no_margin():
    with pytest.raises(InputError, match=r"shape \(5, 1\)"):
        Margin()(Pool(np.ones((5, 1))), np.array([], int), 1, np.random.default_rng(0))


def test_a_share_beyond_one_is_refused():
    with pytest.raises(InputError, match="random_share is"):
        make(Spec("strategies", "margin", {"random_share": 1.5}))


def test_a_large_pool_gives_its_smallest_margins():
    scores = np.random.default_rng(0).dirichlet(np.ones(5), 30_000).astype(np.float32)
    ranked = np.sort(scores, axis=1)
    known = np.arange(0, 30_000, 7)
    order = [row for row in np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable") if row % 7]
    chosen = Margin(0.0)(Pool(scores), known, 50, np.random.default_rng(0))
    assert set(chosen.indices) == set(order[:50])

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from bimetal.errors import InputError
from bimetal.plugins import Pool
from bimetal.strategies.entropy import Entropy

NONE = np.array([], int)


@given(seed=st.integers(0, 10**6), rows=st.integers(2, 80), n=st.integers(1, 80))
def test_without_a_random_share_the_largest_entropies_are_chosen(seed, rows, n):
    scores = np.random.default_rng(seed).dirichlet(np.ones(3), rows)
    expected = np.argsort(-entropy(scores, axis=1))[:n]
    chosen = Entropy(0.0)(Pool(scores), NONE, n, np.random.default_rng(0))
    assert set(chosen.indices) == set(expected)


def test_a_certain_row_has_no_entropy_and_a_level_one_the_most():
    scores = np.array([[1.0, 0.0, 0.0], [0.4, 0.3, 0.3], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.0]])
    chosen = Entropy(0.0)(Pool(scores), np.array([2]), 2, np.random.default_rng(0))
    assert set(chosen.indices) == {1, 3}


def test_scores_that_are_no_probabilities_are_refused():
    with pytest.raises(InputError, match="a score is -1"):
        Entropy()(Pool(np.array([[-1.0, 2.0]])), NONE, 1, np.random.default_rng(0))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from bimetal.errors import InputError
from bimetal.plugins import Pool
from bimetal.strategies.bald import Bald

NONE = np.array([], int)


@given(seed=st.integers(0, 10**6), members=st.integers(2, 5), rows=st.integers(2, 60), n=st.integers(1, 60))
def test_the_largest_mutual_information_is_chosen(seed, members, rows, n):
    committee = np.random.default_rng(seed).dirichlet(np.ones(4), (members, rows))
    information = entropy(committee.mean(axis=0), axis=1) - entropy(committee, axis=2).mean(axis=0)
    chosen = Bald(0.0)(Pool(committee=committee), NONE, n, np.random.default_rng(0))
    assert set(chosen.indices) == set(np.argsort(-information)[:n])


def test_with_votes_it_is_the_vote_entropy():
    votes = np.random.default_rng(1).integers(4, size=(7, 40))
    shares = np.stack([(votes == label).mean(axis=0) for label in range(4)], axis=1)
    chosen = Bald(0.0)(Pool(committee=np.eye(4)[votes]), NONE, 10, np.random.default_rng(0))
    spread = entropy(shares, axis=1)
    assert spread[chosen.indices].min() >= np.sort(spread)[-10] - 1e-12


def test_one_member_cannot_disagree():
    with pytest.raises(InputError, match=r"shape \(1, 5, 2\)"):
        Bald()(Pool(committee=np.full((1, 5, 2), 0.5)), NONE, 1, np.random.default_rng(0))


def test_a_negative_score_is_refused():
    with pytest.raises(InputError, match="score is -1"):
        Bald()(Pool(committee=np.full((2, 5, 2), -1.0)), NONE, 1, np.random.default_rng(0))

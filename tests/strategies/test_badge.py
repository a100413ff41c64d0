import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import chisquare

from bimetal.errors import InputError
from bimetal.plugins import Pool
from bimetal.strategies import _nearest
from bimetal.strategies.badge import Badge


def gradients(scores, embeddings):
    residuals = scores - np.eye(scores.shape[1])[scores.argmax(axis=1)]
    return np.einsum("ic,id->icd", residuals, embeddings).reshape(len(scores), -1)


def published(vectors, n, rng):
    """Ash and others 2020, k-means++ from the longest gradient on, line by line."""
    chosen = [int(np.linalg.norm(vectors, axis=1).argmax())]
    while len(chosen) < n:
        weights = cdist(vectors, vectors[chosen]).min(axis=1) ** 2
        chosen.append(int(rng.choice(len(vectors), p=weights / weights.sum())))
    return chosen


def made(seed, rows, classes=3, d=4):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(classes), rows), rng.normal(size=(rows, d))


@given(seed=st.integers(0, 10**6), rows=st.integers(5, 90), known=st.integers(0, 20), n=st.integers(1, 40))
def test_the_published_algorithm_chooses_the_same_rows(seed, rows, known, n):
    scores, embeddings = made(seed, rows)
    labelled = np.random.default_rng(seed).permutation(rows)[: min(known, rows - 1)]
    left = np.setdiff1d(np.arange(rows), labelled)
    n = min(n, len(left))
    expected = left[published(gradients(scores, embeddings)[left], n, np.random.default_rng(seed))]
    chosen = Badge(0.0)(Pool(scores, embeddings), labelled, n, np.random.default_rng(seed))
    assert chosen.indices.tolist() == expected.tolist()


def test_rejection_in_a_large_pool_keeps_the_published_probabilities(monkeypatch):
    monkeypatch.setattr(_nearest, "BLOCK", 4)
    scores, embeddings = made(1, 16)
    vectors = gradients(scores, embeddings)
    draws = [Badge(0.0)(Pool(scores, embeddings), np.array([], int), 3, np.random.default_rng(s)) for s in range(4000)]
    first = draws[0].indices[0]
    weights = cdist(vectors, vectors[[first]])[:, 0] ** 2
    expected = np.zeros(16)
    for second in np.flatnonzero(weights):
        nearest = np.minimum(weights, cdist(vectors, vectors[[second]])[:, 0] ** 2)
        expected += weights[second] / weights.sum() * nearest / nearest.sum()
    counts = np.bincount([draw.indices[2] for draw in draws], minlength=16)
    possible = expected > 0
    assert not counts[~possible].any()
    assert chisquare(counts[possible], 4000 * expected[possible]).pvalue > 1e-3


def test_gradients_that_vanish_leave_the_choice_to_chance():
    pool = Pool(np.eye(3)[np.zeros(30, int)], np.ones((30, 2)))
    chosen = Badge(0.0)(pool, np.arange(5), 10, np.random.default_rng(0)).indices
    assert len(set(chosen)) == 10
    assert chosen.min() >= 5


def test_parts_of_other_lengths_are_refused():
    with pytest.raises(InputError, match="scores 5, embeddings 6"):
        Badge()(Pool(np.ones((5, 2)), np.ones((6, 2))), np.array([], int), 1, np.random.default_rng(0))

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from bimetal.plugins import Pool
from bimetal.strategies.diverse_margin import DiverseMargin


def published(scores, embeddings, n, seed):
    """Zhdanov 2019: the 10 n least margins, k-means on them; return how far each of these is from its own centre.

    A row may be the nearest of all to another cluster's centre, so other clusters' rows count as infinitely far.
    """
    ranked = np.sort(scores, axis=1)
    near = np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")[: 10 * n]
    model = KMeans(n, n_init=1, random_state=seed).fit(embeddings[near])
    own = model.labels_ == np.arange(n)[:, None]
    return near, np.where(own, cdist(model.cluster_centers_, embeddings[near]), np.inf)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), rows=st.integers(20, 150), n=st.integers(1, 10))
def test_the_published_algorithm_chooses_the_same_rows(seed, rows, n):
    rng = np.random.default_rng(seed)
    scores, embeddings = rng.dirichlet(np.ones(4), rows), rng.normal(size=(rows, 5)).astype(np.float32)
    seeds = np.random.default_rng(seed)
    seeds.choice(np.arange(1), 1, replace=False)  # the tie at the limit, broken first
    chosen = DiverseMargin(0.0)(Pool(scores, embeddings), np.array([], int), n, np.random.default_rng(seed))
    near, apart = published(scores, embeddings, n, int(seeds.integers(2**31)))
    taken = np.isin(near, chosen.indices)
    assert taken.sum() == n
    np.testing.assert_allclose(apart[:, taken].min(axis=1), apart.min(axis=1), atol=1e-5)  # pairs are equally near


def test_rows_that_repeat_are_filled_up_by_margin():
    scores = np.column_stack([0.5 + np.arange(30) / 100, 0.5 - np.arange(30) / 100])
    embeddings = np.repeat([[0.0], [9.0]], 15, axis=0).astype(np.float32)
    chosen = DiverseMargin(0.0)(Pool(scores, embeddings), np.array([1]), 4, np.random.default_rng(0)).indices
    assert set(chosen) == {0, 2, 3, 15}


def test_a_widening_below_one_is_refused():
    with pytest.raises(ValueError, match="widening is 0"):
        DiverseMargin(widening=0)

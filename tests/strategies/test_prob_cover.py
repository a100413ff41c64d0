import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from bimetal.plugins import Pool
from bimetal.strategies._clusters import clustered
from bimetal.strategies.prob_cover import ProbCover

NONE = np.array([], int)


def published(embeddings, labelled, n, radius):
    """Yehuda and others 2022, algorithm 1: the greedy cover of what is left uncovered, while some is."""
    graph = cdist(embeddings, embeddings) < radius
    graph[:, graph[labelled].any(axis=0)] = False
    chosen = []
    while len(chosen) < n and graph.any():
        chosen.append(int(graph.sum(axis=1).argmax()))
        graph[:, graph[chosen[-1]]] = False
    return chosen


@given(seed=st.integers(0, 10**6), rows=st.integers(2, 90), known=st.integers(0, 9), radius=st.floats(0.3, 3))
def test_the_published_algorithm_chooses_the_same_rows(seed, rows, known, radius):
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(rows, 3)).astype(np.float32)
    labelled = rng.permutation(rows)[:known]
    n = min(12, rows - len(labelled))
    expected = published(embeddings, labelled, n, radius)
    chosen = ProbCover(0.0, radius=radius)(Pool(embeddings=embeddings), labelled, n, rng).indices
    assert chosen[: len(expected)].tolist() == expected
    assert len(chosen) == n


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), classes=st.integers(2, 5))
def test_the_radius_is_the_largest_whose_balls_are_pure(seed, classes):
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(100, 3)).astype(np.float32)
    codes, _ = clustered(embeddings - embeddings.mean(axis=0), classes, np.random.default_rng(seed))
    apart = cdist(embeddings, embeddings)
    other = codes[:, None] != codes
    radius = max(r for r in np.unique(apart[other]) if (~((apart < r) & other).any(axis=1)).mean() >= 0.95)
    found = ProbCover(classes=classes)._pure_radius(
        Pool(), embeddings - embeddings.mean(axis=0), np.random.default_rng(seed)
    )
    assert found == pytest.approx(radius, rel=1e-3)


def test_a_sample_covers_about_as_much_as_the_pool():
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(4000, 2)).astype(np.float32)
    whole, part = (ProbCover(0.0, 0.3, sample=size)(Pool(embeddings=embeddings), NONE, 20, rng) for size in (4000, 800))
    covered = [(cdist(embeddings, embeddings[each.indices]) < 0.3).any(axis=1).mean() for each in (whole, part)]
    assert 0.93 * covered[0] < covered[1] <= covered[0] + 0.01


@pytest.mark.parametrize("args", [{"radius": 0.0}, {"purity": 1.0}, {"classes": 0}, {"sample": 0}])
def test_what_makes_no_ball_is_refused(args):
    with pytest.raises(ValueError, match="expected"):
        ProbCover(**args)

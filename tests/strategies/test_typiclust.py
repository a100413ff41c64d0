import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from bimetal.plugins import Pool
from bimetal.strategies._clusters import clustered
from bimetal.strategies.typiclust import Typiclust


def published(embeddings, clusters, labelled, n):
    """The authors' loop (Hacohen, Dekel and Weinshall 2022), line by line, with distances as in their equation 1."""
    codes = clusters.copy()
    names, sizes = np.unique(codes, return_counts=True)
    known = np.array([np.isin(labelled, np.flatnonzero(codes == name)).sum() for name in names])
    kept = sorted((known[i], -sizes[i], names[i]) for i in range(len(names)) if sizes[i] > 5)
    codes[labelled] = -1
    chosen = []
    for turn in range(n):
        members = np.flatnonzero(codes == kept[turn % len(kept)][2])
        near = min(20, len(members) // 2)
        apart = np.sort(cdist(embeddings[members], embeddings[members]), axis=1)[:, 1 : near + 1]
        chosen.append(int(members[(1 / (apart.mean(axis=1) + 1e-5)).argmax()]))
        codes[chosen[-1]] = -1
    return chosen


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), rows=st.integers(80, 200), known=st.integers(0, 6), n=st.integers(1, 6))
def test_the_published_algorithm_chooses_the_same_rows(seed, rows, known, n):
    rng = np.random.default_rng(seed)
    embeddings = (rng.normal(size=(4, 5))[rng.integers(4, size=rows)] * 3 + rng.normal(size=(rows, 5))).astype("f4")
    labelled = np.sort(rng.permutation(rows)[:known])
    codes, _ = clustered(embeddings, known + n, np.random.default_rng(seed))
    chosen = Typiclust(0.0)(Pool(embeddings=embeddings), labelled, n, np.random.default_rng(seed))
    assert chosen.indices.tolist() == published(embeddings, codes, labelled, n)


def test_clusters_with_a_label_wait_for_those_without():
    rng = np.random.default_rng(0)
    embeddings = (np.repeat(np.eye(4) * 50, [40, 30, 20, 10], axis=0) + rng.normal(size=(100, 4))).astype("f4")
    chosen = Typiclust(0.0)(Pool(embeddings=embeddings), np.array([0]), 3, rng).indices
    assert [int(np.searchsorted([40, 70, 90], row, side="right")) for row in chosen] == [1, 2, 3]


def test_small_clusters_serve_once_the_others_are_empty():
    embeddings = np.array([[0.0], [100.0]] + [[50.0 + i / 10] for i in range(6)], np.float32)
    chosen = Typiclust(0.0)(Pool(embeddings=embeddings), np.array([2]), 7, np.random.default_rng(0)).indices
    assert set(chosen) == {0, 1, 3, 4, 5, 6, 7}


def test_screening_finds_a_row_about_as_typical():
    rng = np.random.default_rng(2)
    embeddings = rng.normal(size=(3000, 12)).astype(np.float32)
    apart = np.sort(cdist(embeddings, embeddings), axis=1)[:, 1:21].mean(axis=1)
    chosen = Typiclust(0.0, exact=512)(Pool(embeddings=embeddings), np.array([], int), 1, rng).indices
    assert apart[chosen[0]] <= 1.02 * apart.min()


def test_too_few_rows_to_screen_with_are_refused():
    with pytest.raises(ValueError, match="expected 512 rows or more"):
        Typiclust(exact=100)

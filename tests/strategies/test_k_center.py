import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from bimetal.plugins import Pool
from bimetal.strategies import _nearest
from bimetal.strategies.k_center import KCenter


def published(embeddings, centres, n):
    """Sener and Savarese 2018, algorithm 1, line by line."""
    covered = list(centres)
    while len(covered) < len(centres) + n:
        nearest = cdist(embeddings, embeddings[covered]).min(axis=1)
        nearest[covered] = -1
        covered.append(int(nearest.argmax()))
    return covered[len(centres) :]


@given(seed=st.integers(0, 10**6), rows=st.integers(2, 90), known=st.integers(1, 20), n=st.integers(1, 40))
def test_the_published_algorithm_chooses_the_same_rows(seed, rows, known, n):
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(rows, 5)).astype(np.float32)
    labelled = rng.permutation(rows)[:known]
    chosen = KCenter(0.0)(Pool(embeddings=embeddings), labelled, n, rng)
    assert chosen.indices.tolist() == published(embeddings, labelled, min(n, rows - len(labelled)))


def test_many_blocks_and_many_centres_choose_the_same_rows(monkeypatch):
    monkeypatch.setattr(_nearest, "BLOCK", 64)
    monkeypatch.setattr(_nearest, "CENTRES", 7)
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(12, 8))[rng.integers(12, size=1500)] + rng.normal(size=(1500, 8)) / 3
    embeddings = embeddings.astype(np.float32)
    chosen = KCenter(0.0)(Pool(embeddings=embeddings), np.arange(30), 120, rng)
    assert chosen.indices.tolist() == published(embeddings, np.arange(30), 120)


def test_without_labels_the_first_is_drawn_and_the_rest_follow():
    embeddings = np.random.default_rng(3).normal(size=(60, 4)).astype(np.float32)
    starts = set()
    for seed in range(20):
        chosen = KCenter(0.0)(Pool(embeddings=embeddings), np.array([], int), 6, np.random.default_rng(seed)).indices
        assert chosen[1:].tolist() == published(embeddings, chosen[:1], 5)
        starts.add(int(chosen[0]))
    assert len(starts) > 10

"""What every query strategy on the shelf keeps to; a new file there is picked up by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.plugins import Pool, Spec, make, names, spec_of

STRATEGIES = names("strategies")


def scored(seed, rows, classes=4):
    return Pool(np.random.default_rng(seed).dirichlet(np.ones(classes), rows))


@pytest.mark.parametrize("name", STRATEGIES)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 60), known=st.integers(0, 60), n=st.integers(0, 80))
def test_open_rows_are_chosen_once_each(name, seed, rows, known, n):
    labelled = np.random.default_rng(seed).permutation(rows)[:known]
    chosen = make(Spec("strategies", name))(scored(seed, rows), labelled, n, np.random.default_rng(seed))
    assert len(chosen.indices) == len(chosen.probability) == min(n, rows - len(labelled))
    assert len(np.unique(chosen.indices)) == len(chosen.indices)
    assert not np.isin(chosen.indices, labelled).any()
    assert np.issubdtype(chosen.indices.dtype, np.integer)
    assert ((chosen.probability > 0) & (chosen.probability <= 1)).all()


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_same_generator_chooses_the_same_rows(name):
    scores, labelled = Pool(np.ones((50, 3)) / 3), np.arange(10)
    first, second = (make(Spec("strategies", name))(scores, labelled, 9, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first.indices, second.indices)


@pytest.mark.parametrize("name", STRATEGIES)
def test_divided_by_their_probability_the_chosen_sum_to_the_pool(name):
    values = np.random.default_rng(0).exponential(size=80)
    scores, labelled = scored(1, 80), np.arange(70, 80)
    strategy = make(Spec("strategies", name))
    totals = []
    for seed in range(4000):
        chosen = strategy(scores, labelled, 20, np.random.default_rng(seed))
        totals.append((values[chosen.indices] / chosen.probability).sum())
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - values[:70].sum()) < 4 * error


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_spec_replays(name):
    spec = spec_of(make(Spec("strategies", name)))
    assert make(spec) == make(Spec("strategies", name))


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize(
    ("scores", "labelled", "n", "message"),
    [
        (np.ones(5), [], 1, "shape"),
        (np.full((5, 2), np.nan), [], 1, "row 0 hold NaN"),
        (np.ones((5, 2)), [5], 1, "outside the pool of 5 rows"),
        (np.ones((5, 2)), [-1], 1, "outside the pool"),
        (np.ones((5, 2)), [], -1, "-1 rows"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(name, scores, labelled, n, message):
    with pytest.raises(InputError, match=message):
        make(Spec("strategies", name))(scores, np.array(labelled, int), n, np.random.default_rng(0))

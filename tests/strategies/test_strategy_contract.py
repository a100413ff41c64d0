"""What every query strategy on the shelf keeps to; a new file there is picked up by itself."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.plugins import Pool, Spec, make, names, spec_of

STRATEGIES = names("strategies")
PARTS = ("scores", "embeddings", "committee")


def filled(seed, rows, classes=4):
    """A pool with every part that a strategy may ask for."""
    rng = np.random.default_rng(seed)
    votes = rng.dirichlet(np.ones(classes), (3, rows))
    return Pool(rng.dirichlet(np.ones(classes), rows), rng.normal(size=(rows, 5)).astype(np.float32), votes)


def choose(name, pool, labelled, n, seed=0, **args):
    return make(Spec("strategies", name, args))(pool, np.array(labelled, int), n, np.random.default_rng(seed))


def keeps_the_protocol(chosen, rows, labelled, n):
    assert len(chosen.indices) == len(chosen.probability) == min(n, rows - len(labelled))
    assert len(np.unique(chosen.indices)) == len(chosen.indices)
    assert not np.isin(chosen.indices, labelled).any()
    assert ((chosen.indices >= 0) & (chosen.indices < rows)).all()
    assert np.issubdtype(chosen.indices.dtype, np.integer)
    assert ((chosen.probability > 0) & (chosen.probability <= 1)).all()


@pytest.mark.parametrize("name", STRATEGIES)
@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 60), known=st.integers(0, 60), n=st.integers(0, 80))
def test_open_rows_are_chosen_once_each(name, seed, rows, known, n):
    labelled = np.random.default_rng(seed).permutation(rows)[:known]
    keeps_the_protocol(choose(name, filled(seed, rows), labelled, n, seed), rows, labelled, n)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("distinct", [1, 2, 7])
def test_rows_that_repeat_are_chosen_from_all_the_same(name, distinct):
    few = filled(3, distinct)
    rows = np.arange(50) % distinct
    pool = Pool(few.scores[rows], few.embeddings[rows], few.committee[:, rows])
    keeps_the_protocol(choose(name, pool, np.arange(10), 30), 50, np.arange(10), 30)


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_same_generator_chooses_the_same_rows(name):
    same = Pool(np.ones((50, 3)) / 3, np.ones((50, 2), np.float32), np.ones((2, 50, 3)) / 3)
    for pool in (same, filled(0, 50)):
        first, second = (choose(name, pool, np.arange(10), 9, seed=4) for _ in range(2))
        np.testing.assert_array_equal(first.indices, second.indices)


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_pool_is_left_as_it_was(name):
    pool, before = filled(1, 40), filled(1, 40)
    choose(name, pool, np.arange(5), 9)
    for part in PARTS:
        np.testing.assert_array_equal(getattr(pool, part), getattr(before, part))


@pytest.mark.parametrize("name", STRATEGIES)
def test_divided_by_their_probability_the_chosen_sum_to_the_pool(name):
    values = np.random.default_rng(0).exponential(size=80)
    pool, totals = filled(1, 80), []
    for seed in range(200):
        chosen = choose(name, pool, np.arange(70, 80), 20, seed)
        totals.append((values[chosen.indices] / chosen.probability).sum())
    error = np.std(totals) / np.sqrt(len(totals))
    assert error > 0
    assert abs(np.mean(totals) - values[:70].sum()) < 4 * error


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name != "random"])
def test_the_random_share_comes_last_with_its_probability(name):
    chosen = choose(name, filled(0, 100), np.arange(10), 20, random_share=0.2)
    np.testing.assert_array_equal(chosen.probability, np.repeat([1, 4 / (90 - 16)], [16, 4]))
    with pytest.raises(InputError, match=r"random_share is 1\.5"):
        make(Spec("strategies", name, {"random_share": 1.5}))


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_spec_replays(name):
    spec = spec_of(make(Spec("strategies", name)))
    assert make(spec) == make(Spec("strategies", name))


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_needed_whole_or_not_at_all(name, part):
    pool = filled(0, 30)
    lacking = dataclasses.replace(pool, **{part: None})
    try:
        choose(name, lacking, [], 5)
    except InputError:
        with pytest.raises(InputError, match=f"needs (a )?{part}, and the pool has none"):
            choose(name, lacking, [], 5)
        broken = dataclasses.replace(pool, **{part: np.full(getattr(pool, part).shape, np.nan)})
        with pytest.raises(InputError, match=r"of pool row \d+ hold NaN"):
            choose(name, broken, [], 5)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize(
    ("pool", "labelled", "n", "message"),
    [
        (Pool(), [], 1, "the pool is empty"),
        (Pool(np.ones((5, 2)), np.ones((6, 2)), np.ones((2, 5, 2))), [], 1, "scores 5, embeddings 6, committee 5"),
        (filled(0, 5), [5], 1, "outside the pool of 5 rows"),
        (filled(0, 5), [-1], 1, "outside the pool"),
        (filled(0, 5), [], -1, "-1 rows"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(name, pool, labelled, n, message):
    with pytest.raises(InputError, match=message):
        choose(name, pool, labelled, n)


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name not in {"random", "by_budget"}])
def test_parts_of_another_shape_are_refused(name):
    flat = Pool(np.ones(5), np.ones(5, np.float32), np.ones((2, 5)))
    with pytest.raises(InputError, match="shape"):
        choose(name, flat, [], 1)

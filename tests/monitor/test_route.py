"""Routing keeps an honest random stream, weak slices are found, and the generator's shares move toward them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.monitor import SliceAccuracy, route, targets, weak_slices
from bimetal.stats.intervals import wilson
from bimetal.types import Spec


def scored(n, seed=0):
    return np.random.default_rng(seed).dirichlet([0.5] * 4, n)


def test_the_least_sure_items_and_a_random_stream_go_to_people():
    scores = scored(200)
    chosen = route(scores, 50, np.random.default_rng(1))
    best = np.sort(scores, axis=1)
    margin = best[:, -1] - best[:, -2]
    sure = chosen.indices[chosen.probability == 1]
    assert len(chosen.indices) == 50
    assert set(sure) == set(np.argsort(margin)[:40])
    assert (np.diff(chosen.indices) > 0).all()
    assert chosen.probability[chosen.probability < 1] == pytest.approx(10 / 160)


def test_weighting_by_probability_estimates_the_whole_stream_without_bias():
    scores = scored(300)
    wrong = np.random.default_rng(5).random(300) < 1 - scores.max(axis=1)
    estimates = []
    for seed in range(400):
        chosen = route(scores, 60, np.random.default_rng(seed))
        estimates.append((wrong[chosen.indices] / chosen.probability).sum() / 300)
    assert np.mean(estimates) == pytest.approx(wrong.mean(), abs=4 * np.std(estimates) / 20)
    assert wrong[route(scores, 60, np.random.default_rng(0)).indices].mean() > wrong.mean()  # unweighted is biased


def test_another_strategy_and_a_budget_beyond_the_items():
    chosen = route(scored(5), 50, np.random.default_rng(0), Spec("strategies", "random"))
    assert chosen.indices.tolist() == [0, 1, 2, 3, 4]
    assert chosen.probability.tolist() == [1.0] * 5


def test_weak_slices_judge_by_the_random_stream():
    table = pa.table(
        {
            "label": ["1", "1", "1", "7", "7", None],
            "predicted": ["7", "1", "1", "7", "7", "1"],
            "probability": [1.0, 0.2, 0.2, 0.2, 0.2, 0.2],
            "site": ["a", "a", "b", None, "b", "b"],
        }
    )
    found = {
        (each.column, each.value): (each.n, each.accuracy.estimate) for each in weak_slices(table, ("label", "site"))
    }
    assert found == {("label", "1"): (2, 1), ("label", "7"): (2, 1), ("site", "a"): (1, 1), ("site", "b"): (2, 1)}
    whole = table.set_column(2, "probability", pa.array([1.0] * 6))
    assert weak_slices(whole)[0].value == "1"
    assert weak_slices(whole)[0].n == 3


def test_nothing_resolved_gives_no_slices_and_a_missing_column_is_named():
    assert weak_slices(pa.table({"label": pa.array([], pa.string()), "predicted": pa.array([], pa.string())})) == ()
    with pytest.raises(InputError, match="no column predicted"):
        weak_slices(pa.table({"label": ["1"]}))


def slices(outcomes):
    return [SliceAccuracy("label", str(i), n, wilson(right, n)) for i, (right, n) in enumerate(outcomes)]


@given(
    st.lists(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=8),
    st.floats(0.01, 0.5),
)
def test_shares_stay_shares_and_no_step_is_longer_than_allowed(outcomes, step):
    shares = [each.share for each in targets(slices(outcomes), step=step)]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert min(shares) >= 0
    assert max(abs(share - 1 / len(shares)) for share in shares) <= step + 1e-6


def test_the_weak_and_the_hardly_seen_gain():
    found = {each.value: each.share for each in targets(slices([(98, 100), (60, 100), (1, 1)]), step=1)}
    assert found["0"] < 1 / 3 < found["1"]
    assert found["2"] > found["1"]  # one item says nothing: its error may be anything


def test_steps_from_the_current_shares_reach_the_goal_and_stay():
    weak = slices([(90, 100), (50, 100)])
    goal = targets(weak, step=1)
    current = None
    for _ in range(10):
        current = {each.value: each.share for each in targets(weak, current, step=0.05)}
    assert current == pytest.approx({each.value: each.share for each in goal}, abs=1e-5)


def test_columns_are_not_mixed_and_no_slices_are_no_targets():
    assert targets([]) == ()
    mixed = [*slices([(1, 2)]), SliceAccuracy("site", "a", 2, wilson(1, 2))]
    with pytest.raises(InputError, match="one column at a time"):
        targets(mixed)
    with pytest.raises(InputError, match="do not fit"):
        targets(slices([(1, 2)]), {"0": 0.0})

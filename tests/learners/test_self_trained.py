import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bimetal.errors import InputError
from bimetal.learners.linear import Linear
from bimetal.learners.self_trained import SelfTrained, surest
from bimetal.plugins import Spec, make


def blobs(seed, rows):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 2, rows)
    angle = rng.uniform(0, np.pi, rows) + codes * np.pi
    x = np.cos(angle) + codes + rng.normal(0, 0.08, rows)
    y = np.sin(angle) + codes * 0.3 + rng.normal(0, 0.08, rows)
    return pa.table({"x": x, "y": y, "label": np.array(["upper", "lower"])[codes]})


@given(
    arrays.arrays(float, st.tuples(st.integers(1, 40), st.integers(2, 5)), elements=st.floats(0, 1)), st.floats(0.01, 1)
)
def test_each_class_gives_its_share_of_the_widest_margins(scores, keep):
    chosen = surest(scores, keep)
    best = scores.argmax(axis=1)
    margin = np.diff(np.sort(scores, axis=1)[:, -2:], axis=1)[:, 0]
    for code in np.unique(best):
        rows = np.flatnonzero(best == code)
        kept = np.intersect1d(rows, chosen)
        assert len(kept) == int(np.ceil(keep * len(rows)))
        left = np.setdiff1d(rows, kept)
        assert not len(left) or margin[kept].min() >= margin[left].max()


def test_without_unlabelled_rows_it_is_the_base(shoppers):
    weight, rng = np.ones(120), np.random.default_rng
    expected = Linear()(shoppers, weight, None, rng(0)).predict_proba(shoppers)
    for unlabelled in (None, shoppers.slice(0, 0)):
        got = SelfTrained()(shoppers, weight, unlabelled, rng(0)).predict_proba(shoppers)
        np.testing.assert_array_equal(got, expected)


def test_unlabelled_rows_teach_where_labels_are_few():
    gains = []
    for seed in range(20):
        rows, test = blobs(seed, 300), blobs(1000 + seed, 500)
        learner = make(
            Spec("learners", "estimator", {"estimator": "sklearn.svm:SVC", "params": {"C": 10, "gamma": 5.0}})
        )
        few, pool = rows.slice(0, 12), rows.slice(12).drop_columns("label")
        if len(set(few["label"].to_pylist())) < 2:
            continue
        scores = []
        for each in (learner, SelfTrained(learner, rounds=6)):
            model = each(few, np.ones(12), pool, np.random.default_rng(0))
            best = np.array(model.classes)[model.predict_proba(test).argmax(axis=1)]
            scores.append((best == np.array(test["label"].to_pylist())).mean())
        gains.append(scores[1] - scores[0])
    assert np.mean(gains) > 0.01


def test_a_label_column_in_the_pool_is_never_read(shoppers):
    train, pool = shoppers.slice(0, 40), shoppers.slice(40)
    spoiled = pool.set_column(pool.column_names.index("label"), "label", pa.array(["buys"] * 80))
    given = [SelfTrained()(train, np.ones(40), each, np.random.default_rng(0)) for each in (pool, spoiled)]
    np.testing.assert_array_equal(given[0].predict_proba(pool), given[1].predict_proba(pool))


def test_a_pool_without_the_features_is_refused(shoppers):
    with pytest.raises(InputError, match="'age', which the table lacks"):
        SelfTrained()(shoppers, np.ones(120), shoppers.drop_columns("age"), np.random.default_rng(0))


@pytest.mark.parametrize("args", [{"keep": 1.2}, {"rounds": -1}, {"weight": -0.1}])
def test_arguments_out_of_range_are_refused(args):
    with pytest.raises(InputError, match="self_trained cannot be made"):
        make(Spec("learners", "self_trained", args))

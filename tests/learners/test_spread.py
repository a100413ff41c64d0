import numpy as np
import pyarrow as pa
import pytest

from bimetal.learners.linear import Linear
from bimetal.learners.scattering import Scattering
from bimetal.learners.shifted import Shifted
from bimetal.learners.spread import Spread, _links, harmonic


def accuracy(model, table):
    best = np.array(model.classes)[model.predict_proba(table).argmax(axis=1)]
    return (best == np.array(table["label"].to_pylist())).mean()


def test_harmonic_scores_are_the_exact_solution():
    rng = np.random.default_rng(0)
    rows, guesses, strength = rng.normal(size=(30, 4)), rng.random((30, 3)), rng.uniform(0.1, 2, 30)
    links = _links(rows, 5).toarray()
    degree = links.sum(axis=1)
    pull = strength * degree.mean()
    exact = np.linalg.solve(np.diag(degree + pull) - links, pull[:, None] * guesses)
    np.testing.assert_allclose(harmonic(rows, 5, guesses, strength), exact, atol=1e-3)


def test_scores_stay_between_the_guesses():
    rng = np.random.default_rng(1)
    guesses = rng.dirichlet(np.ones(4), 50)
    found = harmonic(rng.normal(size=(50, 3)), 6, guesses, np.full(50, 0.05))
    assert found.min() > -1e-3
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=5e-3)


def test_neighbours_teach_where_labels_are_few(digits):
    gains = []
    for start in (0, 50, 100, 150):
        pool = digits.take(np.setdiff1d(np.arange(200), np.arange(start, start + 12)))
        learner, few = Scattering(), digits.slice(start, 12)
        models = [each(few, np.ones(12), pool, np.random.default_rng(0)) for each in (learner, Spread(learner))]
        gains.append(np.diff([accuracy(model, pool) for model in models])[0])
    assert np.mean(gains) > 0.05


def test_without_unlabelled_rows_it_is_the_base(shoppers):
    weight, rng = np.ones(120), np.random.default_rng
    expected = Linear()(shoppers, weight, None, rng(0)).predict_proba(shoppers)
    for unlabelled in (None, shoppers.slice(0, 0)):
        got = Spread()(shoppers, weight, unlabelled, rng(0)).predict_proba(shoppers)
        np.testing.assert_array_equal(got, expected)


def test_texts_and_columns_have_neighbours_too(cards, shoppers):
    for table in (cards, shoppers):
        half = table.num_rows // 2
        order = np.random.default_rng(0).permutation(table.num_rows)
        train, pool = table.take(order[:half]), table.take(order[half:])
        model = Spread(neighbours=3)(train, np.ones(half), pool.drop_columns("label"), np.random.default_rng(0))
        assert accuracy(model, pool) > 0.6


def test_synthetic_rows_speak_through_the_base_alone(digits):
    drawn = digits.slice(0, 60)
    drawn = drawn.set_column(drawn.column_names.index("item_origin"), "item_origin", pa.array(["synthetic"] * 60))
    seen = []

    def base(train, weight, unlabelled, rng):
        seen.append((train, weight))
        return Linear()(train, weight, unlabelled, rng)

    both = pa.concat_tables([drawn, digits.slice(60, 5)])
    Spread(base, weight=0.5)(both, np.append(np.full(60, 0.2), np.ones(5)), digits.slice(65), np.random.default_rng(0))
    (first, _), (second, weight) = seen
    assert first.num_rows == 65
    assert second.num_rows == 5 + 135
    assert second["label"].to_pylist()[:5] == digits["label"].to_pylist()[60:65]
    np.testing.assert_array_equal(weight, np.append(np.ones(5), np.full(135, 0.5)))


def test_a_class_without_a_real_row_is_not_lost(digits):
    drawn = digits.set_column(digits.column_names.index("item_origin"), "item_origin", pa.array(["synthetic"] * 200))
    ones = digits.filter(pa.array([label == "1" for label in digits["label"].to_pylist()]))
    model = Spread(Scattering())(drawn, np.full(200, 0.1), ones.slice(0, 30), np.random.default_rng(0))
    assert model.classes == ("0", "1", "2")


def test_synthetic_rows_alone_are_enough(digits):
    digits = digits.take(np.random.default_rng(0).permutation(200))
    drawn = digits.set_column(digits.column_names.index("item_origin"), "item_origin", pa.array(["synthetic"] * 200))
    pool = digits.slice(100)
    model = Spread(Scattering())(drawn.slice(0, 100), np.full(100, 0.1), pool, np.random.default_rng(0))
    assert accuracy(model, pool) > 0.9


def test_a_single_row_without_neighbours_leaves_the_base():
    made = pa.table({"x": [-1.0, 1.0], "label": ["west", "east"], "item_origin": ["synthetic"] * 2})
    model = Spread()(made, np.ones(2), pa.table({"x": [0.9]}), np.random.default_rng(0))
    assert model.classes == ("east", "west")


def test_shifted_views_pass_through(digits):
    learner = Spread(Shifted(Scattering()))
    model = learner(digits.slice(0, 30), np.ones(30), digits.slice(30).drop_columns("label"), np.random.default_rng(0))
    assert accuracy(model, digits) > 0.9


@pytest.mark.parametrize("wrong", [{"neighbours": 0}, {"prior": 0.0}, {"weight": 0.0}])
def test_settings_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match="expected 1 or more"):
        Spread(**wrong)

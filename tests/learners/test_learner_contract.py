"""What every learner on the shelf keeps to; a new file there is picked up by itself."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.plugins import Spec, make, names, spec_of

LEARNERS = names("learners")


@pytest.fixture(params=LEARNERS)
def learner(request):
    return make(Spec("learners", request.param))


def fit(learner, train, unlabelled=None, seed=0, weight=None):
    weight = np.ones(train.num_rows) if weight is None else weight
    return learner(train, weight, unlabelled, np.random.default_rng(seed))


def accuracy(model, table):
    best = np.array(model.classes)[model.predict_proba(table).argmax(axis=1)]
    return (best == np.array(table["label"].to_pylist())).mean()


def test_scores_are_probabilities_of_the_classes_in_order(learner, digits):
    model = fit(learner, digits.slice(0, 100))
    scores = model.predict_proba(digits.slice(100))
    assert model.classes == ("0", "1", "2")
    assert scores.shape == (100, 3)
    assert scores.min() >= 0
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)
    assert accuracy(model, digits.slice(100)) > 0.8
    assert model.predict_proba(digits.slice(0, 0)).shape == (0, 3)


def test_the_same_generator_gives_the_same_model(learner, digits):
    pool = digits.slice(60).drop_columns("label")
    first, second = (fit(learner, digits.slice(0, 60), pool, seed=3).predict_proba(pool) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_provenance_and_underscored_columns_are_not_features(learner, digits):
    train, rest = digits.slice(0, 60), digits.slice(60)
    described = train.append_column("_who", train["label"]).append_column("recipe", train["label"])
    np.testing.assert_array_equal(
        fit(learner, train).predict_proba(rest), fit(learner, described).predict_proba(rest.select(["image"]))
    )


def test_prepared_rows_give_the_same_model(learner, digits):
    train, rest = digits.slice(0, 60), digits.slice(60)
    ready = learner.prepare(train)
    assert isinstance(ready["image"].type, pa.FixedShapeTensorType)
    assert learner.prepare(ready).equals(ready)
    np.testing.assert_array_equal(
        fit(learner, train, rest).predict_proba(rest),
        fit(learner, ready, learner.prepare(rest)).predict_proba(learner.prepare(rest)),
    )


def test_a_weight_of_nearly_nothing_silences_a_row(learner, digits):
    train, rest = digits.slice(0, 80), digits.slice(80)
    wrong = train.set_column(2, "label", pa.array([str((int(each) + 1) % 3) for each in train["label"].to_pylist()]))
    both = pa.concat_tables([train, wrong])
    model = fit(learner, both, weight=np.repeat([1.0, 1e-6], 80))
    assert accuracy(model, rest) > 0.8


def test_the_spec_replays(learner):
    spec = spec_of(learner)
    assert spec_of(make(spec)) == spec
    assert make(spec) == learner


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows.slice(0, 0), "has no rows"),
        (lambda rows: rows.drop_columns("label"), "no column 'label'"),
        (lambda rows: rows.set_column(2, "label", pa.array(["1"] * rows.num_rows)), "one class, '1'"),
        (lambda rows: rows.set_column(2, "label", pa.array([None, *"01" * 29, "0"])), "row 'd0' has the label None"),
        (lambda rows: rows.set_column(2, "label", pa.array([0.0, np.nan] * 30)), "row 'd0' has the label 0.0"),
        (lambda rows: rows.set_column(1, "image", pa.array([b"not a png"] * rows.num_rows)), "row 'd0'"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(learner, digits, spoil, message):
    with pytest.raises(InputError, match=message):
        fit(learner, spoil(digits.slice(0, 60)), digits.slice(60))


def test_weights_that_do_not_fit_are_refused(learner, digits):
    train = digits.slice(0, 60)
    for weight in (np.ones(59), np.full(60, np.nan), np.zeros(60), np.full(60, -1.0)):
        with pytest.raises(InputError, match="weight"):
            fit(learner, train, weight=weight)


def test_rows_unlike_the_training_rows_are_refused(learner, digits):
    model = fit(learner, digits.slice(0, 60))
    with pytest.raises(InputError, match="'image', which the table lacks"):
        model.predict_proba(digits.drop_columns("image"))
    larger = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((2, 9, 8), np.uint8))})
    with pytest.raises(InputError, match="8 x 9 pixels, the training images 8 x 8"):
        model.predict_proba(larger)


def test_summaries_are_there():
    from bimetal.plugins import listing

    assert all(each.summary and each.available for each in listing("learners"))

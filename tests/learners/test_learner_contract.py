"""What every learner on the shelf keeps to, and what classifiers of images do; a new file there is picked up by itself."""

import contextlib

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.plugins import Predictions, Spec, find, listing, make, spec_of
from tests.learners import made

LEARNERS = [each.name for each in listing("learners") if each.available]
ARGS = {"callable": {"function": "tests.learners.own:nearest"}, "detector": {"side": 12}}
OF_IMAGES = [
    name
    for name in LEARNERS
    if getattr(find("learners", name), "task", "classification") == "classification"
    and "image" in getattr(find("learners", name), "columns", ("image",))
]


@pytest.fixture(params=LEARNERS)
def learner(request):
    return make(Spec("learners", request.param, ARGS.get(request.param, {})))


@pytest.fixture(params=OF_IMAGES)
def classifier(request):
    return make(Spec("learners", request.param, ARGS.get(request.param, {})))


@pytest.fixture
def rows(learner, digits):
    """Rows of the task and columns a learner declares."""
    task, columns = getattr(learner, "task", "classification"), getattr(learner, "columns", ("image",))
    if task == "classification":
        return digits.slice(0, 80) if "image" in columns else made.pairs(80, 1)
    if task in {"boxes", "masks"}:
        return made.scenes(12, 1, kind=task)
    return {"spans": made.marked, "score": made.rated}[task](80, 1)


def fit(learner, train, unlabelled=None, seed=0, weight=None):
    weight = np.ones(train.num_rows) if weight is None else weight
    return learner(train, weight, unlabelled, np.random.default_rng(seed))


def said(model, rows):
    """What a model says of rows, whatever it is a model of."""
    if hasattr(model, "classes"):
        return model.predict_proba(rows).tolist()
    predicted = model.predict(rows)
    assert isinstance(predicted, Predictions)
    assert len(predicted.values) == rows.num_rows
    return predicted.values.to_pylist()


def accuracy(model, table):
    best = np.array(model.classes)[model.predict_proba(table).argmax(axis=1)]
    return (best == np.array(table["label"].to_pylist())).mean()


def with_label(rows, labels):
    return rows.set_column(rows.column_names.index("label"), "label", labels)


def test_the_same_generator_gives_the_same_model(learner, rows):
    half, rest = rows.slice(0, rows.num_rows // 2), rows.slice(4).drop_columns("label")
    first, second = (said(fit(learner, half, rest, seed=3), rest) for _ in range(2))
    assert first == second
    assert said(fit(learner, half), rest.slice(0, 0)) == []


def test_unlabelled_rows_may_be_none_at_all(learner, rows):
    train, rest = rows.slice(0, rows.num_rows - 4), rows.slice(rows.num_rows - 4)
    none, empty = (said(fit(learner, train, each), rest) for each in (None, rest.drop_columns("label").slice(0, 0)))
    assert none == empty


def test_provenance_and_underscored_columns_are_not_features(learner, rows):
    train, rest = rows.slice(0, rows.num_rows - 4), rows.slice(rows.num_rows - 4)
    spelled = pa.array(map(str, train["label"].to_pylist()))
    described = train.append_column("_who", spelled).append_column("recipe", spelled)
    bare = rest.drop_columns([name for name in ("id", "label", "item_origin") if name in rest.column_names])
    assert said(fit(learner, train), rest) == said(fit(learner, described), bare)


def test_the_spec_replays(learner):
    spec = spec_of(learner)
    assert spec_of(make(spec)) == spec
    assert make(spec) == learner


def test_a_table_without_rows_or_labels_is_refused(learner, rows):
    with pytest.raises(InputError, match="has no rows"):
        fit(learner, rows.slice(0, 0))
    with pytest.raises(InputError, match="no column 'label'"):
        fit(learner, rows.drop_columns("label"))
    with pytest.raises(InputError, match="has the label None"):
        fit(learner, with_label(rows, pa.nulls(rows.num_rows, rows["label"].type)))


def test_weights_that_do_not_fit_are_refused(learner, rows):
    n = rows.num_rows
    for weight in (np.ones(n - 1), np.full(n, np.nan), np.zeros(n), np.full(n, -1.0)):
        with pytest.raises(InputError, match="weight"):
            fit(learner, rows, weight=weight)


def test_one_row_is_refused_or_learned_from(learner, rows):
    with contextlib.suppress(InputError):
        assert len(said(fit(learner, rows.slice(1, 1)), rows)) == rows.num_rows


def test_rows_without_what_it_reads_are_refused(learner, rows):
    model = fit(learner, rows)
    payload = [name for name in rows.column_names if name not in {"id", "label", "item_origin"}]
    with pytest.raises(InputError, match=f"'{payload[0]}'"):
        said(model, rows.drop_columns(payload[0]))


def test_summaries_are_there():
    assert all(each.summary and (each.available or each.needs) for each in listing("learners"))


def test_scores_are_probabilities_of_the_classes_in_order(classifier, digits):
    model = fit(classifier, digits.slice(0, 100))
    scores = model.predict_proba(digits.slice(100))
    assert model.classes == ("0", "1", "2")
    assert scores.shape == (100, 3)
    assert scores.min() >= 0
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)
    assert accuracy(model, digits.slice(100)) > 0.8
    assert model.predict_proba(digits.slice(0, 0)).shape == (0, 3)


def test_prepared_rows_give_the_same_model(classifier, digits):
    train, rest = digits.slice(0, 60), digits.slice(60)
    ready = classifier.prepare(train)
    assert isinstance(ready["image"].type, pa.FixedShapeTensorType)
    assert classifier.prepare(ready).equals(ready)
    np.testing.assert_array_equal(
        fit(classifier, train, rest).predict_proba(rest),
        fit(classifier, ready, classifier.prepare(rest)).predict_proba(classifier.prepare(rest)),
    )


def test_a_weight_of_nearly_nothing_silences_a_row(classifier, digits):
    train, rest = digits.slice(0, 80), digits.slice(80)
    wrong = with_label(train, pa.array([str((int(each) + 1) % 3) for each in train["label"].to_pylist()]))
    both = pa.concat_tables([train, wrong])
    model = fit(classifier, both, weight=np.repeat([1.0, 1e-6], 80))
    assert accuracy(model, rest) > 0.8


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: with_label(rows, pa.array(["1"] * rows.num_rows)), "one class, '1'"),
        (lambda rows: with_label(rows, pa.array([None, *"01" * 29, "0"])), "row 'd0' has the label None"),
        (lambda rows: with_label(rows, pa.array([0.0, np.nan] * 30)), "row 'd0' has the label 0.0"),
        (lambda rows: rows.set_column(1, "image", pa.array([b"not a png"] * rows.num_rows)), "row 'd0'"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(classifier, digits, spoil, message):
    with pytest.raises(InputError, match=message):
        fit(classifier, spoil(digits.slice(0, 60)), digits.slice(60))


def test_pictures_of_another_size_are_refused(classifier, digits):
    model = fit(classifier, digits.slice(0, 60))
    larger = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((2, 9, 8), np.uint8))})
    with pytest.raises(InputError, match="8 x 9 pixels, the training images 8 x 8"):
        model.predict_proba(larger)

"""A function of one's own: what it is given, what it may return, and what is said when it does not fit."""

import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.learners.callable import Callable
from bimetal.learners.linear import Linear
from bimetal.plugins import Spec, make


def fit(name, rows, takes="matrix", unlabelled=None, weight=None):
    weight = np.ones(rows.num_rows) if weight is None else weight
    return Callable(f"tests.learners.own:{name}", takes)(rows, weight, unlabelled, np.random.default_rng(0))


def test_columns_come_in_the_order_of_the_classes(digits):
    model = fit("nearest", digits.slice(0, 100), unlabelled=digits.slice(100))
    assert model.classes == ("0", "1", "2")
    best = np.array(model.classes)[model.predict_proba(digits.slice(100)).argmax(axis=1)]
    assert (best == np.array(digits["label"].to_pylist()[100:])).mean() > 0.75  # a guess is right one time in three
    assert model.predict_proba(digits.slice(0, 0)).shape == (0, 3)


@pytest.mark.parametrize("name", ["rows", "shared"])
def test_a_learner_of_ones_own_is_called_with_rows(name, shoppers):
    C = {"rows": 10.0, "shared": 0.1}[name]  # noqa: N806 - scikit-learn's name
    model = fit(name, shoppers, "rows")
    expected = Linear(C)(shoppers, np.ones(120), None, np.random.default_rng(0)).predict_proba(shoppers)
    np.testing.assert_array_equal(model.predict_proba(shoppers), expected)


@pytest.mark.parametrize(
    ("name", "takes", "message"),
    [
        ("too_few", "matrix", r"takes \(x, y\), expected \(X, y, weight, unlabelled_X, rng\)"),
        ("nearest", "rows", r"takes \(x, y, weight, pool, rng\), expected \(train, weight, unlabelled, rng\)"),
        ("nothing", "matrix", "returned None"),
        ("no_model", "rows", "returned .*Plain"),
        ("half_of_the_classes", "matrix", r"learned the classes \['0'\], the labels are \['0', '1', '2'\]"),
        ("missing", "matrix", "no function at 'tests.learners.own:missing'"),
        ("CONSTANT", "matrix", "is 3, which cannot be called"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_predicted(name, takes, message, digits):
    with pytest.raises(InputError, match=message):
        fit(name, digits.slice(0, 60), takes)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("two_columns", r"has shape \(4, 2\), expected \(4, 3\)"),
        ("no_probabilities", "no probabilities"),
        ("not_finite", "no probabilities"),
    ],
)
def test_scores_that_do_not_fit_are_refused(name, message, digits):
    model = fit(name, digits.slice(0, 60))
    with pytest.raises(InputError, match=message):
        model.predict_proba(digits.slice(0, 4))


@pytest.mark.parametrize("path", ["nowhere.at_all:f", "tests.learners.own", "", ":", "tests.learners.own:"])
def test_a_path_that_leads_nowhere_is_refused(path, digits):
    with pytest.raises(InputError, match="no function at"):
        Callable(path)(digits.slice(0, 60), np.ones(60), None, np.random.default_rng(0))


def test_a_path_is_needed_and_replays():
    spec = Spec("learners", "callable", {"function": "tests.learners.own:nearest", "takes": "matrix"})
    assert make(spec).function == "tests.learners.own:nearest"
    for args in ({}, {"function": "a:b", "takes": "nothing"}):
        with pytest.raises(InputError, match="callable cannot be made"):
            make(Spec("learners", "callable", args))

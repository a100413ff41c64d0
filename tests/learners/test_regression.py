"""Scores: what ridge regression gives beside scikit-learn's, on columns, texts and with weights."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression

from bimetal.errors import InputError
from bimetal.learners import regression
from bimetal.learners._features import fit_encoder
from bimetal.learners.regression import Regression
from bimetal.metrics.explained import Explained
from tests.learners import made


def fit(rows, weight=None, **args):
    weight = np.ones(rows.num_rows) if weight is None else weight
    return Regression(**args)(rows, weight, None, np.random.default_rng(0))


def test_nearly_all_of_a_linear_rating_is_explained():
    test = made.rated(500, 2)
    got = Explained()(test["label"], fit(made.rated(100, 1)).predict(test)).mean()
    assert got > 0.92  # 1 - 0.25 / variance of the rating, about 5.75, is the most there is; the mean explains 0


def test_texts_are_scored():
    rng = np.random.default_rng(0)
    good = rng.integers(0, 4, 300)
    texts = [" ".join(["good"] * k + ["bad"] * (3 - k) + [f"w{rng.integers(50)}"]) for k in good]
    rows = pa.table({"text": texts, "label": good.astype(float)})
    test = rows.slice(200)
    assert Explained()(test["label"], fit(rows.slice(0, 200)).predict(test)).mean() > 0.8


def test_a_small_penalty_gives_least_squares():
    rows = made.rated(60, 1)
    weight = np.random.default_rng(1).uniform(0.1, 2, 60)
    x, y = fit_encoder(rows)(rows), rows["label"].to_numpy()
    expected = LinearRegression().fit(x, y, sample_weight=weight).predict(x)
    got = fit(rows, weight, penalty=1e-9).predict(rows).values.to_numpy()
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_many_rows_choose_the_penalty_on_a_sample(monkeypatch):
    monkeypatch.setattr(regression, "CHOOSING_ROWS", 50)
    rows = made.rated(200, 1)
    first, second = (fit(rows).predict(rows).values.to_pylist() for _ in range(2))
    assert first == second
    np.testing.assert_allclose(first, fit(rows, penalty=1.0).predict(rows).values.to_numpy(), atol=0.5)


def test_whole_numbers_are_scores_too():
    rows = pa.table({"x": [0.0, 1.0, 2.0, 3.0], "label": [1, 2, 3, 4]})
    assert fit(rows).predict(rows).values.type == pa.float64()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1.0, None], "row 'b' has the label None, expected a number"),
        ([1.0, float("nan")], "row 'b' has the label nan"),
        (["1", "2"], "row 'a' has the label '1', expected a number"),
        ([True, False], "row 'a' has the label True"),
        ([2.0, 2.0], r"one score, 2\.0"),
    ],
)
def test_labels_that_are_no_scores_are_named(labels, message):
    with pytest.raises(InputError, match=message):
        fit(pa.table({"id": ["a", "b"], "x": [1.0, 2.0], "label": labels}))

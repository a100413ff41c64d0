import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bimetal.errors import InputError
from bimetal.learners.estimator import Estimator
from bimetal.plugins import make, spec_of


def fit(learner, table, weight=None, seed=0):
    weight = np.ones(table.num_rows) if weight is None else weight
    return learner(table, weight, None, np.random.default_rng(seed))


@pytest.mark.parametrize(
    "estimator",
    [
        SVC(),
        RidgeClassifier(),
        KNeighborsClassifier(),
        NearestCentroid(),
        RandomForestClassifier(20),
        make_pipeline(StandardScaler(), SVC()),
    ],
)
def test_any_classifier_gives_probabilities(shoppers, estimator):
    model = fit(Estimator(estimator), shoppers)
    scores = model.predict_proba(shoppers)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    best = np.array(model.classes)[scores.argmax(axis=1)]
    assert (best == np.array(shoppers["label"].to_pylist())).mean() > 0.7


def test_an_instance_is_cloned_and_cannot_be_written_down(shoppers):
    svm = SVC(C=3)
    fit(Estimator(svm), shoppers)
    assert not hasattr(svm, "classes_")
    with pytest.raises(InputError, match="holds SVC, which cannot be written down"):
        spec_of(Estimator(svm))


def test_an_import_path_replays(shoppers):
    learner = Estimator("sklearn.svm:SVC", {"C": 3.0, "kernel": "linear"})
    again = make(spec_of(learner))
    np.testing.assert_array_equal(
        fit(again, shoppers).predict_proba(shoppers),
        fit(Estimator(SVC(C=3, kernel="linear")), shoppers).predict_proba(shoppers),
    )


def test_random_state_comes_from_the_generator(shoppers):
    forest = Estimator(make_pipeline(StandardScaler(), RandomForestClassifier(5)))
    first, same, other = (fit(forest, shoppers, seed=seed).predict_proba(shoppers) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


@pytest.mark.parametrize("estimator", [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())])
def test_weights_reach_the_classifier(shoppers, estimator):
    equal, unequal = (
        fit(Estimator(estimator), shoppers, weight).predict_proba(shoppers)
        for weight in (np.ones(120), np.linspace(0.01, 3, 120))
    )
    assert not np.allclose(equal, unequal)


def test_a_classifier_without_weights_says_so(shoppers):
    for estimator in (KNeighborsClassifier(), make_pipeline(StandardScaler(), KNeighborsClassifier())):
        with pytest.raises(InputError, match="takes no sample weights"):
            fit(Estimator(estimator), shoppers, np.linspace(1, 2, 120))
        fit(Estimator(estimator), shoppers, np.full(120, 0.5))


@pytest.mark.parametrize(
    ("path", "params", "message"),
    [
        ("sklearn.svm:Nothing", {}, "no estimator at 'sklearn.svm:Nothing'"),
        ("sklearn.svm", {}, "no estimator at 'sklearn.svm'"),
        ("no_such_module:SVC", {}, "no estimator at"),
        ("math:sqrt", {}, "not a scikit-learn classifier"),
        ("sklearn.svm:SVC", {"c": 1}, "cannot be made with"),
        ("sklearn.svm:SVC", {"C": -1}, "SVC cannot be fitted"),
        (7, {}, "the estimator is 7"),
        (SVC, {}, "the estimator is <class"),
    ],
)
def test_what_is_no_classifier_is_refused(shoppers, path, params, message):
    with pytest.raises(InputError, match=message):
        fit(Estimator(path, params), shoppers)

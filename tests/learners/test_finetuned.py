import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression, Perceptron, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from bimetal.errors import InputError
from bimetal.learners.estimator import Estimator
from bimetal.learners.finetuned import Finetuned
from bimetal.learners.linear import Linear
from bimetal.learners.self_trained import SelfTrained
from bimetal.learners.shifted import Shifted
from bimetal.pilot.cells import suits
from bimetal.plugins import Spec, make

NETWORK = Estimator(
    "sklearn.neural_network:MLPClassifier", {"hidden_layer_sizes": [16], "tol": 0.01, "n_iter_no_change": 2}
)
STEPS = Estimator("sklearn.linear_model:SGDClassifier", {"loss": "log_loss"})
BASES = pytest.mark.parametrize("base", [NETWORK, STEPS], ids=["network", "steps"])


def table(x, codes, origin):
    labels = np.array(["a", "b", "c"])[codes]
    return pa.table({"x": x[:, 0], "y": x[:, 1], "label": labels, "item_origin": [origin] * len(x)})


def rows(n, seed, origin="real", turn=0.0):
    """Three corners of a triangle, turned: what is synthetic is turned from what is real."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 3
    angle = 2 * np.pi * codes / 3 + turn
    return table(np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.35, (n, 2)), codes, origin)


def fit(learner, train, weight=None, unlabelled=None, seed=0):
    weight = np.ones(train.num_rows) if weight is None else weight
    return learner(train, weight, unlabelled, np.random.default_rng(seed))


def accuracy(model, test):
    best = np.array(model.classes)[model.predict_proba(test).argmax(axis=1)]
    return (best == np.array(test["label"].to_pylist())).mean()


@BASES
def test_people_correct_what_synthetic_rows_taught(base):
    made, people, test = rows(600, 1, "synthetic", turn=0.7), rows(30, 2), rows(900, 3)
    tuned = fit(Finetuned(base), pa.concat_tables([made, people]))
    assert accuracy(tuned, test) > accuracy(fit(base, made), test) + 0.03


@BASES
def test_without_replay_it_forgets(base):
    two = rows(30, 2).filter(pa.array(np.arange(30) % 3 != 2))  # people have seen no c
    both = pa.concat_tables([rows(600, 1, "synthetic"), two])
    of_c = rows(900, 3).filter(pa.array(np.arange(900) % 3 == 2))
    kept, forgot = (fit(Finetuned(base, each), both).predict_proba(of_c)[:, 2].mean() for each in (0.3, 0.0))
    assert kept > forgot + 0.05


@BASES
def test_classes_that_only_people_know_are_learned(base):
    made = rows(600, 1, "synthetic").filter(pa.array(np.arange(600) % 3 != 2))
    model = fit(Finetuned(base), pa.concat_tables([made, rows(60, 2)]))
    assert model.classes == ("a", "b", "c")
    assert accuracy(model, rows(900, 3)) > 0.8


@pytest.mark.parametrize("origin", ["real", "synthetic", None])
def test_where_rows_are_of_one_origin_it_is_the_base(origin):
    train = rows(60, 1, origin) if origin else rows(60, 1).drop_columns("item_origin")
    np.testing.assert_array_equal(
        fit(Finetuned(STEPS), train).predict_proba(train), fit(STEPS, train).predict_proba(train)
    )


def test_what_one_origin_weighs_beside_the_other_is_replays_to_say():
    made, people = rows(90, 1, "synthetic"), rows(30, 2)
    both = pa.concat_tables([made, people])
    plain, scaled = (fit(Finetuned(STEPS), both, np.repeat([each, 1.0], [90, 30])) for each in (1.0, 0.02))
    np.testing.assert_allclose(plain.predict_proba(people), scaled.predict_proba(people))


def test_rows_that_weigh_nothing_teach_nothing():
    made, people, wrong = rows(300, 1, "synthetic"), rows(30, 2), rows(90, 4, turn=2.1)
    both = pa.concat_tables([made, people, wrong])
    model = fit(Finetuned(STEPS), both, np.repeat([1.0, 1.0, 0.0], [300, 30, 90]))
    assert accuracy(model, rows(900, 3)) > 0.85


class Heard:
    """A base that notes the origins and weights it was handed."""

    def __init__(self):
        self.fits, self.went_on = [], []

    def __call__(self, train, weight, unlabelled, rng):
        self.fits.append((train["item_origin"].to_pylist(), weight))
        return STEPS(train, weight, unlabelled, rng)

    def continued(self, model, train, weight, unlabelled, rng):
        self.went_on.append((train["item_origin"].to_pylist(), weight))
        return STEPS.continued(model, train, weight, unlabelled, rng)


def test_synthetic_rows_keep_their_share_within_self_training():
    base = Heard()
    made, people, pool = rows(90, 1, "synthetic"), rows(30, 2), rows(300, 5).drop_columns(["label", "item_origin"])
    fit(SelfTrained(Finetuned(base, replay=0.25), rounds=2), pa.concat_tables([made, people]), None, pool)
    assert len(base.fits) == len(base.went_on) == 3
    for (origins, first), (_, then) in zip(base.fits, base.went_on, strict=True):
        synthetic = np.array(origins) == "synthetic"
        assert synthetic.sum() == 90
        assert set(origins) == {"synthetic", "real"}
        assert not first[~synthetic].any()
        assert then[synthetic].sum() / then.sum() == pytest.approx(0.25)
    assert len(base.went_on[-1][0]) > 120 + 200


def test_shifted_pictures_keep_their_origin(digits):
    train, pool, test = digits.slice(0, 60), digits.slice(60, 60).select(["image"]), digits.slice(120)
    origin = pa.array(["synthetic"] * 30 + ["real"] * 30)
    both = train.set_column(train.column_names.index("item_origin"), "item_origin", origin)
    base = Heard()
    assert accuracy(fit(SelfTrained(Shifted(Finetuned(base)), rounds=1), both, None, pool), test) > 0.75
    assert [origins.count("synthetic") for origins, _ in base.went_on] == [150, 150]


def test_the_same_generator_gives_the_same_model_and_the_first_stays_as_it_is():
    made, people = rows(90, 1, "synthetic"), rows(30, 2)
    model = fit(NETWORK, made)
    before = model.predict_proba(people)
    first, second = (
        NETWORK.continued(model, people, np.ones(30), None, np.random.default_rng(4)).predict_proba(people)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(model.predict_proba(people), before)
    assert (first != before).any()


@pytest.mark.parametrize(
    ("estimator", "goes_on"),
    [
        (SGDClassifier(), True),
        (MLPClassifier(tol=0.01, n_iter_no_change=2), True),
        (Perceptron(), True),
        (SGDClassifier(early_stopping=True), False),
        (SGDClassifier(class_weight="balanced"), False),
        (MLPClassifier(solver="lbfgs"), False),
        (GaussianNB(), False),  # it would count the same rows thirty times
        (LogisticRegression(warm_start=True), False),  # it would forget all it knew
        (SVC(), False),
    ],
)
def test_only_classifiers_trained_by_passes_go_on(estimator, goes_on):
    assert hasattr(Estimator(estimator), "continued") == goes_on
    assert suits("finetuned", Estimator(estimator), rows(3, 1)) == goes_on
    if goes_on:
        model = fit(Estimator(estimator), rows(90, 1))
        again = Estimator(estimator).continued(model, rows(30, 2), np.ones(30), None, np.random.default_rng(0))
        assert accuracy(again, rows(900, 3)) > 0.7


def test_what_cannot_go_on_is_refused():
    both = pa.concat_tables([rows(30, 1, "synthetic"), rows(30, 2)])
    with pytest.raises(InputError, match="cannot go on training a fitted model"):
        fit(Finetuned(Linear()), both)
    with pytest.raises(InputError, match="the model to go on from is"):
        STEPS.continued(fit(Linear(), both), both, np.ones(60), None, np.random.default_rng(0))
    unknown = both.set_column(2, "label", pa.array(["d", *both["label"].to_pylist()[1:]]))
    with pytest.raises(InputError, match="the model knows no class 'd'"):
        STEPS.continued(fit(STEPS, both), unknown, np.ones(60), None, np.random.default_rng(0))
    with pytest.raises(InputError, match="expected a share"):
        make(Spec("learners", "finetuned", {"replay": 1.0}))

import importlib.util

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError, MissingExtra
from bimetal.learners._features import prepare
from bimetal.learners.convnet import Convnet, drawn, strides
from bimetal.learners.finetuned import Finetuned
from bimetal.learners.linear import Linear
from bimetal.plugins import Spec, listing, make

HERE = importlib.util.find_spec("jax") is not None
with_jax = pytest.mark.skipif(not HERE, reason="the jax extra is not installed")
QUICK = {"steps": 100}


def fit(learner, train, weight=None, seed=0):
    return learner(train, np.ones(train.num_rows) if weight is None else weight, None, np.random.default_rng(seed))


def accuracy(model, test):
    best = np.array(model.classes)[model.predict_proba(test).argmax(axis=1)]
    return (best == np.array(test["label"].to_pylist())).mean()


def noise(side, rows=12):
    pictures = np.random.default_rng(0).integers(0, 256, (rows, side, side), dtype=np.uint8)
    return pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(pictures), "label": ["a", "b"] * (rows // 2)})


@pytest.mark.skipif(HERE, reason="the jax extra is installed")
def test_without_the_extra_it_says_what_to_install():
    with pytest.raises(MissingExtra, match="convnet needs jax") as fault:
        make(Spec("learners", "convnet"))
    assert "bimetal[jax]" in fault.value.hint


def test_the_list_says_what_it_needs():
    entry = next(each for each in listing("learners") if each.name == "convnet")
    assert entry.needs == ("jax",)
    assert entry.available == HERE


@pytest.mark.parametrize("shape", [(8, 8), (12, 20), (28, 28), (33, 64), (64, 64)])
def test_every_size_ends_near_four_pixels(shape):
    halvings = strides(shape).count(2)
    assert len(strides(shape)) >= 3
    assert 3 <= -(-min(shape) // 2**halvings) <= 6
    ends = [-(-side // 2**halvings) for side in shape]
    (into, classes) = drawn(shape, 4, np.random.default_rng(0))[-1][0].shape
    assert classes == 4
    assert into == np.prod(ends) * 64


@with_jax
def test_it_learns_digits_and_the_generator_decides(digits):
    train, rest = digits.slice(0, 100), digits.slice(100)
    first, same, other = (fit(Convnet(**QUICK), train, seed=seed) for seed in (0, 0, 1))
    assert accuracy(first, rest) > 0.8
    np.testing.assert_array_equal(first.predict_proba(rest), same.predict_proba(rest))
    assert (first.predict_proba(rest) != other.predict_proba(rest)).any()


@with_jax
def test_rows_of_no_weight_teach_nothing(digits):
    train, rest = digits.slice(0, 80), digits.slice(80)
    labels = [str((int(each) + 1) % 3) for each in train["label"].to_pylist()]
    both = pa.concat_tables([train, train.set_column(train.column_names.index("label"), "label", pa.array(labels))])
    assert accuracy(fit(Convnet(**QUICK), both, np.repeat([1.0, 0.0], 80)), rest) > 0.9


@with_jax
@pytest.mark.parametrize("side", [1, 8, 13, 64])
def test_scores_are_probabilities_at_any_size(side):
    rows = noise(side)
    scores = fit(Convnet(steps=2), rows).predict_proba(rows)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert np.isfinite(scores).all()


@with_jax
def test_blank_pictures_give_scores():
    blank = pa.table(
        {"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((4, 8, 8), np.uint8)), "label": list("abab")}
    )
    np.testing.assert_allclose(fit(Convnet(steps=5), blank).predict_proba(blank).sum(axis=1), 1)


@with_jax
def test_it_goes_on_from_a_fitted_network(digits):
    train, rest = digits.slice(0, 100), digits.slice(100)
    short, learner = fit(Convnet(steps=3), train), Convnet(**QUICK)
    before = short.predict_proba(rest)
    longer = learner.continued(short, train, np.ones(100), None, np.random.default_rng(1))
    assert accuracy(longer, rest) > max(0.8, accuracy(short, rest))
    np.testing.assert_array_equal(short.predict_proba(rest), before)
    with pytest.raises(InputError, match="the model to go on from is Fitted"):
        learner.continued(fit(Linear(), train), train, np.ones(100), None, np.random.default_rng(1))


@with_jax
def test_it_can_be_fine_tuned(digits):
    train, rest = prepare(digits.slice(0, 100)), prepare(digits.slice(100))
    origin = pa.array(["synthetic"] * 80 + ["real"] * 20)
    both = train.set_column(train.column_names.index("item_origin"), "item_origin", origin)
    assert accuracy(fit(Finetuned(Convnet(**QUICK)), both), rest) > 0.8


@with_jax
def test_what_is_no_image_is_refused(shoppers):
    with pytest.raises(InputError, match="the network is of images, the payload is age"):
        fit(Convnet(), shoppers)


@with_jax
@pytest.mark.parametrize("args", [{"steps": 0}, {"rate": 0.0}, {"shift": 0.5}])
def test_arguments_out_of_range_are_refused(args):
    with pytest.raises(InputError, match="convnet cannot be made"):
        make(Spec("learners", "convnet", args))

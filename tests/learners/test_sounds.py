"""Sounds: every classifier that takes a matrix takes sounds, and decoding once changes nothing."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.learners.boosted import Boosted
from bimetal.learners.linear import Linear
from bimetal.learners.self_trained import SelfTrained
from tests.learners import made


@pytest.fixture(scope="module")
def train():
    return made.chirps(90, 1)


@pytest.fixture(scope="module")
def test_rows():
    return Linear().prepare(made.chirps(200, 2))


def accuracy(model, rows):
    best = np.array(model.classes)[model.predict_proba(rows).argmax(axis=1)]
    return (best == np.array(rows["label"].to_pylist())).mean()


@pytest.mark.parametrize("learner", [Linear(), Boosted(), SelfTrained()], ids=["linear", "boosted", "self_trained"])
def test_rising_and_falling_tones_are_told_apart(learner, train, test_rows):
    model = learner(train, np.ones(90), test_rows.drop_columns("label").slice(0, 50), np.random.default_rng(0))
    assert accuracy(model, test_rows) > 0.85  # a guess is right one time in three


def test_decoding_once_changes_nothing(train):
    ready = Linear().prepare(train)
    assert isinstance(ready["audio"].type, pa.FixedShapeTensorType)
    assert Linear().prepare(ready).equals(ready)
    first, second = (
        Linear()(each, np.ones(90), None, np.random.default_rng(0)).predict_proba(each) for each in (train, ready)
    )
    np.testing.assert_array_equal(first, second)


def test_a_broken_sound_is_named(train):
    spoiled = train.slice(0, 3).set_column(1, "audio", pa.array([b"no", *train["audio"].to_pylist()[1:3]]))
    with pytest.raises(InputError, match="row 'c0' holds a broken sound"):
        Linear()(spoiled, np.ones(3), None, np.random.default_rng(0))

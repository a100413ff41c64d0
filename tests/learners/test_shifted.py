from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.learners.estimator import Estimator
from bimetal.learners.linear import Linear
from bimetal.learners.patches import Patches
from bimetal.learners.self_trained import SelfTrained
from bimetal.learners.shifted import Shifted, shift
from bimetal.payload import pixels


@dataclass(frozen=True)
class Recording:
    """Keep what a learner was given, and fit a linear one."""

    seen: list = field(default_factory=list)

    def __call__(self, train, weight, unlabelled, rng):
        self.seen.append((train, weight))
        return Linear()(train, weight, unlabelled, rng)


@pytest.mark.parametrize("neighbours", [4, 8])
def test_every_row_keeps_its_weight_and_gains_its_neighbours(digits, neighbours):
    base, train = Recording(), digits.slice(0, 30)
    weight = np.linspace(0.5, 2, 30)
    Shifted(base, neighbours=neighbours)(train, weight, None, np.random.default_rng(0))
    rows, weights = base.seen[0]
    assert rows.num_rows == 30 * (neighbours + 1)
    np.testing.assert_allclose(weights.reshape(-1, 30).sum(axis=0), weight)
    assert rows["label"].to_pylist() == train["label"].to_pylist() * (neighbours + 1)
    np.testing.assert_array_equal(pixels(rows)[:30], pixels(train))
    moved = pixels(rows).reshape(-1, 30, 8, 8)
    np.testing.assert_array_equal(moved[1][:, :, 1:], pixels(train)[:, :, :-1])


def test_zeros_move_in():
    whole = np.ones((1, 3, 3), np.uint8)
    assert shift(whole, 1, -1)[0].tolist() == [[0, 0, 0], [1, 1, 0], [1, 1, 0]]
    assert shift(shift(whole, 2, 0), -2, 0)[0].tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]


def test_only_images_can_be_shifted(cards, shoppers):
    for table in (cards, shoppers):
        with pytest.raises(InputError, match="only images can be shifted"):
            Shifted(Linear())(table, np.ones(table.num_rows), None, np.random.default_rng(0))


def test_a_shift_beyond_the_image_is_refused(digits):
    with pytest.raises(InputError, match="leaves nothing"):
        Shifted(Linear(), pixels=8)(digits, np.ones(200), None, np.random.default_rng(0))


def test_views_computed_once_train_the_same_model(digits):
    learner = Shifted(Patches(centroids=30))
    represent = learner.represent(digits, None, np.random.default_rng(1))
    once = represent(digits.slice(0, 50))
    model = learner(once, np.ones(50), None, np.random.default_rng(2))
    moved = pa.concat_tables([represent(each) for each in learner._moved(digits.slice(0, 50))])
    flat = learner.base(moved, np.full(250, 0.2), None, np.random.default_rng(2))
    np.testing.assert_allclose(model.predict_proba(represent(digits)), flat.predict_proba(represent(digits)), atol=1e-4)


@pytest.mark.parametrize(
    "learner",
    [
        Shifted(SelfTrained(Estimator())),
        SelfTrained(Shifted(Estimator())),
        Shifted(SelfTrained(Patches(30))),
        SelfTrained(Shifted(Patches(30))),
    ],
)
def test_shifts_and_self_training_combine_either_way(digits, learner):
    model = learner(digits.slice(0, 30), np.ones(30), digits.slice(30).drop_columns("label"), np.random.default_rng(0))
    best = np.array(model.classes)[model.predict_proba(digits).argmax(axis=1)]
    assert (best == np.array(digits["label"].to_pylist())).mean() > 0.8

"""The learners for texts and plain columns on what they are for."""

import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.learners.boosted import Boosted
from bimetal.learners.linear import Linear
from bimetal.learners.patches import Patches


@pytest.mark.parametrize("learner", [Linear(), Boosted(leaf=1)])
def test_texts_are_told_apart(cards, learner):
    model = learner(cards, np.ones(12), None, np.random.default_rng(0))
    best = np.array(model.classes)[model.predict_proba(cards).argmax(axis=1)]
    assert best.tolist() == cards["label"].to_pylist()


@pytest.mark.parametrize("learner", [Linear(), Boosted()])
def test_columns_with_gaps_and_unseen_towns_are_scored(shoppers, learner):
    model = learner(shoppers.slice(0, 80), np.ones(80), None, np.random.default_rng(0))
    rest = shoppers.slice(80).set_column(3, "town", [["Lima"] * 40])
    best = np.array(model.classes)[model.predict_proba(rest).argmax(axis=1)]
    assert (best == np.array(rest["label"].to_pylist())).mean() > 0.8


def test_patches_are_of_images(cards):
    with pytest.raises(InputError, match="patches are of images"):
        Patches()(cards, np.ones(12), None, np.random.default_rng(0))


def test_a_patch_larger_than_the_image_is_refused(digits):
    with pytest.raises(InputError, match="do not fit"):
        Patches(patch=9)(digits, np.ones(200), None, np.random.default_rng(0))


@pytest.mark.parametrize("shape", [(28, 28), (32, 20), (5, 40)])
def test_patches_work_at_other_sizes(shape):
    import pyarrow as pa

    rng = np.random.default_rng(0)
    bright = np.zeros((40, *shape), np.uint8)
    bright[:20, : shape[0] // 2] = 200
    bright[20:, shape[0] // 2 :] = 200
    noisy = (bright + rng.integers(0, 50, bright.shape)).astype(np.uint8)
    table = pa.table(
        {"image": pa.FixedShapeTensorArray.from_numpy_ndarray(noisy), "label": ["up"] * 20 + ["down"] * 20}
    )
    model = Patches(centroids=20)(table.take(np.arange(0, 40, 2)), np.ones(20), None, rng)
    best = np.array(model.classes)[model.predict_proba(table).argmax(axis=1)]
    assert best.tolist() == table["label"].to_pylist()

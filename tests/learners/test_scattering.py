import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.learners._features import FEATURES, vectors
from bimetal.learners._wavelets import scattered
from bimetal.learners.scattering import Scattering, gaussian


def test_a_constant_picture_has_no_waves():
    found = scattered(np.ones((1, 64, 64), np.float32), 2, 8).reshape(81, 17, 17)[:, 4:13, 4:13]
    np.testing.assert_allclose(found[0], 1, atol=1e-5)
    assert np.abs(found[1:]).max() < 1e-4


def test_there_are_as_many_paths_as_the_paper_counts():
    for octaves, orientations in ((2, 8), (3, 6), (1, 4)):
        windows = (-(-(28 + 2**octaves) // 2**octaves)) ** 2
        paths = 1 + octaves * orientations + octaves * (octaves - 1) // 2 * orientations**2
        assert scattered(np.zeros((2, 28, 28), np.float32), octaves, orientations).shape == (2, paths * windows)


def test_a_quarter_turn_of_the_picture_turns_the_orientations():
    picture = np.zeros((1, 32, 32), np.float32)
    picture[0, 6:26, 15:17] = 1
    energy, turned = (
        scattered(each, 1, 8).reshape(9, -1).sum(axis=1)[1:] for each in (picture, picture.swapaxes(1, 2).copy())
    )
    assert energy.max() > 2 * energy.min()
    assert energy.argmax() == 0  # waves run across an upright stroke
    assert turned.argmax() == 4
    np.testing.assert_allclose(turned, np.roll(energy[::-1], 5), rtol=0.02)


def test_a_small_shift_moves_coefficients_less_than_pixels():
    rng = np.random.default_rng(0)
    picture = np.pad(rng.random((1, 12, 12)), ((0, 0), (8, 8), (8, 8))).astype(np.float32)
    moved = np.roll(picture, 1, axis=2)
    far = [np.linalg.norm(b - a) / np.linalg.norm(a) for a, b in ((picture, moved), _both(picture, moved))]
    assert far[1] < 0.5 * far[0]


def _both(picture, moved):
    return scattered(picture, 2, 8), scattered(moved, 2, 8)


def test_the_kernel_is_the_gaussian_of_scipy():
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(7, 3)).astype(np.float32), rng.normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(gaussian(a, b), np.exp(-0.5 * cdist(a, b, "sqeuclidean")), atol=1e-5)


def test_vectors_have_mean_squared_length_one_and_train_the_same_model(digits):
    learner = Scattering()
    represent = learner.represent(digits, None, np.random.default_rng(1))
    rows = represent(digits)
    assert rows.column_names.count(FEATURES) == 1
    seen = vectors(rows)[:, 0]
    np.testing.assert_allclose((seen**2).sum(axis=1).mean(), 1, atol=0.02)
    assert represent(rows) is rows
    model = learner(rows.slice(0, 50), np.ones(50), None, np.random.default_rng(2))
    best = np.array(model.classes)[model.predict_proba(rows).argmax(axis=1)]
    assert (best == np.array(rows["label"].to_pylist())).mean() > 0.9


def test_only_images_scatter(cards):
    with pytest.raises(InputError, match="scattering is of images"):
        Scattering()(cards, np.ones(cards.num_rows), None, np.random.default_rng(0))


@pytest.mark.parametrize(
    "wrong", [{"axes": 0}, {"penalty": 0.0}, {"octaves": -1}, {"landmarks": 0}, {"whitening": 2.0}]
)
def test_settings_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        Scattering(**wrong)


def test_blank_pictures_can_be_represented():
    blank = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((4, 8, 8), np.uint8))})
    represent = Scattering().represent(blank, None, np.random.default_rng(0))
    assert np.isfinite(vectors(represent(blank))).all()

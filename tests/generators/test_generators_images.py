"""Pictures drawn from pictures: shapes and classes kept, changes within what was asked, bad seeds refused in a sentence."""

import io
import struct
import zlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits

from bimetal.errors import InputError
from bimetal.generators._pictures import Pictures
from bimetal.generators.augmented_image import AugmentedImage
from bimetal.generators.image_mixture import ImageMixture

GENERATORS = [ImageMixture(), AugmentedImage()]


def png(levels):
    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, "PNG")
    return stream.getvalue()


def seeds(levels, labels):
    return pa.table({"image": pa.array(map(png, levels), pa.binary()), "label": labels})


def claims_to_be(side):
    """A small picture whose head says that it is a huge one."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    whole = png(np.zeros((1, 1), np.uint8))
    return whole[:12] + head + struct.pack(">I", zlib.crc32(head)) + whole[33:]


def digits(n=400):
    bunch = load_digits()
    return seeds(np.rint(bunch.images[:n] * 255 / 16).astype(np.uint8), list(map(str, bunch.target[:n])))


def drawn(generator, seed_rows, n=64, rng=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng), seed_rows))


def levels(rows):
    return np.stack([np.asarray(Image.open(io.BytesIO(each))) for each in rows["image"].to_pylist()])


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("shape", [(9, 7), (6, 6, 3)])
def test_shape_and_colour_are_those_of_the_seeds(generator, shape):
    pictures = np.random.default_rng(0).integers(0, 256, (30, *shape)).astype(np.uint8)
    rows = drawn(generator, seeds(pictures, ["a", "b", "c"] * 10), n=5)
    assert levels(rows).shape == (5, *shape)


def test_a_mixture_has_the_mean_and_spread_of_its_class():
    seed = digits(1797)
    rows = drawn(ImageMixture(), seed, n=4000)
    for label in ("0", "7"):
        ours, theirs = (
            levels(each.filter(pa.array([one == label for one in each["label"].to_pylist()]))).astype(float)
            for each in (rows, seed)
        )
        assert (
            np.abs(ours.mean(axis=0) - theirs.mean(axis=0)).max() < 16
        )  # of 255; what is cut off at 0 and 255 moves it
        assert abs(ours.std() - theirs.std()) < 8


def test_nothing_asked_is_nothing_changed():
    still = AugmentedImage(turn=0, move=0, scale=0, shear=0, light=0, noise=0, blur=0)
    seed = digits(50)
    rows = drawn(still, seed.append_column("id", pa.array([str(k) for k in range(50)])), n=30)
    for row in rows.to_pylist():
        assert levels(pa.table({"image": [row["image"], seed["image"][int(row["of"])].as_py()]})).std(axis=0).max() == 0


def test_a_move_moves_by_the_share_asked():
    spot = np.zeros((1, 40, 40), np.uint8)
    spot[0, 20, 20] = 255
    only = AugmentedImage(turn=0, move=0.25, scale=0, shear=0, light=0, noise=0, blur=0)
    seen = levels(drawn(only, seeds(spot, ["x"]), n=200)).astype(float)
    middle = [
        (each * np.arange(40)[axis]).sum() / each.sum() for each in seen for axis in (np.s_[:, None], np.s_[None, :])
    ]
    assert 8 < np.abs(np.array(middle) - 20).max() <= 10.01


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (pa.table({"image": [b"nonsense"], "label": ["a"]}), "row 0 holds no picture; remove"),
        (pa.table({"image": [png(np.zeros((9, 9), np.uint8))[:44]], "label": ["a"]}), "holds a broken picture"),
        (pa.table({"image": [claims_to_be(30_000)], "label": ["a"]}), "holds a broken picture: Image size"),
        (pa.table({"image": pa.array([None], pa.binary()), "label": ["a"]}), "holds no picture"),
        (pa.table({"x": [1.0], "label": ["a"]}), "expected `image` and `label`"),
        (pa.table({"image": [b""], "label": pa.array([None], pa.string())}), "no labelled rows"),
        (
            pa.table(
                {"image": [png(np.zeros((4, 4), np.uint8)), png(np.zeros((5, 4), np.uint8))], "label": ["a", "a"]}
            ),
            "differ in size",
        ),
    ],
)
def test_seeds_that_cannot_be_learned_from_are_refused(generator, rows, sentence):
    with pytest.raises(InputError, match=sentence):
        drawn(generator, rows)


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda each: type(each).__name__)
def test_one_picture_is_enough(generator):
    assert drawn(generator, digits(1), n=3).num_rows == 3


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 12), st.integers(1, 4))
def test_every_class_is_drawn_in_the_seeds_shares(rows, classes):
    pictures = np.random.default_rng(rows).integers(0, 256, (rows * classes, 4, 4)).astype(np.uint8)
    labels = [f"c{k % classes}" for k in range(rows * classes)]
    seen = drawn(AugmentedImage(), seeds(pictures, labels), n=200)["label"].to_pylist()
    assert all(abs(seen.count(each) / 200 - 1 / classes) < 0.18 for each in set(labels))


def test_colour_beside_grey_becomes_colour():
    mixed = pa.table(
        {"image": [png(np.zeros((4, 4), np.uint8)), png(np.full((4, 4, 3), 9, np.uint8))], "label": ["a", "b"]}
    )
    assert Pictures.of(mixed).levels.shape == (2, 4, 4, 3)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: AugmentedImage(turn=200), "turn is 200, expected a number from 0 to 180"),
        (lambda: AugmentedImage(noise="much"), "noise is 'much'"),
        (lambda: ImageMixture(parts=0), "parts is 0, expected 1 or more"),
    ],
)
def test_settings_out_of_range_are_refused(make, sentence):
    with pytest.raises(InputError, match=sentence):
        make()


def test_one_picture_repeated_is_drawn_without_a_warning():
    same = seeds(np.full((60, 4, 4), 7, np.uint8), ["a", "b"] * 30)
    assert levels(drawn(ImageMixture(), same, n=9)).max() == 7


def test_sixteen_bits_a_pixel_are_rounded_not_clipped():
    deep = pa.table({"image": [png(np.full((4, 4), 257 * 100, np.uint16))], "label": ["a"]})
    assert set(Pictures.of(deep).levels.ravel().tolist()) == {100}


def test_large_pictures_are_refused_by_a_mixture():
    with pytest.raises(InputError, match="the images are 100 x 100 pixels"):
        drawn(ImageMixture(), seeds(np.zeros((2, 100, 100), np.uint8), ["a", "b"]))

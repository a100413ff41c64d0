"""Corrupted pictures: size, colour and label stay, damage grows with severity, any size is taken."""

import io
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.errors import InputError
from bimetal.generators._pictures import decoded, png
from bimetal.generators._redteam.corruptions import CORRUPTIONS, corrupted
from bimetal.generators.corrupted_image import CorruptedImage
from bimetal.types import Target

SHAPES = [(8, 8), (1, 1), (5, 64), (28, 28), (64, 48, 3), (8, 8, 3)]


def smooth(shape, seed=0):
    """Draw a picture of soft waves, none of them too dark or light to be changed."""
    rng = np.random.default_rng(seed)
    down, across = np.indices(shape[:2]) / max(shape[:2]) * 2 * np.pi
    waves = sum(np.sin(a * down + b * across + c) for a, b, c in rng.uniform(1, 6, (6, 3)))
    grey = 120 + 70 * waves / (abs(waves).max() + 1e-9)
    return np.rint(grey if len(shape) == 2 else np.stack([grey, grey[::-1], 0.8 * grey], axis=2)).astype(np.uint8)


def seed_rows(*pictures):
    labels = [str(at) for at in range(len(pictures))]
    return pa.table({"id": labels, "image": pa.array([png(each) for each in pictures], pa.binary()), "label": labels})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("way", CORRUPTIONS)
def test_shape_stays_whatever_it_is(way, shape):
    for severity in (1, 5):
        found = corrupted(smooth(shape), way, severity, np.random.default_rng(1))
        assert found.shape == shape
        assert found.dtype == np.uint8


@pytest.mark.parametrize("side", [8, 28, 96])
@pytest.mark.parametrize("way", CORRUPTIONS)
def test_damage_grows_with_severity(way, side):
    pictures = [smooth((side, side), seed) for seed in range(30)]
    gaps = [
        np.mean([
            abs(corrupted(each, way, severity, np.random.default_rng(seed)).astype(float) - each).mean()
            for seed, each in enumerate(pictures)
        ])
        for severity in range(1, 6)
    ]  # fmt: skip
    assert gaps[0] > 0.2
    assert gaps[4] > 1.5 * gaps[0]
    assert all(later > 0.97 * sooner for sooner, later in pairwise(gaps))


def test_label_twin_size_and_colour_are_the_seeds():
    pictures = [smooth((8, 8)), smooth((12, 20, 3))]
    rows = pa.Table.from_batches(CorruptedImage()(200, np.random.default_rng(0), seed_rows(*pictures)))
    for row in rows.to_pylist():
        assert row["label"] == row["twin"]
        with Image.open(io.BytesIO(row["image"])) as found:
            assert np.asarray(found).shape == pictures[int(row["twin"])].shape
    assert set(rows["corruption"].to_pylist()) == set(CORRUPTIONS)


def test_severity_is_steered_beside_corruption():
    targets = (Target("severity", "5", 0.8), Target("corruption", "fog", 0.5))
    rows = pa.Table.from_batches(CorruptedImage()(640, np.random.default_rng(0), seed_rows(smooth((8, 8))), targets))
    for target in targets:
        assert abs(rows[target.column].to_pylist().count(target.value) / 640 - target.share) < 0.08


def test_transparent_and_palette_pictures_become_colour_and_deep_ones_grey():
    modes = {"RGBA": (4, 4, 3), "P": (4, 4, 3), "CMYK": (4, 4, 3), "L": (4, 4), "1": (4, 4), "I;16": (4, 4)}
    for mode, shape in modes.items():
        stream = io.BytesIO()
        Image.new(mode, (4, 4)).save(stream, "TIFF")
        assert decoded(pa.table({"image": [stream.getvalue()]}), 0).shape == shape


def test_decoded_tensors_are_taken_as_they_are():
    grey = np.stack([smooth((6, 5)), smooth((6, 5), 1)])
    seed = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(grey), "label": ["a", "b"]})
    assert (decoded(seed, 1) == grey[1]).all()
    assert pa.Table.from_batches(CorruptedImage()(5, np.random.default_rng(0), seed)).num_rows == 5


@pytest.mark.parametrize("broken", [b"", b"no picture", png(smooth((8, 8)))[:40]])
def test_a_broken_picture_is_named(broken):
    seed = pa.table({"id": ["bad one"], "image": pa.array([broken], pa.binary()), "label": ["x"]})
    with pytest.raises(InputError, match=r"row 'bad one' holds (no picture|a broken picture)"):
        list(CorruptedImage()(2, np.random.default_rng(0), seed))


@pytest.mark.parametrize("bad", [{"ways": ("x",)}, {"ways": "fog"}, {"severities": (0,)}, {"severities": ()}])
def test_bad_arguments_are_refused(bad):
    with pytest.raises(InputError):
        CorruptedImage(**bad)

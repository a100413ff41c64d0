"""A diffusion model learns what two plain classes look like, and refuses what it cannot draw."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.errors import InputError

pytest.importorskip("jax")
from bimetal.generators.image_diffusion import ImageDiffusion


def png(levels):
    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, "PNG")
    return stream.getvalue()


def seeds(shape=(8, 8)):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 40, (60, *shape)).astype(np.uint8)
    pictures[::2, :4] += 180
    pictures[1::2, 4:] += 180
    return pa.table({"image": pa.array(map(png, pictures), pa.binary()), "label": ["above", "below"] * 30})


def test_classes_come_out_where_they_belong():
    rows = pa.Table.from_batches(ImageDiffusion(steps=150, width=16)(64, np.random.default_rng(0), seeds()))
    right = 0
    for row in rows.to_pylist():
        levels = np.asarray(Image.open(io.BytesIO(row["image"]))).astype(float)
        right += (levels[:4].mean() > levels[4:].mean()) == (row["label"] == "above")
    assert right > 55


@pytest.mark.parametrize("shape", [(3, 3), (65, 65)])
def test_pictures_too_small_or_large_are_refused(shape):
    with pytest.raises(InputError, match="expected 4 to 64 a side"):
        next(ImageDiffusion(steps=1)(1, np.random.default_rng(0), seeds(shape)))


def test_settings_out_of_range_are_refused():
    for wrong in ({"steps": 0}, {"steps": 2.5}, {"width": 10**18}, {"rate": float("nan")}):
        with pytest.raises(InputError, match="above 0, up to"):
            ImageDiffusion(**wrong)

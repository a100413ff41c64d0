"""Handwritten digits of 8 x 8 pixels: real ones above, drawn from a mixture learned of them below."""

import io

import numpy as np
import pyarrow as pa
from PIL import Image
from sklearn.datasets import load_digits

from bimetal.generators._pictures import png
from bimetal.generators.image_mixture import ImageMixture
from bimetal.report.sheet import contact_sheet


def seeds():
    """Read the UCI optical digits that come with scikit-learn."""
    bunch = load_digits()
    levels = np.rint(bunch.images * 255 / 16).astype(np.uint8)[..., None]
    return pa.table({"image": pa.array(map(png, levels), pa.binary()), "label": list(map(str, bunch.target))})


def beside(generator, rows=40):
    """Put real rows above drawn ones, twenty a line."""
    real = seeds()
    made = pa.Table.from_batches(generator(rows, np.random.default_rng(3), real))
    bands = [real["image"].to_pylist()[:rows], made["image"].to_pylist()]
    return Image.open(io.BytesIO(contact_sheet(bands, across=20, side=40))).convert("L")


def picture():
    """Draw with the settings as they come."""
    return beside(ImageMixture())

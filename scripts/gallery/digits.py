"""Digits of 28 x 28 pixels as people write them, and in type."""

import io

import numpy as np
import pyarrow as pa
from PIL import Image

from bimetal.generators.digits import Digits
from bimetal.report.sheet import contact_sheet


def picture():
    """Draw sixty with the settings as they come."""
    rows = pa.Table.from_batches(Digits()(60, np.random.default_rng(5)))
    return Image.open(io.BytesIO(contact_sheet([rows["image"].to_pylist()], across=20, side=42))).convert("L")

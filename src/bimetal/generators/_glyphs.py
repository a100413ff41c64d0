"""Printed digits as discs along their middle lines, so that type bends, thins and thickens like handwriting."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray

# Upright faces only: slant is drawn. All come with matplotlib: DejaVu (Bitstream Vera licence), STIX (OFL-like STIX
# licence) and Computer Modern (Knuth licence). Each binds copies of the font file; a picture of a glyph is free.
FACES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSerif", "DejaVuSerif-Bold",
    "STIXGeneral", "STIXGeneralBol", "cmr10", "cmb10", "cmss10", "cmtt10",
)  # fmt: skip
_PIXELS = 64


@cache
def glyph(face: str, digit: str, discs: int) -> FloatArray:
    """Return a glyph's middle line as discs, shape (discs, 3): x, y, radius in heights around the glyph's middle.

    >>> glyph("DejaVuSans", "8", 64).shape
    (64, 3)
    """
    from scipy.ndimage import distance_transform_edt, maximum_filter

    ink = _bitmap(face, digit)
    depth = distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1]
    y, x = np.nonzero(ink & (depth > 1) & (depth >= maximum_filter(depth, 3) - 0.35))
    found = np.column_stack([x, y, depth[y, x] - 0.5]).astype(float)
    spread = found[_farthest(found[:, :2], discs)]
    rows, columns = np.nonzero(ink)
    middle = [(columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2, 0]
    scaled: FloatArray = (spread - middle) / (np.ptp(rows) + 1)
    return scaled


def _bitmap(face: str, digit: str) -> BoolArray:
    from importlib.resources import files
    from io import BytesIO

    from PIL import Image, ImageDraw, ImageFont

    file = files("matplotlib").joinpath("mpl-data/fonts/ttf", f"{face}.ttf")
    font = ImageFont.truetype(BytesIO(file.read_bytes()), _PIXELS)
    page = Image.new("L", (2 * _PIXELS, 2 * _PIXELS))
    ImageDraw.Draw(page).text((_PIXELS, _PIXELS), digit, fill=255, font=font, anchor="mm")
    return np.asarray(page) > 127


def _farthest(points: FloatArray, count: int) -> list[int]:
    # A face with fewer middle-line pixels than discs repeats its last ones, which draws the same ink.
    chosen = [0]
    gap = np.full(len(points), np.inf)
    while len(chosen) < count:
        gap = np.minimum(gap, ((points - points[chosen[-1]]) ** 2).sum(1))
        chosen.append(int(gap.argmax()))
    return chosen

"""Printed digits as discs along their middle lines, so that type bends, thins and thickens like handwriting."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray

# Upright faces only, since slant is drawn. All come with matplotlib: DejaVu (Bitstream Vera licence), STIX (STIX font
# licence) and BaKoMa's Computer Modern. These licences bind copies of the font files, and none is copied here; the
# shapes of letters and pictures made with a font are free to use.
FACES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSerif", "DejaVuSerif-Bold",
    "STIXGeneral", "STIXGeneralBol", "cmr10", "cmb10", "cmss10", "cmtt10",
)  # fmt: skip
_PIXELS = 64


@cache
def glyph(face: str, digit: str, discs: int) -> tuple[FloatArray, FloatArray]:
    """Return a glyph's middle line: points (discs, 2) in heights around its middle, and radii (discs,) of mean 1.

    >>> points, radius = glyph("DejaVuSans", "8", 64)
    >>> points.shape, float(radius.mean().round(6))
    ((64, 2), 1.0)
    """
    from scipy.ndimage import distance_transform_edt, maximum_filter

    ink = _bitmap(face, digit)
    depth = distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1]
    y, x = np.nonzero(ink & (depth > 1) & (depth >= maximum_filter(depth, 3) - 0.35))
    found = np.column_stack([x, y]).astype(float)
    chosen = _farthest(found, discs)
    radius = depth[y, x][chosen] - 0.5
    points = found[chosen] - (found.min(0) + found.max(0)) / 2
    return points / np.ptp(found[:, 1]), radius / radius.mean()


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

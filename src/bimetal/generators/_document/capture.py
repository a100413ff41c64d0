"""From paper to file: as it is, through a scanner, or by a phone over a desk; every box goes along."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from bimetal.types import FloatArray

NOTICE = "SPECIMEN: a synthetic document of nobody, made by Bimetal for training and testing"
Captured = tuple["Image", "FloatArray"]


def flat(page: Image, rng: np.random.Generator) -> Captured:  # noqa: ARG001 - as it is
    """Leave the page as it was printed."""
    return page, np.eye(3)


def scan(page: Image, rng: np.random.Generator) -> Captured:
    """Lay it a little askew on the glass: turned up to 1.5 degrees, softened, grey half the time, with grain."""
    width, height = page.size
    angle, grey = np.deg2rad(rng.uniform(-1.5, 1.5)), rng.random() < 0.5
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    there, back = (np.array([[1, 0, s * width / 2], [0, 1, s * height / 2], [0, 0, 1]]) for s in (1, -1))
    move = there @ turn @ back
    seen = _warped(page, move, page.size, (252, 252, 250))
    seen = seen.convert("L").convert("RGB") if grey else seen
    return _grained(seen, rng, (rng.uniform(0.3, 0.8), rng.uniform(2, 5)), rng.uniform(0.9, 1.05)), move


def photo(page: Image, rng: np.random.Generator) -> Captured:
    """Photograph it on a desk: a quadrilateral in the frame, lit from one side, softened, with grain."""
    from PIL import Image

    width, height = page.size
    frame = round(width * 1.15), round(height * 1.15)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    rim = np.array(frame) * 0.065
    seen_at = corners + rim + rng.uniform(-0.6, 0.6, (4, 2)) * rim
    move = homography(corners, seen_at)
    desk = tuple(int(each) for each in rng.uniform(60, 170) * np.array([1.1, 1.0, 0.85]))
    seen = _warped(page, move, frame, (desk[0], desk[1], desk[2]))
    slope, side = rng.uniform(0.1, 0.35), rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: frame[1], : frame[0]].astype(np.float32)
    light = 1 - slope * (0.5 + 0.5 * (np.cos(side) * (x / frame[0] * 2 - 1) + np.sin(side) * (y / frame[1] * 2 - 1)))
    shaded = Image.composite(
        seen, Image.new("RGB", frame), Image.fromarray((light * 255).clip(0, 255).astype(np.uint8))
    )
    return _grained(shaded, rng, (rng.uniform(0.3, 1.1), rng.uniform(2, 7)), rng.uniform(0.85, 1.1)), move


CAPTURES: dict[str, Callable[[Image, np.random.Generator], Captured]] = {"flat": flat, "scan": scan, "photo": photo}


def homography(before: FloatArray, after: FloatArray) -> FloatArray:
    """Solve for the plane-to-plane map, shape (3, 3), that takes four points to four others, shape (4, 2) each.

    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    >>> homography(square, square * 2 + 3).round(6).tolist()
    [[2.0, 0.0, 3.0], [0.0, 2.0, 3.0], [0.0, 0.0, 1.0]]
    """
    rows, known = [], []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        known += [u, v]
    solved: FloatArray = np.append(np.linalg.solve(np.array(rows), np.array(known)), 1.0).reshape(3, 3)
    return solved


def moved(quad: FloatArray, move: FloatArray) -> FloatArray:
    """Take points, shape (n, 2), along."""
    ends = np.column_stack([quad, np.ones(len(quad))]) @ move.T
    taken: FloatArray = ends[:, :2] / ends[:, 2:]
    return taken


def spelled(picture: Image, plain: bool) -> bytes:
    """Write the file: PNG for a flat page, JPEG for what a device saw; both say what they are."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    stream = io.BytesIO()
    if plain:
        said = PngInfo()
        said.add_text("Description", NOTICE)
        few = picture.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)  # a print has few colours
        few.save(stream, "PNG", compress_level=1, pnginfo=said)
    else:
        picture.save(stream, "JPEG", quality=82, comment=NOTICE.encode())
    return stream.getvalue()


def _warped(page: Image, move: FloatArray, size: tuple[int, int], around: tuple[int, int, int]) -> Image:
    from PIL import Image

    back = np.linalg.inv(move)
    data = (back / back[2, 2]).ravel()[:8].tolist()
    smooth = Image.Resampling.BILINEAR
    return page.transform(size, Image.Transform.PERSPECTIVE, data, resample=smooth, fillcolor=around)


def _grained(picture: Image, rng: np.random.Generator, much: tuple[float, float], light: float) -> Image:
    from PIL import Image, ImageFilter

    blur, grain = much
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    noise = rng.standard_normal(soft.shape[:2], dtype=np.float32)[..., None] * np.float32(grain)
    return Image.fromarray(np.clip(soft * np.float32(light) + noise, 0, 255).astype(np.uint8))

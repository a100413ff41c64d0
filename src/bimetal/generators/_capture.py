"""From ink to a small grey picture, the way forms were scanned, boxed and shrunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._hand import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray

BITMAP = 32  # cells a side of the bitmap that boxed pictures count
ROUGH = 0.3  # paper grain at the edge of ink, in cells


def boxed(ink: Ink, size: int, count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fill a square in height, binarise, and count cells in blocks: how the UCI optical digits came to 8x8.

    Returns grey levels of shape (count, size, size) for the first `count` rows. Slant is partly undone and narrow
    digits are partly stretched, as form readers did (Garris et al. 1994, NISTIR 5469; Alpaydin and Kaynak 1998).
    """
    block = max(1, -(-BITMAP // size))
    cells = block * size
    rows = len(ink.radius)
    ink = _righted(ink, rng.uniform(0.3, 1.0, rows))
    low, high = _bounds(ink)
    extent = high - low
    natural = extent[:, 0] / extent[:, 1]
    stretch = rng.uniform(0.2, 0.8, rows)
    wide = np.clip((1 - stretch) * natural + stretch * rng.uniform(0.6, 0.85, rows), 0.1, 0.95)
    cell = np.stack([extent[:, 0] / (wide * cells), extent[:, 1] / cells], axis=1)
    shift = rng.normal(0, 0.02 * cells, (rows, 2)) * [1, 0.3]
    depth = _depth(ink, (low + high) / 2 + shift * cell, cell, cells, count)
    depth += ROUGH * rng.standard_normal((rows, cells, cells), dtype=np.float32)[:count]
    on = (depth > 0).astype(np.float32) if block > 1 else np.clip(0.5 + depth, 0, 1)
    share = on.reshape(count, size, block, size, block).mean(axis=(2, 4))
    return _levels(share)


def centred(ink: Ink, size: int, count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fit a box of 20/28 of the side, grey at the edges, centre of mass in the middle: how MNIST was made.

    Returns grey levels of shape (count, size, size) for the first `count` rows (LeCun et al. 1998).
    """
    rows = len(ink.radius)
    low, high = _bounds(ink)
    cell = np.repeat((high - low).max(axis=1, keepdims=True) / (size * 20 / 28), 2, axis=1)
    depth = _depth(ink, (low + high) / 2, cell, size, count)
    depth += ROUGH / 3 * rng.standard_normal((rows, size, size), dtype=np.float32)[:count]
    blur, peak = rng.uniform(0.7, 1.4, rows), rng.uniform(1.0, 1.6, rows)
    grey = np.clip(0.5 + depth / blur[:count, None, None], 0, 1) * peak[:count, None, None]
    return _levels(_balanced(grey.clip(0, 1)))


def png(picture: NDArray[np.uint8]) -> bytes:
    """Encode one grey picture."""
    from io import BytesIO

    from PIL import Image

    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _righted(ink: Ink, share: FloatArray) -> Ink:
    # Form readers sheared a digit upright again before they counted; how well varies.
    x, y = ink.points[:, :, 0], ink.points[:, :, 1]
    return Ink(np.stack([x + (share * ink.slant)[:, None] * y, y], axis=2), ink.radius, (1 - share) * ink.slant)


def _bounds(ink: Ink) -> tuple[FloatArray, FloatArray]:
    radius = ink.radius[:, :, None]
    return (ink.points - radius).min(axis=1), (ink.points + radius).max(axis=1)


def _depth(ink: Ink, middle: FloatArray, cell: FloatArray, cells: int, count: int) -> NDArray[np.float32]:
    # How deep each cell lies in the ink, in cells: the power distance (r^2 - d^2) / 2r to the nearest disc, whose
    # zero line is the outline of the discs. It splits into a part for x and one for y: two small tables a row.
    steps = np.arange(cells) + 0.5 - cells / 2
    scale = np.sqrt(cell.prod(axis=1))
    depth = np.empty((count, cells, cells), np.float32)
    for row in range(count):
        radius = ink.radius[row][:, None]
        x, y = (middle[row, i] + steps * cell[row, i] - ink.points[row, :, i : i + 1] for i in (0, 1))
        across = (-(x**2) / (2 * radius * scale[row])).astype(np.float32)
        down = ((radius**2 - y**2) / (2 * radius * scale[row])).astype(np.float32)
        np.max(down[:, :, None] + across[:, None, :], axis=0, out=depth[row])
    return depth


def _levels(grey: FloatArray) -> NDArray[np.uint8]:
    return np.asarray(np.rint(grey * 255), np.uint8)


def _balanced(grey: FloatArray) -> FloatArray:
    side = np.arange(grey.shape[1])
    room = len(side) // 7  # the margin around the box: no ink may leave on one side and come back on the other
    middles = [(by * side).sum(axis=1) / by.sum(axis=1) for by in (grey.sum(axis=2), grey.sum(axis=1))]
    steps = [np.rint(middle - side.mean()).astype(int).clip(-room, room) for middle in middles]
    y, x = ((side + step[:, None]) % len(side) for step in steps)
    moved: FloatArray = grey[np.arange(len(grey))[:, None, None], y[:, :, None], x[:, None, :]]
    return moved

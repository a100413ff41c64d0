"""Contact sheets: many small pictures, or sounds as spectrograms, tiled into one PNG for people to look over."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal import audio

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

GAP, PAPER = 2, (128, 128, 128)


def contact_sheet(bands: Sequence[Sequence[bytes]], across: int, side: int) -> bytes:
    """Tile encoded pictures into one PNG: `across` a line, `side` pixels each, a wider gap between bands.

    Small pictures are enlarged pixel by pixel, so that nothing is smoothed away; large ones are averaged down.

    >>> grey = contact_sheet([[spectrogram(b"")]], across=1, side=32)
    >>> grey[1:4]
    b'PNG'
    """
    from PIL import Image

    lines = [[band[at : at + across] for at in range(0, len(band), across)] for band in bands]
    step = side + GAP
    height = sum(len(each) * step + 2 * GAP for each in lines) - GAP
    sheet = Image.new("RGB", (across * step + GAP, height), PAPER)
    top = GAP
    for band in lines:
        for line in band:
            for place, picture in enumerate(line):
                sheet.paste(_tile(picture, side), (GAP + place * step, top))
            top += step
        top += 2 * GAP
    return _png(sheet)


def spectrogram(sound: bytes) -> bytes:
    """Draw a sound as PNG: time to the right, mel bands upward, louder is brighter; black where it holds none.

    >>> spectrogram(b"no sound")[1:4]
    b'PNG'
    """
    from PIL import Image

    try:
        levels = audio.log_mel(audio.decoded(sound)).T[::-1]
    except ValueError:
        levels = np.zeros((1, 1), np.float32)
    low, high = float(levels.min()), float(levels.max())
    grey: NDArray[Any] = np.rint(255 * (levels - low) / max(high - low, 1e-6)).astype(np.uint8)
    return _png(Image.fromarray(grey).resize((128, 128)))


def _tile(encoded: bytes, side: int) -> Image:
    from PIL import Image

    with Image.open(io.BytesIO(encoded)) as picture:
        scale = side / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
        shrunk = picture.convert("RGB").resize(size, how)
    tile = Image.new("RGB", (side, side), PAPER)
    tile.paste(shrunk, ((side - size[0]) // 2, (side - size[1]) // 2))
    return tile


def _png(picture: Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()

"""Clips as spectrograms on one sheet: time to the right, 0 to 8 kHz upwards, a title above each."""

import numpy as np
from gallery.paper import INK, PALE, PAPER, font
from PIL import Image, ImageDraw

from bimetal.payload import waves

WIDE, HIGH, GAP, HEAD = 190, 96, 12, 40
STEPS = 24  # of loudness: few colours make a small file


def spectrogram(wave):
    """Return a picture of the level at each moment and frequency, 60 dB from dark to light."""
    from matplotlib import colormaps
    from scipy.signal import stft

    _, _, bins = stft(np.pad(wave, (0, max(0, 512 - len(wave)))), 16_000, nperseg=512, noverlap=384)
    level = 20 * np.log10(np.abs(bins) + 1e-9)
    shade = Image.fromarray(np.clip((level - level.max() + 60) / 60, 0, 1)[::-1].astype(np.float32))
    steps = np.round(np.asarray(shade.resize((WIDE, HIGH), Image.Resampling.BOX)) * STEPS) / STEPS
    return Image.fromarray((colormaps["magma"](steps)[:, :, :3] * 255).astype(np.uint8))


def sheet(rows, titles, across=4):
    """Lay the clips of a table out, with two lines above each."""
    down = -(-rows.num_rows // across)
    size = (across * (WIDE + GAP) + GAP, down * (HIGH + HEAD + GAP) + GAP)
    paper = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(paper)
    for k, (wave, (first, second)) in enumerate(zip(waves(rows), titles, strict=True)):
        left, top = GAP + k % across * (WIDE + GAP), GAP + k // across * (HIGH + HEAD + GAP)
        pen.text((left, top), first, INK, font=font(bold=True))
        pen.text((left, top + 19), second, PALE, font=font().font_variant(size=12))
        paper.paste(spectrogram(wave), (left, top + HEAD))
    return paper.quantize(64, dither=Image.Dither.NONE)

"""What lines and devices do to a sound: bands, mu-law, clipping and lost packets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bimetal.audio import RATE
from bimetal.generators._sound.tones import banded

if TYPE_CHECKING:
    from bimetal.types import FloatArray

PACKET = RATE // 50  # 20 ms
MU = 255.0


def untouched(wave: FloatArray, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - codecs share one signature
    """Leave a sound as it is."""
    return wave


def telephone(wave: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Keep 300 to 3,400 Hz, in 8 bits of mu-law (ITU-T G.711)."""
    return mu_law(banded(wave, 300, 3400), rng)


def mu_law(wave: FloatArray, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - codecs share one signature
    """Round to 8 bits on a scale that is finer for soft sounds (the curve of ITU-T G.711)."""
    pressed = np.sign(wave) * np.log1p(MU * np.minimum(np.abs(wave), 1)) / np.log1p(MU)
    levels = np.round(pressed * 127) / 127
    return np.asarray(np.sign(levels) * np.expm1(np.abs(levels) * np.log1p(MU)) / MU)


def muffled(wave: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Lose what is above a frequency between 1.5 and 5 kHz."""
    return banded(wave, 1, rng.uniform(1500, 5000))


def clipped(wave: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Overload: cut off the loudest half to ten per cent of the samples."""
    limit = max(float(np.quantile(np.abs(wave), 1 - rng.uniform(0.005, 0.1))), 1e-6)
    return np.clip(wave, -limit, limit)


def lossy(wave: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Lose packets of 20 ms in runs (Gilbert 1960), 5 to 25 % of them; silence stands in their place."""
    share, run = rng.uniform(0.05, 0.25), rng.uniform(1, 4)
    count = len(wave) // PACKET + 1
    stays, draws, lost = 1 - 1 / run, rng.random(count), np.zeros(count, bool)
    for packet in range(1, count):
        lost[packet] = draws[packet] < (stays if lost[packet - 1] else share / run / (1 - share))
    return np.where(np.repeat(lost, PACKET)[: len(wave)], 0.0, wave)


CODECS: dict[str, Callable[[FloatArray, np.random.Generator], FloatArray]] = {
    "none": untouched,
    "clipped": clipped,
    "lossy": lossy,
    "mu-law": mu_law,
    "muffled": muffled,
    "telephone": telephone,
}

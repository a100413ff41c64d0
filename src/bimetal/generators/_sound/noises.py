"""What sounds beside an event: backgrounds by name, mixed in at a stated signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bimetal.audio import RATE

if TYPE_CHECKING:
    from bimetal.types import FloatArray

QUIET = 1e-3  # rms of a background where there is nothing to measure it against


def white(length: int, rng: np.random.Generator) -> FloatArray:
    """Hiss: as much in every hertz."""
    return rng.standard_normal(length)


def pink(length: int, rng: np.random.Generator) -> FloatArray:
    """Hiss as of a room or an amplifier: as much in every octave."""
    return _coloured(length, rng, 0.5)


def wind(length: int, rng: np.random.Generator) -> FloatArray:
    """Rumble that swells and dies."""
    gusts = np.interp(np.arange(length), np.linspace(0, length, 8), rng.uniform(0.2, 1, 8))
    return _coloured(length, rng, 1.2) * gusts


def hum(length: int, rng: np.random.Generator) -> FloatArray:
    """Mains: 50 or 60 Hz and harmonics, over a little hiss."""
    turn = 2 * np.pi * rng.choice([50.0, 60.0]) * np.arange(length) / RATE
    weights = rng.uniform(0.1, 1, 8) * np.exp(1j * rng.uniform(0, 6.28, 8)) / np.arange(8, 0, -1)
    mains = np.polyval([*weights, 0], np.exp(1j * turn)).imag  # the k-th power is the k-th harmonic
    return np.asarray(mains + 0.05 * rng.standard_normal(length))


def babble(length: int, rng: np.random.Generator) -> FloatArray:
    """Many voices without words: noise in the long-term spectrum of speech, rising and falling as syllables do."""
    spectrum = np.fft.rfft(rng.standard_normal((4, length)))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 1)
    shaped = np.fft.irfft(spectrum / np.sqrt(1 + (120 / hertz) ** 6) / (1 + (hertz / 500) ** 1.2), length)
    knots = max(2, int(length / RATE * 8))
    loud = [np.interp(np.arange(length), np.linspace(0, length, knots), rng.gamma(1.5, 1, knots)) for _ in range(4)]
    return np.asarray((shaped * loud).sum(axis=0))


BACKGROUNDS: dict[str, Callable[[int, np.random.Generator], FloatArray]] = {
    "babble": babble,
    "hum": hum,
    "pink": pink,
    "white": white,
    "wind": wind,
}


def mixed(wave: FloatArray, noise: FloatArray, snr_db: float, event: slice) -> FloatArray:
    """Add noise so that the wave's power within `event` is `snr_db` decibels above the noise's power over all.

    >>> loud, noise = np.ones(100), np.tile([1.0, -1.0], 50)
    >>> float(np.abs(mixed(loud, noise, 20.0, slice(0, 100)) - loud).max().round(6))
    0.1
    """
    signal, power = float(np.mean(wave[event] ** 2)), max(float(np.mean(noise**2)), 1e-12)
    wanted = signal / 10 ** (snr_db / 10) if signal > 0 else QUIET**2
    return np.asarray(wave + noise * np.sqrt(wanted / power))


def _coloured(length: int, rng: np.random.Generator, slope: float) -> FloatArray:
    spectrum = np.fft.rfft(rng.standard_normal(length))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 20)
    return np.fft.irfft(spectrum / hertz**slope, length)

"""Scattering coefficients of pictures: moduli of Morlet wavelets, two orders, averaged over small windows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from bimetal.types import FloatArray

    Pictures = NDArray[np.float32]
    Waves = NDArray[np.complex64]

WIDTH, CENTRE = 0.8, 3 * np.pi / 4  # a wavelet's spread in pixels and its frequency, at the finest octave
BLOCK = 2**17  # pixels transformed at once, to stay in the processor's cache


def scattered(pictures: Pictures, octaves: int, orientations: int) -> Pictures:
    """Compute scattering coefficients of the first two orders, shape (rows, coefficients), from (rows, height, width).

    Bruna and Mallat 2013: averages of the picture, of |x * psi1| and of ||x * psi1| * psi2| with psi2 coarser, over
    windows of 2**octaves pixels, one every so many pixels. Pictures are set in zeros, half a window or more a side.
    """
    step = 2**octaves
    shape = tuple(-(-(side + step) // step) * step for side in pictures.shape[1:])
    bank = _bank(shape, octaves, orientations)
    block = max(1, BLOCK // (shape[0] * shape[1]))
    found = []
    for start in range(0, len(pictures), block):
        waves = _transformed(_padded(pictures[start : start + block], shape))
        found.append(np.stack([_averaged(each, bank.low, step) for each in _paths(waves, bank)], axis=1))
    return np.concatenate(found).reshape(len(pictures), -1)


@dataclass(frozen=True)
class _Bank:
    low: Pictures
    band: tuple[tuple[Pictures, ...], ...]


@cache
def _bank(shape: tuple[int, int], octaves: int, orientations: int) -> _Bank:
    """Return filters as transfer functions: a Gaussian, and Morlet wavelets by octave and orientation."""
    turns = np.pi * np.arange(orientations) / orientations
    band = tuple(tuple(_morlet(shape, octave, turn, 4 / orientations) for turn in turns) for octave in range(octaves))
    low = _bump(shape, (0, 0), WIDTH * 2 ** (octaves - 1), 0, 1)
    return _Bank((low / low[0, 0]).astype(np.float32), band)


def _morlet(shape: tuple[int, int], octave: int, turn: float, roundness: float) -> Pictures:
    width, frequency = WIDTH * 2**octave, CENTRE / 2**octave
    wave = _bump(shape, (frequency * np.sin(turn), frequency * np.cos(turn)), width, turn, roundness)
    still = _bump(shape, (0, 0), width, turn, roundness)
    wave -= wave[0, 0] / still[0, 0] * still  # a constant is no wave
    return wave.astype(np.float32)


def _bump(
    shape: tuple[int, int], middle: tuple[float, float], width: float, turn: float, roundness: float
) -> FloatArray:
    """Return a Gaussian around a frequency, its longer axis along `turn`, folded at the ends of the spectrum."""
    total = np.zeros(shape)
    for fold_y, fold_x in product(range(-2, 3), repeat=2):
        y = 2 * np.pi * (np.fft.fftfreq(shape[0]) + fold_y)[:, None] - middle[0]
        x = 2 * np.pi * (np.fft.fftfreq(shape[1]) + fold_x)[None, :] - middle[1]
        along, across = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
        total += np.exp(-(width**2) / 2 * (along**2 + (across / roundness) ** 2))
    return total


def _padded(pictures: Pictures, shape: tuple[int, int]) -> Pictures:
    edges = [(side - have) // 2 for side, have in zip(shape, pictures.shape[1:], strict=True)]
    ends = [side - have - edge for side, have, edge in zip(shape, pictures.shape[1:], edges, strict=True)]
    return np.pad(pictures, ((0, 0), (edges[0], ends[0]), (edges[1], ends[1])))


def _paths(waves: Waves, bank: _Bank) -> Iterator[Waves]:
    yield waves
    for octave, wavelets in enumerate(bank.band):
        for wavelet in wavelets:
            first = _modulus(waves * wavelet)
            yield first
            for coarser in bank.band[octave + 1 :]:
                yield from (_modulus(first * second) for second in coarser)


def _modulus(waves: Waves) -> Waves:
    from scipy.fft import ifft2

    return _transformed(np.abs(ifft2(waves)))


def _transformed(pictures: Pictures) -> Waves:
    from scipy.fft import fft2

    waves: Waves = fft2(pictures)
    return waves


def _averaged(waves: Waves, low: Pictures, step: int) -> Pictures:
    from scipy.fft import ifft2

    rows, height, width = waves.shape
    folded = (waves * low).reshape(rows, step, height // step, step, width // step).mean(axis=(1, 3))
    averages: Pictures = ifft2(folded).real  # folding the spectrum keeps one pixel in `step`
    return averages

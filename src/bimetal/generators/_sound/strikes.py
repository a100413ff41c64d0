"""Sounds of being struck: bells, knocks, clicks and drums as decaying modes (Fletcher and Rossing 1998) and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.audio import RATE
from bimetal.generators._sound.tones import banded, octaves, sung, times

if TYPE_CHECKING:
    from bimetal.types import FloatArray

BELL = np.array([0.5, 1, 1.19, 1.5, 2, 2.5, 2.67, 3, 4, 5.33])  # hum, prime, tierce, quint, nominal and above
MEMBRANE = np.array([1, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.5])  # zeros of Bessel functions over the first
BLOCK = 256
SQUARES = np.array([1, 1.342, 1.2312, 1.6532, 1.9523, 2.1523])  # ratios no two of which are in tune, as in metal


def bell(rng: np.random.Generator, limit: float) -> FloatArray:
    """Ring a bell's partials, high ones for a shorter time."""
    at = times(rng, 0.8, limit)
    partials = octaves(rng, 250, 1500) * BELL * rng.normal(1, 0.005, len(BELL))
    return modes(at, partials, rng.uniform(0.2, 1.5) / (partials / partials[1]) ** 0.7, rng)


def knock(rng: np.random.Generator, limit: float) -> FloatArray:
    """Knock on wood one to four times."""
    at = times(rng, 0.3, limit)
    partials = octaves(rng, 120, 500) * np.array([1, 2.76, 5.4, 8.93]) * rng.normal(1, 0.05, 4)  # a free bar
    stroke = modes(at, partials, rng.uniform(0.01, 0.05) / np.sqrt(partials / partials[0]), rng)
    beats = (np.arange(rng.integers(1, 5)) * rng.uniform(0.12, 0.3) * RATE).astype(int)
    wave = np.zeros(len(at))
    for beat in beats % len(at):
        wave[beat:] += stroke[: len(at) - beat]
    return wave


def clicks(rng: np.random.Generator, limit: float) -> FloatArray:
    """Click in a steady or slowly changing rhythm."""
    at = times(rng, 0.4, limit)
    click = banded(rng.standard_normal(256) * np.exp(-np.arange(256) / rng.uniform(8, 40)), 500, 7000)
    phase = np.cumsum(octaves(rng, 3, 40) * 2 ** (rng.uniform(-0.8, 0.8) * at / at[-1])) / RATE
    beats = np.diff(np.floor(phase), prepend=-1) > 0
    return np.convolve(beats, click)[: len(at)]


def kick(rng: np.random.Generator, limit: float) -> FloatArray:
    """Kick a bass drum: a pitch that drops into the low tens of Hz, and the beater's tap."""
    at = times(rng, 0.25, min(limit, 1.0))
    low = octaves(rng, 40, 80)
    body = sung(low * (1 + rng.uniform(0.5, 4) * np.exp(-at / rng.uniform(0.01, 0.05))))
    tap = banded(rng.standard_normal(len(at)), 500, 5000) * np.exp(-at / 0.004) * rng.uniform(0.02, 0.6)
    return np.asarray(body * np.exp(-at / rng.uniform(0.05, 0.25)) + tap)


def tom(rng: np.random.Generator, limit: float) -> FloatArray:
    """Strike a tom: modes of a round membrane whose pitch sinks a little."""
    at = times(rng, 0.3, min(limit, 1.5))
    pitch = octaves(rng, 70, 260)
    partials = pitch * MEMBRANE
    sunk = at + 0.005 * rng.random() * (1 - np.exp(-at / 0.05))  # time runs faster while the pitch is high
    body = np.interp(sunk, at, modes(at, partials, rng.uniform(0.1, 0.4) / (partials / pitch), rng))
    stick = banded(rng.standard_normal(len(at)), 800, 6000) * np.exp(-at / 0.006) * rng.uniform(0.05, 0.5)
    return np.asarray(body + stick * np.abs(body).max())


def snare(rng: np.random.Generator, limit: float) -> FloatArray:
    """Strike a snare drum: two short modes of the head and the rattle of the wires."""
    at = times(rng, 0.2, min(limit, 0.8))
    head = modes(at, octaves(rng, 150, 350) * MEMBRANE[:4], rng.uniform(0.02, 0.1) * np.ones(4), rng)
    rattle = banded(rng.standard_normal(len(at)), octaves(rng, 500, 2500), rng.uniform(5000, 8000))
    wires = rattle * np.exp(-at / rng.uniform(0.03, 0.15)) / np.abs(rattle).max()
    return np.asarray(head / np.abs(head).max() * rng.uniform(0.2, 1.0) + wires * rng.uniform(0.4, 1.2))


def hihat(rng: np.random.Generator, limit: float) -> FloatArray:
    """Strike a hi-hat, closed or open: metal above 4 kHz, short or long."""
    at = times(rng, 0.15, min(limit, 1.2))
    clang = np.sign(np.sin(2 * np.pi * octaves(rng, 300, 600) * np.outer(SQUARES, at))).sum(axis=0)
    metal = banded(clang * rng.uniform(0, 0.4) + rng.standard_normal(len(at)), octaves(rng, 3500, 6500), 8000)
    decay = rng.uniform(0.015, 0.08) if rng.random() < 0.6 else rng.uniform(0.15, 0.5)
    return np.asarray(metal * np.exp(-at / decay))


def cymbal(rng: np.random.Generator, limit: float) -> FloatArray:
    """Strike a crash or ride cymbal: eighty modes that ring long, the strike above them."""
    at = times(rng, 0.8, limit)
    partials = 300 * (7500 / 300) ** rng.random(80)
    ring = modes(at, partials, rng.uniform(0.3, 1.5) * (partials / 1000) ** -0.3, rng)
    wash = banded(rng.standard_normal(len(at)), octaves(rng, 700, 3000), 8000) * np.exp(-at / rng.uniform(0.2, 1.0))
    loud = rng.uniform(0.2, 1), rng.uniform(0.3, 1)
    return np.asarray(ring / np.abs(ring).max() * loud[0] + wash / np.abs(wash).max() * loud[1])


def modes(at: FloatArray, partials: FloatArray, decay: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Sum decaying sines: `partials` in Hz, `decay` the seconds to 1/e of each, loudness and phase at random."""
    weight = rng.uniform(0.2, 1, len(partials)) * np.exp(1j * rng.uniform(0, 6.28, len(partials)))
    heard = partials < RATE / 2
    pole = (2j * np.pi * partials[heard] - 1 / decay[heard]) / RATE
    # exp(pole (BLOCK a + b)) is a product of two short tables, so that all modes are one matrix product
    starts = np.exp(np.outer(np.arange(0, len(at), BLOCK), pole)) * weight[heard]
    wave: FloatArray = (starts @ np.exp(np.outer(pole, np.arange(BLOCK)))).imag.ravel()[: len(at)]
    return wave

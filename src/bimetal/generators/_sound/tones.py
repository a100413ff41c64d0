"""Sounds that last, each a signal model: tones, sweeps, whistles, alarms, sirens, engines, birds, rain, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.audio import RATE

if TYPE_CHECKING:
    from bimetal.types import FloatArray


def tone(rng: np.random.Generator, limit: float) -> FloatArray:
    """Hold one to four harmonics of a steady pitch."""
    at = times(rng, 0.2, limit)
    loud = rng.uniform(0.1, 1, rng.integers(1, 5))
    pitch = octaves(rng, 150, 2500)
    waves = [level / k * np.sin(2 * np.pi * k * pitch * at + rng.uniform(0, 6)) for k, level in enumerate(loud, 1)]
    return np.asarray(np.sum(waves, axis=0)) * swelling(at, rng.uniform(0.005, 0.1), rng.uniform(0.02, 0.3))


def chirp(rng: np.random.Generator, limit: float) -> FloatArray:
    """Sweep from one frequency to another, evenly in octaves."""
    at = times(rng, 0.15, limit)
    low, high = octaves(rng, 150, 1500), octaves(rng, 2000, 7000)
    begin, end = (low, high) if rng.random() < 0.5 else (high, low)
    return sung(begin * (end / begin) ** (at / at[-1])) * swelling(at, 0.01, 0.03)


def whistle(rng: np.random.Generator, limit: float) -> FloatArray:
    """Blow one gliding, trembling pitch with some breath around it."""
    at = times(rng, 0.3, limit)
    glide = rng.uniform(-0.4, 0.4) * np.sin(np.pi * at / at[-1] * rng.uniform(0.5, 2))
    tremble = 0.01 * np.sin(2 * np.pi * rng.uniform(4, 7) * at)
    breath = banded(rng.standard_normal(len(at)), 800, 5000) * rng.uniform(0.02, 0.15)
    return (sung(octaves(rng, 800, 3000) * 2 ** (glide + tremble)) + breath) * swelling(at, 0.05, 0.08)


def alarm(rng: np.random.Generator, limit: float) -> FloatArray:
    """Beep: a hard-edged pitch switched on and off, or between two pitches."""
    at = times(rng, 0.5, limit)
    on = (at * rng.uniform(2, 8)) % 1 < rng.uniform(0.4, 0.7)
    pitch = octaves(rng, 700, 3200)
    other = pitch * rng.uniform(1.1, 1.5) if rng.random() < 0.4 else 0.0
    beeps = np.tanh(rng.uniform(1, 6) * sung(np.where(on, pitch, other)))
    return smoothed(on.astype(float) if not other else np.ones(len(at))) * beeps


def siren(rng: np.random.Generator, limit: float) -> FloatArray:
    """Wail up and down between two pitches."""
    at = times(rng, 0.8, limit)
    swing = np.sin(2 * np.pi * (rng.uniform(0.4, 4) * at + rng.random()))
    wail = sung(octaves(rng, 500, 1100) * 2 ** (rng.uniform(0.3, 0.8) * swing))
    return np.tanh(rng.uniform(1, 4) * wail) * swelling(at, 0.05, 0.05)


def engine(rng: np.random.Generator, limit: float) -> FloatArray:
    """Run a harmonic series whose pitch wanders, with firing strokes heard in its loudness."""
    at = times(rng, 0.6, limit)
    drift = np.cumsum(rng.standard_normal(len(at))) / np.sqrt(len(at))
    pitch = octaves(rng, 22, 120) * 2 ** (0.15 * drift + rng.uniform(-0.5, 0.5) * at / at[-1])
    turn = 2 * np.pi * np.cumsum(pitch) / RATE
    loud = rng.uniform(0.2, 1, 24) / np.arange(24, 0, -1) ** rng.uniform(0.5, 1.2)
    series = [*(loud * np.exp(1j * rng.uniform(0, 6.28, 24))), 0]
    hum = np.polyval(series, np.exp(1j * turn)).imag  # the k-th power is the k-th harmonic
    rough = banded(rng.standard_normal(len(at)), 100, 2000) * rng.uniform(0.1, 0.5)
    return (hum + rough) * (1 + 0.5 * np.sin(turn / 2)) * swelling(at, 0.05, 0.1)


def bird(rng: np.random.Generator, limit: float) -> FloatArray:
    """Sing a few syllables, each a fast bend of one pitch, in a rhythm."""
    syllable, gap = rng.uniform(0.04, 0.15), rng.uniform(0.02, 0.15)
    centre, bend, turns = octaves(rng, 2000, 5000), rng.uniform(-0.5, 0.5), rng.uniform(0.5, 4)
    at = np.arange(int(syllable * RATE)) / RATE
    song = []
    for _ in range(max(1, min(int(rng.integers(2, 10)), int(limit / (syllable + gap))))):
        path = bend * np.sin(2 * np.pi * turns * at / syllable) + rng.normal(0, 0.05)
        song += [sung(centre * 2**path) * np.sin(np.pi * at / syllable) ** 0.7, np.zeros(int(gap * RATE))]
    return np.concatenate(song)


def rain(rng: np.random.Generator, limit: float) -> FloatArray:
    """Let drops fall at random moments (a Poisson process), each a short ringing, over a hiss."""
    at = times(rng, 0.6, limit)
    drops = np.zeros(len(at))
    count = rng.poisson(rng.uniform(40, 400) * at[-1]) + 1
    np.add.at(drops, rng.integers(0, len(at), count), rng.exponential(1, count))
    ring = at[:200]
    drop = np.sin(2 * np.pi * octaves(rng, 1500, 6000) * ring) * np.exp(-ring * rng.uniform(300, 900))
    hiss = banded(rng.standard_normal(len(at)), octaves(rng, 300, 1500), 7500) * rng.uniform(0.02, 0.2)
    return (np.convolve(drops, drop)[: len(at)] + hiss) * swelling(at, 0.1, 0.1)


def burst(rng: np.random.Generator, limit: float) -> FloatArray:
    """Rush noise in a random band, once."""
    at = times(rng, 0.1, limit)
    low = octaves(rng, 100, 2000)
    rush = banded(rng.standard_normal(len(at)), low, low * rng.uniform(2, 6))
    return rush * swelling(at, rng.uniform(0.005, 0.2), rng.uniform(0.05, 0.4))


def times(rng: np.random.Generator, least: float, limit: float) -> FloatArray:
    """Return the moments of a stretch of `least` to `limit` seconds, a whole limit where that is shorter."""
    length = max(64, int(rng.uniform(min(least, limit), limit) * RATE))
    return np.arange(length) / RATE


def octaves(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a frequency in Hz, evenly in octaves."""
    return float(low * (high / low) ** rng.random())


def sung(pitch: FloatArray) -> FloatArray:
    """Turn a course of pitch in Hz, a value a sample, into a sine wave."""
    wave: FloatArray = np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
    return wave


def swelling(at: FloatArray, attack: float, release: float) -> FloatArray:
    """Return an envelope that rises over `attack` seconds and falls over `release`, each a quarter of it at most."""
    whole = at[-1]
    rise = np.minimum(1, (at + 1 / RATE) / max(min(attack, whole / 4), 1e-3))
    fall = np.minimum(1, (whole - at) / max(min(release, whole / 4), 1e-3))
    shape: FloatArray = rise * fall
    return shape


def smoothed(on: FloatArray) -> FloatArray:
    """Take the clicks out of a switch: 4 ms from off to on."""
    return np.convolve(on, np.full(64, 1 / 64), "same")


def banded(wave: FloatArray, low: float, high: float) -> FloatArray:
    """Keep the frequencies from low to high Hz, with edges a tenth of an octave soft."""
    spectrum = np.fft.rfft(wave)
    hertz = np.maximum(np.fft.rfftfreq(len(wave), 1 / RATE), 1e-3)
    kept = 1 / (1 + (low / hertz) ** 12) / (1 + (hertz / high) ** 12)
    return np.fft.irfft(spectrum * np.sqrt(kept), len(wave))

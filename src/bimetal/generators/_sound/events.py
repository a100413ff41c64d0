"""The families of acoustic events by name: each a function of an rng and a limit in seconds that gives a wave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bimetal.audio import RATE
from bimetal.generators._sound import strikes, tones

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Family = Callable[[np.random.Generator, float], "FloatArray"]

FAMILIES: dict[str, Family] = {
    "alarm": tones.alarm,
    "bell": strikes.bell,
    "bird": tones.bird,
    "burst": tones.burst,
    "chirp": tones.chirp,
    "clicks": strikes.clicks,
    "cymbal": strikes.cymbal,
    "engine": tones.engine,
    "hihat": strikes.hihat,
    "kick": strikes.kick,
    "knock": strikes.knock,
    "rain": tones.rain,
    "siren": tones.siren,
    "snare": strikes.snare,
    "tom": strikes.tom,
    "tone": tones.tone,
    "whistle": tones.whistle,
}


def event(name: str, rng: np.random.Generator, limit: float) -> FloatArray:
    """Sound one event of a family, at most `limit` seconds, its loudest sample at 1.

    >>> float(abs(event("bell", np.random.default_rng(0), 0.5)).max())
    1.0
    """
    wave = FAMILIES[name](rng, limit)[: max(64, int(limit * RATE))]
    ending = min(len(wave) // 8, RATE // 20)  # what still rings dies out within a twentieth of a second
    wave = np.append(wave[: len(wave) - ending], wave[len(wave) - ending :] * np.linspace(1, 0, ending))
    return wave / max(float(np.abs(wave).max()), 1e-9)

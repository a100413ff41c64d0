"""Made-up events: transactions with fraud, visits that end badly, and sensors that fail, whole histories at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._demo.people import WARDS, keys

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

SHOPS = ("groceries", "fuel", "travel", "electronics", "gift cards")
USUAL, ODD = (0.5, 0.25, 0.12, 0.1, 0.03), (0.1, 0.1, 0.2, 0.35, 0.25)
LANDS = ("GB", "IE", "FR", "US", "NG")
START = np.datetime64("2025-01-01T00:00")
SPELL = 8  # readings an anomaly lasts
READINGS = 96  # a sensor gives, one each quarter of an hour


def transactions(first: int, people: int, rate: float, rng: np.random.Generator) -> dict[str, Any]:
    """Draw what customers numbered from `first` pay; fraud is dearer, later at night, abroad, and without the card."""
    who, hours = _histories(people, 12, 60, rng)
    fraud = rng.random(len(who)) < rate
    usual = rng.normal(3.2, 0.6, people)[who]
    night = np.where(fraud, rng.random(len(who)) < 0.5, rng.random(len(who)) < 0.05)
    clock = np.where(night, rng.integers(0, 5, len(who)), rng.integers(7, 23, len(who)))
    minutes = (hours // 24) * 1440 + clock * 60 + rng.integers(0, 60, len(who))
    order = np.lexsort((minutes, who))
    shop = np.where(fraud, rng.choice(5, len(who), p=ODD), rng.choice(5, len(who), p=USUAL))
    abroad = rng.random(len(who)) < np.where(fraud, 0.4, 0.04)
    return {
        "customer": keys("C", first + who),
        "time": (START + minutes[order].astype("timedelta64[m]")).astype("datetime64[s]"),
        "amount": np.round(np.exp(usual + rng.normal(np.where(fraud, 1.2, 0), 0.7)), 2)[order],
        "shop": np.array(SHOPS)[shop][order],
        "country": np.array(LANDS)[np.where(abroad, rng.integers(1, 5, len(who)), 0)][order],
        "card_present": (rng.random(len(who)) < np.where(fraud, 0.15, 0.75))[order],
        "label": np.where(fraud, "fraud", "genuine")[order],
    }


def visits(first: int, people: int, rate: float, rng: np.random.Generator) -> dict[str, Any]:
    """Draw when patients numbered from `first` came; before a bad end they stay longer with a higher pulse."""
    who, hours = _histories(people, 4, 1400, rng)
    bad = rng.random(len(who)) < rate
    pressure = rng.normal(125, 14, people)[who] + rng.normal(np.where(bad, 8, 0), 8)
    gaps = rng.random(len(who)) < 0.08
    return {
        "patient": keys("P", first + who),
        "day": (START + (hours // 24).astype("timedelta64[D]")).astype("datetime64[D]"),
        "ward": np.array(WARDS)[rng.integers(0, 4, len(who))],
        "nights": rng.poisson(np.where(bad, 4.5, 1.5)),
        "pressure": np.where(gaps, np.nan, np.rint(pressure)),
        "pulse": np.rint(rng.normal(np.where(bad, 88, 74), 10)),
        "label": np.where(bad, "emergency", "planned"),
    }


def sensors(first: int, count: int, rate: float, rng: np.random.Generator) -> dict[str, Any]:
    """Draw a day of each of some sensors; in an anomaly the temperature jumps, drifts or stands still."""
    steps = np.arange(READINGS)
    daily = 8 * np.sin(2 * np.pi * steps / READINGS) + rng.normal(40, 5, (count, 1))
    heat = daily + _correlated(rng.normal(0, 0.6, (count, READINGS)), 0.9)
    load = np.clip(0.5 + 0.02 * (heat - 40) + rng.normal(0, 0.05, heat.shape), 0, 1)
    spell = np.repeat(rng.random((count, READINGS // SPELL)) < rate, SPELL, axis=1)
    sort = np.repeat(rng.integers(0, 3, (count, READINGS // SPELL)), SPELL, axis=1)
    within = np.broadcast_to(steps % SPELL, heat.shape)
    still = heat[np.arange(count)[:, None], np.broadcast_to(steps - steps % SPELL, heat.shape)]
    wrong = np.choose(sort, [heat + rng.normal(0, 12, heat.shape), heat + 2.0 * (within + 1), still])
    vibration = np.exp(rng.normal(np.where(spell & (sort < 2), 0.6, 0), 0.3))
    return {
        "sensor": keys("S", np.repeat(first + np.arange(count), READINGS)),
        "time": np.tile((START + (15 * steps).astype("timedelta64[m]")).astype("datetime64[s]"), count),
        "temperature": np.round(np.where(spell, wrong, heat), 2).ravel(),
        "load": np.round(load, 3).ravel(),
        "vibration": np.round(vibration, 3).ravel(),
        "label": np.where(spell, "anomaly", "normal").ravel(),
    }


def _histories(people: int, events: float, apart: float, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Draw how many events each has, one at least, and their hours since the start, ascending within each."""
    counts = 1 + rng.geometric(1 / events, people) - 1
    who = np.repeat(np.arange(people), counts)
    passed = np.cumsum(rng.exponential(apart, len(who)) + 1)
    firsts = np.cumsum(counts) - counts
    return who, (passed - passed[firsts][who] + rng.exponential(apart, people)[who]).astype(np.int64)


def _correlated(noise: FloatArray, keep: float) -> FloatArray:
    from scipy.signal import lfilter

    filtered: FloatArray = lfilter([1.0], [1.0, -keep], noise, axis=1)
    return filtered

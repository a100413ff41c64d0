"""Room responses against the free field, against Eyring's reverberation, and against one image counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.audio import RATE
from bimetal.generators._sound.rooms import (
    SIZES,
    SOUND,
    Room,
    _without_rumble,
    convolved,
    drawn,
    reflection,
    response,
    reverberation,
)


def decay(heard, top=-5, bottom=-25):
    """T20: Schroeder 1965."""
    level = 10 * np.log10(np.cumsum(heard[::-1] ** 2)[::-1] / np.sum(heard**2) + 1e-12)
    at = np.flatnonzero((level < top) & (level > bottom))
    return -60 / np.polyfit(at / RATE, level[at], 1)[0]


@given(st.floats(0.5, 12), st.floats(0.1, 0.9))
@settings(max_examples=30, deadline=None)
def test_the_direct_sound_comes_after_distance_over_speed_with_gain_one_over_4_pi_distance(distance, height):
    room = Room((15.0, 4.0, 3.0), (1.0, 2.0, 3 * height), (1.0 + distance, 2.0, 3 * height), 0.7)
    heard = response(room, 1024, order=0)
    spectrum, hertz = np.fft.rfft(heard), np.fft.rfftfreq(1024, 1 / RATE)
    band = (hertz > 300) & (hertz < 6000)
    closed = np.exp(-2j * np.pi * hertz * distance / SOUND) / (4 * np.pi * distance)
    assert np.abs(spectrum - closed)[band].max() < 0.02 * np.abs(closed).max()


def test_images_of_the_first_order_are_the_six_mirror_sources():
    room = Room((6.0, 5.0, 3.0), (1.0, 2.0, 1.2), (4.1, 3.2, 1.7), 0.8)
    mirrors = [room.source]
    for axis in range(3):
        for wall in (0.0, room.size[axis]):
            mirrored = list(room.source)
            mirrored[axis] = 2 * wall - mirrored[axis]
            mirrors.append(tuple(mirrored))
    hertz = np.fft.rfftfreq(2048, 1 / RATE)
    closed = np.zeros(len(hertz), complex)
    for k, mirror in enumerate(mirrors):
        d = np.linalg.norm(np.subtract(mirror, room.microphone))
        closed += (0.8 if k else 1.0) * np.exp(-2j * np.pi * hertz * d / SOUND) / (4 * np.pi * d)
    heard = np.fft.rfft(response(room, 2048, order=1))
    band = (hertz > 200) & (hertz < 6500)
    assert np.abs(heard - closed)[band].max() < 0.03 * np.abs(closed).max()


def test_swapping_source_and_microphone_changes_nothing():
    there = Room((6.0, 5.0, 3.0), (1.0, 2.0, 1.2), (4.1, 3.2, 1.7), 0.8)
    back = Room(there.size, there.microphone, there.source, there.reflection)
    assert np.allclose(response(there, 4096), response(back, 4096), atol=1e-12)


@pytest.mark.parametrize("rt60", [0.2, 0.3])
def test_images_alone_decay_as_eyring_says_within_a_fifth(rt60):
    # A box with even walls decays a little slower than a diffuse field (Lehmann and Johansson 2008).
    size = (5.0, 4.4, 3.9)
    room = Room(size, (1.3, 1.1, 1.7), (3.6, 3.1, 2.2), reflection(size, rt60))
    assert decay(_without_rumble(response(room, int(rt60 * RATE), order=40))) == pytest.approx(rt60, rel=0.2)


@pytest.mark.parametrize("kind", SIZES)
def test_rooms_of_every_kind_reverberate_as_long_as_they_say(kind):
    rng = np.random.default_rng(3)
    ratios = []
    for _ in range(30):
        room, rt60 = drawn(kind, rng)
        low, high = SIZES[kind][3]
        assert low <= rt60 <= high
        assert all(0 < place < side for place, side in zip(room.source, room.size, strict=True))
        ratios.append(decay(reverberation(room, rt60, rng)) / rt60)
    assert np.median(ratios) == pytest.approx(1, abs=0.05)
    assert np.quantile(ratios, 0.9) < 1.2
    assert np.quantile(ratios, 0.1) > 0.8


def test_convolution_is_what_numpy_says():
    rng = np.random.default_rng(0)
    wave, heard = rng.standard_normal(300), rng.standard_normal(50)
    assert np.allclose(convolved(wave, heard, 320), np.convolve(wave, heard)[:320])

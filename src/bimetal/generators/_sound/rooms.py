"""Room responses by the image-source method (Allen and Berkley 1979), every image of a box at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bimetal.audio import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray

SOUND = 343.0  # metres a second at 20 degrees
FINER = 8  # images fall on a grid this much finer than the samples, half and half between two of its points
SIZES = {  # metres each way and seconds of reverberation: what people call a room of that size
    "small": ((1.8, 4.0), (1.6, 3.5), (2.2, 2.8), (0.15, 0.4)),
    "medium": ((4.0, 8.0), (3.0, 6.0), (2.4, 3.5), (0.3, 0.7)),
    "large": ((9.0, 25.0), (8.0, 18.0), (4.0, 10.0), (0.6, 1.8)),
}
DRY = "dry"
ROOMS = (DRY, *SIZES)
ORDER = 10  # reflections followed one by one; what comes later is a diffuse tail


@dataclass(frozen=True, slots=True)
class Room:
    """A box of `size` metres, source and microphone in it, and the share of a wave's amplitude a wall sends back.

    >>> Room((6.0, 5.0, 3.0), (1.0, 2.0, 1.5), (4.0, 2.0, 1.5), 0.9).distance
    3.0
    """

    size: tuple[float, float, float]
    source: tuple[float, float, float]
    microphone: tuple[float, float, float]
    reflection: float

    @property
    def distance(self) -> float:
        return float(np.linalg.norm(np.subtract(self.source, self.microphone)))

    @property
    def volume(self) -> float:
        return float(np.prod(self.size))

    @property
    def surface(self) -> float:
        x, y, z = self.size
        return 2 * (x * y + y * z + z * x)


def reflection(size: tuple[float, float, float], rt60: float) -> float:
    """Return the wall's reflection that makes sound fall 60 dB in `rt60` seconds (Eyring 1930).

    >>> round(reflection((6.0, 5.0, 3.0), 0.4), 3)
    0.866
    """
    room = Room(size, size, size, 0.0)
    return float(np.exp(-12 * np.log(10) / SOUND * room.volume / room.surface / rt60))


def response(room: Room, length: int, order: int = ORDER) -> FloatArray:
    """Return the sound at the microphone of an impulse, shape (length,), of images up to `order` reflections.

    An image at distance d arrives after d / 343 seconds with gain reflection^k / (4 pi d), band-limited at 8 kHz.

    >>> box = Room((6.0, 5.0, 3.0), (1.0, 2.0, 1.5), (4.43, 2.0, 1.5), 0.9)
    >>> heard = response(box, 1024, order=0)
    >>> int(heard.argmax()), round(float(heard.max()) * 4 * np.pi * box.distance, 1)
    (160, 1.0)
    """
    index, bounces = _images(order)
    square = np.zeros(len(bounces))
    for axis, (side, source, microphone) in enumerate(zip(room.size, room.source, room.microphone, strict=True)):
        steps = np.arange(-order, order + 1)
        places = steps * side + np.where(steps % 2 == 0, source, side - source)
        square += ((places - microphone) ** 2)[index[axis]]
    distance = np.maximum(np.sqrt(square), 1e-2)  # a microphone within the source would hear infinity
    gain = (room.reflection ** np.arange(order + 1))[bounces] / (4 * np.pi * distance)
    return _sampled(distance * (RATE / SOUND), gain, length)


def reverberation(room: Room, rt60: float, rng: np.random.Generator) -> FloatArray:
    """Return a response of rt60 seconds: images up to ORDER, then decaying noise (Lehmann and Johansson 2010)."""
    length = max(1024, int(rt60 * RATE) + int(room.distance / SOUND * RATE))
    early = _without_rumble(response(room, length))
    last = int(ORDER * min(room.size) / SOUND * RATE)  # from here on some images are missing
    if last >= length:
        return early
    at = np.arange(length) / RATE
    tail = rng.standard_normal(length) * 10 ** (-3 * at / rt60)
    window = slice(last * 2 // 3, last)
    tail *= np.sqrt(np.sum(early[window] ** 2) / max(np.sum(tail[window] ** 2), 1e-30))
    fade = np.clip((np.arange(length) - window.start) / (window.stop - window.start), 0, 1)
    return early * np.sqrt(1 - fade) + tail * np.sqrt(fade)


def drawn(kind: str, rng: np.random.Generator) -> tuple[Room, float]:
    """Draw a room of a kind with source and microphone in it, and its seconds of reverberation."""
    *sides, seconds = SIZES[kind]
    size = tuple(float(rng.uniform(*side)) for side in sides)
    source, microphone = (tuple(float(side * rng.uniform(0.12, 0.88)) for side in size) for _ in range(2))
    rt60 = float(rng.uniform(*seconds))
    return Room(size, source, microphone, reflection(size, rt60)), rt60  # type: ignore[arg-type]  # three sides each


def convolved(wave: FloatArray, heard: FloatArray, length: int) -> FloatArray:
    """Return what a wave becomes in a room, its first `length` samples."""
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(len(wave) + len(heard) - 1, real=True)
    return np.asarray(irfft(rfft(wave, size) * rfft(heard, size), size)[:length])


def _without_rumble(heard: FloatArray) -> FloatArray:
    # Images are all of one sign, so that a box hums at 0 Hz as no room does; Allen and Berkley filter it out too.
    from scipy.signal import butter, sosfilt

    return np.asarray(sosfilt(butter(2, 20, "highpass", fs=RATE, output="sos"), heard))


@lru_cache(maxsize=8)
def _images(order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    steps = np.abs(np.arange(-order, order + 1))
    bounces = steps[:, None, None] + steps[:, None] + steps
    within = np.nonzero(bounces <= order)
    return np.array(within), bounces[within]


def _sampled(delay: FloatArray, gain: FloatArray, length: int) -> FloatArray:
    from scipy.fft import irfft, next_fast_len, rfft

    room = next_fast_len(length + 256, real=True)  # what rings past the end falls there
    place = delay * FINER
    within = place < (length - 1) * FINER
    first = place[within].astype(np.int64)
    share = place[within] - first
    heard = gain[within]
    fine = np.bincount(first, heard * (1 - share), room * FINER) + np.bincount(first + 1, heard * share, room * FINER)
    spectrum = rfft(fine)[: room // 2 + 1]
    return np.asarray(irfft(spectrum / _droop(room), room)[:length])


@lru_cache(maxsize=8)
def _droop(room: int) -> FloatArray:
    # What sharing an image between two grid points costs on average at each frequency.
    part = np.arange(room // 2 + 1) / room / FINER
    return np.asarray(1 - (2 * np.pi * part) ** 2 / 12)

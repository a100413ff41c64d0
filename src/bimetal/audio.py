"""Sound as numbers: WAV and FLAC bytes as a 16 kHz wave, its log-mel spectrogram, and a summary of that over time."""

from __future__ import annotations

import io
import struct
import warnings
from functools import cache
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATE = 16_000
RATES = (1_000, 768_000)  # a rate outside is a broken header, and resampling it would take for ever
WINDOW, STEP, POINTS = 400, 160, 512  # 25 ms every 10 ms, the frames speech recognition uses
BANDS = 26
SEGMENTS = 4
FLOOR = 1e-8  # power, -80 dB of full scale: quieter than this counts as silence
SUMMARY = (2 * SEGMENTS + 1) * BANDS + 1
FACTS = ("seconds", "loudness", "silence", "centroid")


def decoded(encoded: bytes) -> Wave:
    """Decode WAV (8 to 32 bits or float) or FLAC bytes to one channel in -1..1 at 16 kHz; channels are averaged.

    Raises ValueError where the bytes hold no sound, and MissingExtra for FLAC where `soundfile` is not installed.
    """
    samples, rate = _flac(encoded) if encoded[:4] == b"fLaC" else _wav(encoded)
    if not RATES[0] <= rate <= RATES[1]:
        raise ValueError(f"the rate is {rate} Hz, expected {RATES[0]} to {RATES[1]}")
    if not samples.size:
        raise ValueError("it has no samples")
    mono = samples.reshape(len(samples), -1).mean(axis=1)
    if not np.isfinite(mono).all():
        raise ValueError("it has samples that are not finite")
    return _resampled(mono, rate).astype(np.float32)


def log_mel(wave: Wave) -> NDArray[np.float32]:
    """Return the log power in mel bands, shape (frames, 26), a frame each 10 ms (Davis and Mermelstein 1980).

    >>> log_mel(np.zeros(16_000, np.float32)).shape
    (101, 26)
    """
    from scipy.signal import stft

    padded = np.pad(wave, (0, max(0, SEGMENTS * WINDOW - len(wave))))
    _, _, bins = stft(padded, RATE, nperseg=WINDOW, noverlap=WINDOW - STEP, nfft=POINTS)
    levels: NDArray[np.float32] = np.log((np.abs(bins.T) ** 2) @ _mel_bands() + FLOOR).astype(np.float32)
    return levels


def summary(wave: Wave) -> NDArray[np.float32]:
    """Describe a wave of any length: each band's mean and spread in 4 stretches, its spread of change, and log seconds.

    >>> summary(np.zeros(8_000, np.float32)).shape == (SUMMARY,)
    True
    """
    mel = log_mel(wave)
    stretches = [(each.mean(axis=0), each.std(axis=0)) for each in np.array_split(mel, SEGMENTS)]
    change = np.diff(mel, axis=0).std(axis=0)
    parts = [part for stretch in stretches for part in stretch]
    return np.concatenate([*parts, change, [np.log(len(wave) / RATE)]]).astype(np.float32)


def facts(wave: Wave) -> Mapping[str, float]:
    """Name what anyone hears: seconds, loudness (dB of full scale), the share of silence, the centroid in Hz.

    A frame is silent 40 dB below the loudest.
    """
    power = np.maximum(np.exp(log_mel(wave).astype(float)) - FLOOR, 0)
    frames, bands = power.sum(axis=1), power.sum(axis=0)
    heard = frames.max() > BANDS * FLOOR
    return {
        "seconds": len(wave) / RATE,
        "loudness": float(10 * np.log10(np.mean(wave.astype(float) ** 2) + FLOOR)),
        "silence": float(np.mean(frames < frames.max() * 1e-4)) if heard else 1.0,
        "centroid": float(bands @ _centres()[1:-1] / bands.sum()) if heard else 0.0,
    }


def _wav(encoded: bytes) -> tuple[NDArray[Any], int]:
    from scipy.io import wavfile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks it does not know, such as a title
        warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
        try:
            rate, samples = wavfile.read(io.BytesIO(encoded))
        except (wavfile.WavFileWarning, struct.error, LookupError, ArithmeticError, TypeError, NameError) as fault:
            raise ValueError(str(fault)) from fault
    if samples.dtype == np.uint8:
        return (samples - 128.0) / 128, rate
    if samples.dtype.kind == "i":
        return samples / 2.0 ** (8 * samples.dtype.itemsize - 1), rate
    return samples.astype(float), rate


def _flac(encoded: bytes) -> tuple[NDArray[Any], int]:
    try:
        import soundfile
    except ModuleNotFoundError as fault:
        raise MissingExtra("FLAC needs soundfile, which is not installed", "pip install 'bimetal[audio]'") from fault
    try:
        samples, rate = soundfile.read(io.BytesIO(encoded))
    except soundfile.SoundFileError as fault:
        raise ValueError(str(fault)) from fault
    return samples, rate


def _resampled(mono: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    from scipy.signal import resample_poly

    if rate == RATE:
        return mono
    common = gcd(rate, RATE)
    return np.asarray(resample_poly(mono, RATE // common, rate // common))


@cache
def _mel_bands() -> Any:
    from scipy.sparse import csr_array

    low, middle, high = (_centres()[at : at + BANDS] for at in range(3))
    hertz = np.fft.rfftfreq(POINTS, 1 / RATE)[:, None]
    return csr_array(np.maximum(0, np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle))))


def _centres() -> NDArray[np.float64]:
    steps = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), BANDS + 2)  # O'Shaughnessy's mel scale
    edges: NDArray[np.float64] = 700 * (10 ** (steps / 2595) - 1)
    return edges

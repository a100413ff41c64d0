"""The conditions a clip is heard under: room, background, signal-to-noise ratio and codec, drawn and applied."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.audio import RATE
from bimetal.errors import InputError
from bimetal.generators._shares import raked
from bimetal.generators._sound import rooms
from bimetal.generators._sound.codecs import CODECS
from bimetal.generators._sound.noises import BACKGROUNDS, mixed
from bimetal.types import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from bimetal.types import FloatArray

    Groups: TypeAlias = dict[str, dict[str, Sequence[str]]]

SNRS = {"clean": (30.0, 45.0), "high": (15.0, 30.0), "medium": (5.0, 15.0), "low": (-5.0, 5.0)}  # decibels
KNOWN = {"room": rooms.ROOMS, "snr": tuple(SNRS), "codec": tuple(CODECS), "background": tuple(BACKGROUNDS)}


@dataclass(frozen=True)
class Heard:
    """What a clip's surroundings may be, each a choice among names; nothing named is all of them."""

    rooms: tuple[str, ...] = ()
    snrs: tuple[str, ...] = ()
    codecs: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for column, known in KNOWN.items():
            chosen(f"{column}s", getattr(self, f"{column}s"), known)

    def conditions(self) -> Groups:
        """Return the columns that say them, each with its values, as groups for `steered`."""
        return {column: {column: getattr(self, f"{column}s") or known} for column, known in KNOWN.items()}


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip as it is heard: `wave` at 16 kHz, the event's first sample, and what was drawn."""

    wave: FloatArray
    rt60: float
    snr_db: float


def chosen(what: str, names: object, known: Sequence[str]) -> None:
    """Refuse what is no tuple of known names, none twice."""
    fits = isinstance(names, tuple) and all(isinstance(name, str) for name in names)
    for name in names if isinstance(names, tuple) and fits else (names,):
        if not fits or name not in known:
            raise InputError(f"{what} has {name!r}", f"give a list out of: {', '.join(known)}")


def steered(
    groups: Groups,
    targets: tuple[Target, ...],
    prior: Mapping[str, Sequence[float]] | None = None,
) -> dict[str, FloatArray]:
    """Return each group's shares, shape (its values,), that meet the targets on its columns.

    Groups are drawn independently of each other, so the shares nearest to the prior are found group by group.
    """
    columns = [column for group in groups.values() for column in group]
    for target in targets:
        if target.column not in columns:
            raise InputError(f"no column {target.column!r} can be steered", f"name one of: {', '.join(columns)}")
    shares = {}
    for name, group in groups.items():
        count = len(next(iter(group.values())))
        own = tuple(target for target in targets if target.column in group)
        shares[name] = raked((prior or {}).get(name, [1.0] * count), group, own)
    return shares


def heard(dry: FloatArray, onset: int, length: int, setting: Mapping[str, str], rng: np.random.Generator) -> Clip:
    """Put a dry wave into a room at its onset, add the background, send it through the codec; peak at -30 to -1 dB.

    The direct sound stands at the onset: the time it travels is left out. The ratio holds over the event itself,
    before the codec.
    """
    dry_room, rt60 = setting["room"] == rooms.DRY, 0.0
    wave = np.zeros(length)
    sounded = dry
    if not dry_room:
        room, rt60 = rooms.drawn(setting["room"], rng)
        delay = int(room.distance / rooms.SOUND * RATE)
        sounded = rooms.convolved(dry, rooms.reverberation(room, rt60, rng)[delay:], length - onset)
    wave[onset : onset + len(sounded)] = sounded[: length - onset]
    snr_db = float(rng.uniform(*SNRS[setting["snr"]]))
    event = slice(onset, min(length, onset + len(dry)))
    wave = mixed(wave, BACKGROUNDS[setting["background"]](length, rng), snr_db, event)
    wave /= max(float(np.abs(wave).max()), 1e-9)
    wave = CODECS[setting["codec"]](wave, rng)
    peak = 10 ** (rng.uniform(-30, -1) / 20)
    return Clip(wave * peak / max(float(np.abs(wave).max()), 1e-9), rt60, snr_db)


def schema(strings: Sequence[str], numbers: Sequence[str]) -> pa.Schema:
    """Return the columns of a generator of sounds: `audio`, its text columns with the conditions, its numbers."""
    kinds: dict[str, pa.DataType] = {
        "audio": pa.binary(),
        **dict.fromkeys((*strings, *KNOWN), pa.string()),
        **dict.fromkeys(numbers, pa.float64()),
    }
    return pa.schema(kinds)


def wav(wave: FloatArray) -> bytes:
    """Encode a wave in -1..1 as 16-bit WAV at 16 kHz, one channel.

    >>> from bimetal.audio import decoded
    >>> decoded(wav(np.array([0.0, 0.5, -1.0]))).round(3).tolist()
    [0.0, 0.5, -1.0]
    """
    data = np.round(np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE") + form + struct.pack("<4sI", b"data", len(data)) + data
    )

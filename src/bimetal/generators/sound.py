"""Acoustic events by synthesis: 17 families of sounds in rooms, noise, bands and codecs; no recording is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.audio import RATE
from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._sound.events import FAMILIES, event
from bimetal.generators._sound.hearing import Heard, chosen, heard, schema, steered, wav
from bimetal.types import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bimetal.generators._sound.hearing import Groups
    from bimetal.types import FloatArray

BATCH = 64
SCHEMA = schema(("label",), ("onset", "rt60", "snr_db"))


@dataclass(frozen=True)
class Sound(Heard):
    """Sound one event a clip, WAV of 16 bits at 16 kHz, `seconds` long (.1-30), labelled with the event's family.

    `events`, `rooms` (dry, small, medium, large), `snrs` (clean, high, medium, low), `codecs` and `backgrounds` choose
    among names; nothing named is all. Columns say the onset in seconds, rt60 (0 where dry) and snr_db as drawn.
    Targets may name label, room, snr, codec or background.

    >>> rows = pa.Table.from_batches(Sound(seconds=0.5)(2, np.random.default_rng(0)))
    >>> rows.column_names
    ['audio', 'label', 'room', 'snr', 'codec', 'background', 'onset', 'rt60', 'snr_db']
    """

    events: tuple[str, ...] = ()
    seconds: float = 2.0

    licence: ClassVar[str] = "CC0-1.0"

    def __post_init__(self) -> None:
        super().__post_init__()
        chosen("events", self.events, tuple(FAMILIES))
        if not isinstance(self.seconds, int | float) or not 0.1 <= self.seconds <= 30:
            raise InputError(f"seconds is {self.seconds!r}, expected a number from .1 to 30", "2 is the default")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        groups: Groups = {"label": {"label": self.events or tuple(FAMILIES)}, **self.conditions()}
        shares = steered(groups, targets)
        return (self._batch(count, child, groups, shares) for count, child in batches(n, rng, BATCH))

    def _batch(
        self,
        count: int,
        rng: np.random.Generator,
        groups: Groups,
        shares: Mapping[str, FloatArray],
    ) -> pa.RecordBatch:
        drawn = {name: rng.choice(group[name], BATCH, p=shares[name]) for name, group in groups.items()}
        settings = [{name: str(values[row]) for name, values in drawn.items()} for row in range(count)]
        rows = [self._row(setting, child) for setting, child in zip(settings, rng.spawn(BATCH)[:count], strict=True)]
        return pa.RecordBatch.from_pylist(rows, SCHEMA)

    def _row(self, setting: Mapping[str, str], rng: np.random.Generator) -> dict[str, object]:
        length = int(self.seconds * RATE)
        dry = event(setting["label"], rng, 0.8 * self.seconds)
        onset = int(rng.integers(0, max(1, length - len(dry))))
        clip = heard(dry, onset, length, setting, rng)
        return {**setting, "audio": wav(clip.wave), "onset": onset / RATE, "rt60": clip.rt60, "snr_db": clip.snr_db}

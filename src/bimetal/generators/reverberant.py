"""Real recordings in other rooms, noises, bands and codecs: acoustics drawn anew, label and recording kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.audio import RATE
from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._sound.hearing import Heard, heard, schema, steered, wav
from bimetal.payload import modality, waves
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bimetal.generators._sound.hearing import Groups
    from bimetal.types import FloatArray, IntArray

BATCH = 64
SCHEMA = schema(("label", "twin"), ("rt60", "snr_db"))
LONGEST = 60 * RATE  # what a room, a noise and a codec may hold in memory at once


@dataclass(frozen=True)
class Reverberant(Heard):
    """Draw a labelled recording again and again and put it elsewhere; `twin` names the recording, the length stays.

    `rooms` (dry, small, medium, large), `snrs` (clean, high, medium, low), `codecs` and `backgrounds` choose among
    names; nothing named is all. The recording's own room and noise stay in it: what is drawn comes on top, and
    snr_db counts everything recorded as signal. Targets may name label, room, snr, codec or background.
    Raises InputError without seed rows, and where they hold no labelled sound.

    >>> from bimetal.generators._sound.hearing import wav
    >>> seed = pa.table({"id": ["a"], "audio": [wav(np.sin(np.arange(4000)))], "label": ["beep"]})
    >>> rows = pa.Table.from_batches(Reverberant()(2, np.random.default_rng(0), seed))
    >>> rows["label"].to_pylist(), rows["twin"].to_pylist()
    (['beep', 'beep'], ['a', 'a'])
    """

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "audio"
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seed = _Seed.of(seed_rows)
        groups: Groups = {"label": {"label": seed.labels}, **self.conditions()}
        shares = steered(groups, targets, {"label": list(map(len, seed.members))})
        return (_batch(seed, groups, shares, count, child) for count, child in batches(n, rng, BATCH))


@dataclass(frozen=True)
class _Seed:
    """Labelled recordings: the labels there are, and the row numbers of each."""

    rows: pa.Table
    labels: tuple[str, ...]
    members: tuple[IntArray, ...]

    @classmethod
    def of(cls, given: pa.Table | None) -> _Seed:
        if given is None:
            raise InputError("this generator learns and got no seed rows", "pass labelled recordings")
        if "label" not in given.column_names or modality(given) != "audio":
            raise InputError(
                f"the seed rows have the columns {', '.join(given.column_names)}, expected audio and a label",
                "pass a table with an `audio` column of WAV bytes and a `label` column",
            )
        rows = given.filter(pc.is_valid(given["label"]))
        if not rows.num_rows:
            raise InputError("the seed rows have no labelled recordings", "label some first")
        labels, codes = np.unique(np.array(rows["label"].to_pylist(), str), return_inverse=True)
        members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
        return cls(rows, tuple(map(str, labels)), tuple(members))

    def recording(self, row: int) -> tuple[FloatArray, str]:
        one = self.rows.slice(row, 1)
        wave = next(waves(one)).astype(float)
        if len(wave) > LONGEST:
            raise InputError(
                f"recording {row} is {len(wave) / RATE:.0f} seconds long, expected 60 at most", "cut it into clips"
            )
        return wave, str(one["id"][0].as_py()) if "id" in one.column_names else str(row)


def _batch(
    seed: _Seed,
    groups: Groups,
    shares: Mapping[str, FloatArray],
    count: int,
    rng: np.random.Generator,
) -> pa.RecordBatch:
    codes = {name: rng.choice(len(shares[name]), BATCH, p=shares[name]) for name in groups}
    where = rng.random(BATCH)
    rows = []
    for row, child in enumerate(rng.spawn(BATCH)[:count]):
        setting = {name: groups[name][name][codes[name][row]] for name in groups}
        members = seed.members[codes["label"][row]]
        wave, twin = seed.recording(int(members[int(where[row] * len(members))]))
        clip = heard(wave, 0, len(wave), setting, child)
        rows.append({**setting, "audio": wav(clip.wave), "twin": twin, "rt60": clip.rt60, "snr_db": clip.snr_db})
    return pa.RecordBatch.from_pylist(rows, SCHEMA)

"""Seed pictures with noise, blur, fog, compression and other damage at severities 1 to 5, label kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._pictures import decoded, png
from bimetal.generators._redteam.choices import refuse_others
from bimetal.generators._redteam.corruptions import CORRUPTIONS, corrupted
from bimetal.generators._redteam.seeded import Seeded
from bimetal.types import UNKNOWN_LICENCE, Target

BATCH = 64
SEVERITIES = (1, 2, 3, 4, 5)
COLUMNS = ("label", "corruption", "severity", "twin")
SCHEMA = pa.schema([pa.field("image", pa.binary())] + [pa.field(name, pa.string()) for name in COLUMNS])


@dataclass(frozen=True)
class CorruptedImage:
    """Damage seed pictures, grey or colour and of any size, in one way each, and keep the label.

    The ways are those of Hendrycks and Dietterich 2019 and occlusion, at their five severities; strengths scale with
    the picture and are this package's own, so figures are not those of ImageNet-C. `ways` names those to use (none:
    all). `twin` is the clean seed's id. Targets may name label, corruption or severity ('1' to '5').

    >>> seed = pa.table({"id": ["a"], "image": [png(np.full((8, 8), 99, np.uint8))], "label": ["7"]})
    >>> rows = pa.Table.from_batches(CorruptedImage(("fog",))(1, np.random.default_rng(0), seed))
    >>> rows.select(["label", "corruption", "twin"]).to_pylist()
    [{'label': '7', 'corruption': 'fog', 'twin': 'a'}]
    """

    ways: tuple[str, ...] = ()
    severities: tuple[int, ...] = SEVERITIES

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "image"
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone

    def __post_init__(self) -> None:
        refuse_others("ways", self.ways, CORRUPTIONS)
        refuse_others("severities", self.severities, SEVERITIES)
        if not self.severities:
            raise InputError("severities is empty", "give a list of whole numbers from 1 to 5")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        kinds = [(way, severity) for way in self.ways or CORRUPTIONS for severity in self.severities]
        named = {"corruption": [way for way, _ in kinds], "severity": [str(severity) for _, severity in kinds]}
        seeds = Seeded.of(seed_rows, "image", named, targets)
        return (self._batch(seeds, kinds, count, child) for count, child in batches(n, rng, BATCH))

    def _batch(
        self, seeds: Seeded, kinds: list[tuple[str, int]], count: int, rng: np.random.Generator
    ) -> pa.RecordBatch:
        rows, drawn = seeds.draw(BATCH, rng)
        rows, ways = rows[:count], [kinds[each] for each in drawn[:count]]
        pictures = [
            png(corrupted(decoded(seeds.rows, int(row)), way, severity, child))
            for row, (way, severity), child in zip(rows, ways, rng.spawn(count), strict=True)
        ]
        columns = [
            pa.array(pictures, pa.binary()),
            seeds.column("label", rows),
            pa.array([way for way, _ in ways], pa.string()),
            pa.array([str(severity) for _, severity in ways], pa.string()),
            seeds.column("id", rows),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)

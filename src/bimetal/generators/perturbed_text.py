"""Seed texts with look-alikes, invisible signs, typos, case, marks or gaps changed, and their labels kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._redteam.choices import refuse_others
from bimetal.generators._redteam.perturbations import EDITS, perturbed
from bimetal.generators._redteam.seeded import Seeded
from bimetal.types import UNKNOWN_LICENCE, Target

BATCH = 256
TEXTS = ("text", "label", "perturbation", "twin")
SCHEMA = pa.schema([pa.field(name, pa.string()) for name in TEXTS] + [pa.field("edits", pa.int64())])


@dataclass(frozen=True)
class PerturbedText:
    """Change about `strength` (0-1) of the characters of seed texts in one way each, and keep the label.

    Ways: homoglyph (Cyrillic for Latin), zero_width, typo (neighbouring keys, swaps, letters left out or doubled),
    case, diacritics (added to Latin letters, else taken away) and whitespace. `ways` names those to use (none: all).
    `twin` is the seed's id, `edits` how many changes were made: 0 where a text has nothing to change in that way.
    Targets may name label or perturbation.

    >>> seed = pa.table({"id": ["a"], "text": ["where is my card"], "label": ["card"]})
    >>> rows = pa.Table.from_batches(PerturbedText(0.1, ("typo",))(2, np.random.default_rng(0), seed))
    >>> rows["label"].to_pylist(), rows["twin"].to_pylist(), "where is my card" in rows["text"].to_pylist()
    (['card', 'card'], ['a', 'a'], False)
    """

    strength: float = 0.1
    ways: tuple[str, ...] = ()

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "text"
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone

    def __post_init__(self) -> None:
        if not isinstance(self.strength, int | float) or not 0 < self.strength <= 1:
            raise InputError(f"strength is {self.strength!r}, expected a number above 0, at most 1", "0.1 is a tenth")
        refuse_others("ways", self.ways, EDITS)

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seeds = Seeded.of(seed_rows, "text", {"perturbation": self.ways or tuple(EDITS)}, targets)
        return (self._batch(seeds, count, child) for count, child in batches(n, rng, BATCH))

    def _batch(self, seeds: Seeded, count: int, rng: np.random.Generator) -> pa.RecordBatch:
        rows, ways = seeds.draw(BATCH, rng)
        rows, named = rows[:count], [(self.ways or tuple(EDITS))[way] for way in ways[:count]]
        texts: list[Any] = seeds.column("text", rows).to_pylist()
        made = [
            perturbed(text, way, self.strength, child.random((len(text), 2)))
            for text, way, child in zip(texts, named, rng.spawn(count), strict=True)
        ]
        columns = [
            pa.array([text for text, _ in made], pa.string()),
            seeds.column("label", rows),
            pa.array(named, pa.string()),
            seeds.column("id", rows),
            pa.array([edits for _, edits in made], pa.int64()),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)

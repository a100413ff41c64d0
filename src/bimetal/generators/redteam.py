"""Red-team prompts with benign twins: injection, jailbreak and encoding families, placeholders instead of harm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._redteam.choices import refuse_others
from bimetal.generators._redteam.converters import BULKY, CONVERTERS, Converter
from bimetal.generators._redteam.taxonomy import Carrier, Seed, cells, drawn_slots, taxonomy
from bimetal.generators._shares import raked
from bimetal.types import Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray

BATCH = 256
COLUMNS = ("text", "label", "family", "kind", "category", "severity", "carrier", "converters", "seed", "twin")
SCHEMA = pa.schema([pa.field(name, pa.string()) for name in COLUMNS])
MASK = "[[TASK]]"


@dataclass(frozen=True)
class Redteam:
    """Draw pairs of an attack and its benign twin, to test a guard or an assistant of one's own on both.

    What an attack asks for is the placeholder [[PAYLOAD:category]]: nothing harmful is in any row. Its twin has the
    same form, carrier, converters and an innocuous task; refusing it is over-refusal. `masked` puts [[TASK]] in both,
    so that the form alone tells them apart. `depth` is the most converters a chain has (0-3), `converters` names the
    ones to use (none named: all). Targets may name label, family, kind, category, severity or carrier; pairs are kept
    as far as the share of labels allows, and an odd n ends in half a pair.

    >>> rows = pa.Table.from_batches(Redteam(depth=0)(2, np.random.default_rng(0)))
    >>> rows["label"].to_pylist(), len(set(rows["twin"].to_pylist()))
    (['attack', 'benign'], 1)
    """

    depth: int = 3
    converters: tuple[str, ...] = ()
    masked: bool = False

    licence: ClassVar[str] = "CC0-1.0"

    def __post_init__(self) -> None:
        if self.depth not in range(4):
            raise InputError(f"depth is {self.depth!r}, expected a whole number from 0 to 3", "3 is the default")
        if not isinstance(self.masked, bool):
            raise InputError(f"masked is {self.masked!r}, expected true or false", "false is the default")
        refuse_others("converters", self.converters, CONVERTERS)

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        kinds = cells()
        shares = raked([1.0] * len(kinds), _steerable(kinds), targets).reshape(-1, 2)
        pairs, attacks = shares.sum(axis=1), float(shares[:, 0].sum())
        parts = batches(n, rng, BATCH)
        return (self._batch(place, count, child, (pairs, attacks)) for place, (count, child) in enumerate(parts))

    def _batch(
        self, place: int, count: int, rng: np.random.Generator, shares: tuple[FloatArray, float]
    ) -> pa.RecordBatch:
        pairs, attacks = shares
        kinds = cells()[::2]  # a pair each, whatever its labels
        drawn = rng.choice(len(kinds), BATCH, p=pairs / pairs.sum())
        alone = rng.random(BATCH) >= min(attacks, 1 - attacks) / max(attacks, 1 - attacks)
        picks = rng.random((BATCH, 6 + len(taxonomy().slots)))
        pool = [CONVERTERS[name] for name in self.converters or CONVERTERS]
        rows: list[tuple[str, ...]] = []
        for at in range(BATCH):
            seed, carrier, _ = kinds[drawn[at]]
            labels = ("attack", "benign") if not alone[at] else ("attack",) if attacks > 0.5 else ("benign",)
            chain = _chain(pool, int(picks[at, 0] * (self.depth + 1)), picks[at, 1:4])
            for label in labels[: count - len(rows)]:
                text = self._text(seed, carrier, chain, label, picks[at])
                facts = (label, seed.family, seed.kind, seed.category, seed.severity, carrier.name)
                named = "+".join(each.name for each in chain)
                rows.append((text, *facts, named, seed.id, f"{BATCH * place + at:08d}"))
            if len(rows) == count:
                break
        columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
        return pa.RecordBatch.from_arrays([pa.array(each, pa.string()) for each in columns], schema=SCHEMA)

    def _text(self, seed: Seed, carrier: Carrier, chain: Sequence[Converter], label: str, picks: FloatArray) -> str:
        asked = f"[[PAYLOAD:{seed.category}]]" if label == "attack" else seed.tasks[int(picks[4] * len(seed.tasks))]
        form = seed.attack if label == "attack" else seed.benign
        message = form.format(task=MASK if self.masked else asked)
        for each in chain:
            message = each.encode(message)
        return carrier.carry(message, int(picks[5] * 4), drawn_slots(picks[6:]))


def _steerable(kinds: Sequence[tuple[Seed, Carrier, str]]) -> dict[str, list[str]]:
    named = {name: [str(getattr(seed, name)) for seed, _, _ in kinds] for name in ("family", "kind", "category")}
    named["severity"] = [seed.severity for seed, _, _ in kinds]
    return named | {"carrier": [each.name for _, each, _ in kinds], "label": [label for _, _, label in kinds]}


def _chain(pool: Sequence[Converter], depth: int, picks: FloatArray) -> list[Converter]:
    """Pick converters in turn, none twice, and no second that makes a text much longer."""
    chain: list[Converter] = []
    left = list(pool)
    for pick in picks[:depth]:
        if not left:
            break
        chosen = left[int(pick * len(left))]
        chain.append(chosen)
        bulky = chosen.growth >= BULKY
        left = [each for each in left if each is not chosen and not (bulky and each.growth >= BULKY)]
    return chain

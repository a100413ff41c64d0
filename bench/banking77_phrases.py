"""Invented bank customers: a phrase generator for 27 intents of Banking77, written from the label names alone.

Nobody read a query of the data while writing the grammar beside this file (banking77_phrases.txt). Its author was a
language model, which may have met the public data in its training; what the generator scores is to be read with that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

from bimetal.generators._batches import batches
from bimetal.generators._shares import raked
from bimetal.types import Target

BATCH = 256
SCHEMA = pa.schema([("text", pa.string()), ("label", pa.string())])
CHOICE = re.compile(r"\(([^()]*)\)")
SLOT = re.compile(r"\{(\w+)\}")
PAIRS = {"I am": "I'm", "do not": "don't", "it is": "it's", "cannot": "can't", "what is": "what's"}


@dataclass(frozen=True)
class Phrases:
    """Speak as customers with these intents, `wildness` scaling how freely they type (0-2)."""

    intents: tuple[str, ...]
    wildness: float = 1.0

    licence: ClassVar[str] = "CC0-1.0"

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        shares = raked([1.0] * len(self.intents), {"label": self.intents}, targets)
        for count, child in batches(n, rng, BATCH):
            labels = [self.intents[code] for code in child.choice(len(self.intents), BATCH, p=shares)]
            texts = [self.spoken(label, child) for label in labels]
            yield pa.RecordBatch.from_arrays([pa.array(texts[:count]), pa.array(labels[:count])], schema=SCHEMA)

    def spoken(self, intent: str, rng: np.random.Generator) -> str:
        """Say an intent: a pattern of the grammar, filled in, with manners before and after, as people type."""
        said = _filled(_pick(grammar()[intent], rng), rng)
        if rng.random() < 0.2 * self.wildness:
            said = f"{said}. {_filled(_pick(grammar()[intent], rng), rng)}"
        if rng.random() < 0.2 * self.wildness:
            said = f"{_filled(grammar()['opening'][0], rng)} {said}"
        if rng.random() < 0.15 * self.wildness:
            said += _filled(grammar()["closing"][0], rng)
        return _typed(said, self.wildness, rng)


@lru_cache(maxsize=1)
def grammar() -> dict[str, list[str]]:
    """Read the patterns of every intent: (a|b) is a choice and {name} a slot, spelled as a choice at the top."""
    slots: dict[str, str] = {}
    patterns: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("{") and "} = " in line:
            name, _, choice = line.partition(" = ")
            slots[name[1:-1]] = choice
        elif line.startswith("# "):
            patterns[line[2:]] = []
        elif line:
            patterns[next(reversed(patterns))].append(SLOT.sub(lambda slot: slots[slot[1]], line))
    return patterns


def _filled(pattern: str, rng: np.random.Generator) -> str:
    while CHOICE.search(pattern):
        pattern = CHOICE.sub(lambda found: _pick(found[1].split("|"), rng), pattern)
    return re.sub(r" +([,.?!])", r"\1", re.sub(r"\s+", " ", pattern)).strip()


def _pick(choices: list[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _typed(said: str, wildness: float, rng: np.random.Generator) -> str:
    for long, short in PAIRS.items():
        if rng.random() < 0.3:
            said = said.replace(long, short)
    if rng.random() < 0.1 * wildness:
        said = said.replace("'", "")
    if rng.random() < 0.12 * wildness:
        said = _slip(said, rng)
    ends = rng.random()
    said = said if said[-1] in "?!." or ends < 0.3 else said + ("?" if ends < 0.75 else ".")
    return said if rng.random() < 0.2 * wildness else said[0].upper() + said[1:]


def _slip(said: str, rng: np.random.Generator) -> str:
    """Drop, double or swap a letter."""
    at = int(rng.integers(1, len(said) - 1))
    pair = said[at : at + 2]
    return said[:at] + _pick([pair[1:], pair[:1] + pair, pair[::-1]], rng) + said[at + 2 :]

"""Specimen identity cards, invoices, statements and bills in several languages, with every field's text and place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._document.capture import CAPTURES, moved, spelled
from bimetal.generators._document.kinds import KINDS, Writer
from bimetal.generators._document.paper import MARK, Field, marked
from bimetal.generators._document.words import LOCALES
from bimetal.generators._shares import raked
from bimetal.types import Target

if TYPE_CHECKING:
    from faker import Faker

    from bimetal.types import FloatArray

Truth = Literal["kind", "boxes"]

BATCH = 16
COLUMNS = ("kind", "locale", "capture", "script", "language")
TEXTS = ("label", "fields", *COLUMNS, "marked")
COLUMN_TYPES: list[pa.Field[Any]] = [pa.field("image", pa.binary()), *(pa.field(name, pa.string()) for name in TEXTS)]
SCHEMA = pa.schema(COLUMN_TYPES)


@dataclass(frozen=True)
class Document:
    """Print documents of people who do not exist, all marked SPECIMEN across the page and within the file.

    `kinds`, `locales` and `captures` keep some of: identity_card, invoice, bank_statement, proof_of_address; the
    locales of docs/generators/documents.md; flat, scan, photo. `truth` makes the label the kind, or the boxes of all
    fields. `fields` is a list of {name, text, box, quad}, the quad clockwise from the upper left as the text reads.
    Card numbers, codes and accounts have no valid check digits. Targets may name label, kind, locale, language, script
    and capture.
    """

    truth: Truth = "kind"
    kinds: tuple[str, ...] = tuple(KINDS)
    locales: tuple[str, ...] = tuple(LOCALES)
    captures: tuple[str, ...] = tuple(CAPTURES)

    licence: ClassVar[str] = "CC0-1.0"
    packages: ClassVar[tuple[str, ...]] = ("faker",)

    def __post_init__(self) -> None:
        if self.truth not in get_args(Truth):
            raise InputError(f"truth is {self.truth!r}", f"choose one of: {', '.join(get_args(Truth))}")
        for name, known in (("kinds", KINDS), ("locales", LOCALES), ("captures", CAPTURES)):
            chosen = getattr(self, name)
            strange = [each for each in chosen if each not in known] if isinstance(chosen, tuple) else [chosen]
            if strange or not chosen:
                what = f"{strange[0]!r}" if strange else "nothing"
                raise InputError(f"{name} has {what}", f"give a list of some of: {', '.join(known)}")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        cells = [(kind, place, how) for kind in self.kinds for place in self.locales for how in self.captures]
        columns = dict(zip(COLUMNS, map(list, zip(*map(_described, cells), strict=True)), strict=True))
        known = columns | ({"label": columns["kind"]} if self.truth == "kind" else {})
        shares = raked([1.0] * len(cells), known, targets)
        return (self._batch(count, child, cells, shares) for count, child in batches(n, rng, BATCH))

    def _batch(
        self, count: int, rng: np.random.Generator, cells: list[tuple[str, str, str]], shares: FloatArray
    ) -> pa.RecordBatch:
        drawn = [cells[each] for each in rng.choice(len(cells), BATCH, p=shares)]
        seeds = rng.integers(0, 2**62, BATCH)
        made = [self._one(cell, int(seed)) for cell, seed in zip(drawn[:count], seeds, strict=False)]
        rows = [(*each, *_described(cell), MARK) for each, cell in zip(made, drawn, strict=False)]
        arrays = zip(*rows, strict=True) if rows else [[] for _ in SCHEMA]
        return pa.RecordBatch.from_arrays(
            [pa.array(list(each), field.type) for each, field in zip(arrays, SCHEMA, strict=True)], schema=SCHEMA
        )

    def _one(self, cell: tuple[str, str, str], seed: int) -> tuple[bytes, str, str]:
        kind, place, how = cell
        rng = np.random.default_rng(seed)
        paper = KINDS[kind](Writer(LOCALES[place], _faker(place, seed), rng))
        picture, move = CAPTURES[how](marked(paper), rng)
        fields = [_spelled(each, move) for each in paper.fields]
        label = kind if self.truth == "kind" else json.dumps([_box(each) for each in fields])
        return spelled(picture, plain=how == "flat"), label, json.dumps(fields, ensure_ascii=False)


def _described(cell: tuple[str, str, str]) -> tuple[str, ...]:
    place = LOCALES[cell[1]]
    return (*cell, place.script, place.language)


def _faker(place: str, seed: int) -> Faker:
    found = _fakers(place)
    found.seed_instance(seed)
    return found


@lru_cache(maxsize=16)
def _fakers(place: str) -> Faker:
    from faker import Faker

    return Faker(place)


def _spelled(field: Field, move: FloatArray) -> dict[str, Any]:
    quad = moved(field.quad, move)
    box = [*quad.min(axis=0), *quad.max(axis=0)]
    return {"name": field.name, "text": field.text, "box": _rounded(box), "quad": [_rounded(each) for each in quad]}


def _rounded(numbers: Iterable[float]) -> list[float]:
    return [round(float(each), 2) for each in numbers]


def _box(field: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(("x0", "y0", "x1", "y1"), field["box"], strict=True)) | {"label": field["name"]}

"""Columns no tree may draw: keys, made fresh and never a seed's own, and free text, which is refused."""

from __future__ import annotations

import bisect
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError

FEWEST = 20  # fewer rows than this may differ by chance
OWN = 0.9  # of the known values differ: names, numbers of accounts, e-mail addresses
HIGHEST = 2**62  # keys beyond would leave what 64 bits hold
PROSE = 0.5
WORDS = 4
PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\+?\d[\d ()/-]{7,}\d")  # e-mail addresses, telephone and card numbers
_NAMED = re.compile(r"(^|_)(id|key|uuid|ssn|iban|number|nr|no)$", re.IGNORECASE)
_ALPHABETS = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}


@dataclass(frozen=True, slots=True)
class Key:
    """A column of keys: row i gets the i-th key of the seed's commonest shape that is no seed's, shuffled."""

    field: pa.Field[Any]
    missing: float
    shape: tuple[str, ...] = ()
    gaps: tuple[int, ...] = ()  # free places before each of the seeds' own
    after: int = 0
    step: int = 1
    start: int = 0

    def drawn(self, start: int, count: int, rng: np.random.Generator) -> pa.Array[Any]:
        """Make the keys of rows start to start + count; missing as often as in the seed."""
        lacking = rng.random(count) < self.missing
        places = range(start, start + count)
        if not self.shape:
            kind = pa.int64() if self.after >= 0 else self.field.type
            return pa.array([self.after + place for place in places], kind, mask=lacking).cast(self.field.type)
        return pa.array([self._spelled(place) for place in places], pa.string(), mask=lacking).cast(self.field.type)

    def _spelled(self, place: int) -> str:
        most = math.prod(map(len, self.shape))
        free = max(most - len(self.gaps), 1)
        lap, place = divmod(place, free)
        low = bisect.bisect_right(self.gaps, place)
        spelled = _unranked((self.start + (place + low) * self.step) % most, self.shape)
        return f"{spelled}-{lap}" if lap or free == 1 else spelled


def key(column: pa.ChunkedArray[Any], field: pa.Field[Any], rng: np.random.Generator, declared: bool) -> Key | None:
    """Take a column for keys where declared, or where nearly every row has a value of its own; else None.

    Raises InputError for free text, naming what in it looks personal.
    """
    known = column.drop_null()
    missing = 1 - len(known) / max(len(column), 1)
    whole = pa.types.is_integer(field.type)
    if not whole and not _is_text(field.type):
        if declared:
            raise InputError(f"column {field.name!r} is {field.type}, expected text or whole numbers", "keys are those")
        return None
    distinct = pc.count_distinct(known).as_py()
    own = len(known) >= FEWEST and distinct >= OWN * len(known)
    if whole:
        if declared or (own and distinct == len(known) and _is_numbering(known, field.name)):
            highest = pc.max(known).as_py() or 0
            if highest >= HIGHEST:
                raise InputError(
                    f"column {field.name!r} holds keys up to {highest}, beyond them there are no more",
                    f"draw it as missing with withhold = {field.name}",
                )
            return Key(field, missing, after=highest + 1)
        return None
    texts = [str(each) for each in known.to_pylist()]
    if not declared:
        _refuse_prose(texts if distinct >= PROSE * len(known) and len(known) >= FEWEST else [], field.name)
    return _text_key(texts, field, missing, rng) if own or declared else None


def refuse_own(rows: pa.Table) -> None:
    """Raise InputError where a text column is somebody's own in nearly every row: what copies it hands it out."""
    for field in rows.schema:
        if field.name == "label" or not _is_text(field.type):
            continue
        known = rows[field.name].drop_null()
        if len(known) >= FEWEST and pc.count_distinct(known).as_py() >= OWN * len(known):
            raise InputError(
                f"column {field.name!r} differs in nearly every row: what is drawn would hand out somebody's own",
                "leave it out, or use the generator table, which makes fresh keys",
            )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_numbering(known: pa.ChunkedArray[Any], name: str) -> bool:
    span = pc.max(known).as_py() - pc.min(known).as_py()
    return bool(_NAMED.search(name)) or bool(span < 2 * len(known))


def _refuse_prose(texts: list[str], name: str) -> None:
    words = sum(len(text.split()) for text in texts) / max(len(texts), 1)
    if words < WORDS:
        return
    personal = sum(bool(PERSONAL.search(text)) for text in texts)
    found = f", {personal:,} of them with an address or a number of a person" if personal else ""
    raise InputError(
        f"column {name!r} holds free text, {len(texts):,} texts of {words:.0f} words{found}:"
        " no tree draws it without copying it",
        f"draw it as missing with withhold = {name}, or write it anew with the generator paraphrase",
    )


def _text_key(known: list[str], field: pa.Field[Any], missing: float, rng: np.random.Generator) -> Key:
    shapes = Counter("".join(map(_class, text)) for text in known)
    shape = max(shapes, key=lambda each: (shapes[each], each)) if shapes else ""
    alike = [text for text in known if "".join(map(_class, text)) == shape]
    alphabets = tuple(
        marks[0] if len(set(marks)) == 1 else _ALPHABETS.get(kind, marks[0])
        for kind, marks in zip(shape, map("".join, zip(*alike, strict=True)), strict=True)
    ) or ("0123456789",) * 6  # fmt: skip
    most = math.prod(map(len, alphabets))
    step, start = 1, 0
    if most > 2:
        start, step = int(rng.integers(min(most, 2**62))), int(rng.integers(1, min(most, 2**62)))
        while math.gcd(step, most) > 1:
            step = step % most + 1
    back = pow(step, -1, most) if most > 1 else 0
    ranked = (_ranked(text, alphabets) for text in alike)
    taken = sorted({(each - start) * back % most for each in ranked})
    gaps = tuple(each - place for place, each in enumerate(taken))
    return Key(field, missing, alphabets, gaps, 0, step, start)


def _class(mark: str) -> str:
    if "0" <= mark <= "9":
        return "9"
    if "A" <= mark <= "Z":
        return "A"
    return "a" if mark.isalpha() else mark


def _ranked(text: str, alphabets: tuple[str, ...]) -> int:
    rank = 0
    for mark, alphabet in zip(text, alphabets, strict=True):
        rank = rank * len(alphabet) + max(alphabet.find(mark), 0)
    return rank


def _unranked(rank: int, alphabets: tuple[str, ...]) -> str:
    marks = []
    for alphabet in reversed(alphabets):
        rank, place = divmod(rank, len(alphabet))
        marks.append(alphabet[place])
    return "".join(reversed(marks))

"""Licence names as people write them, read as SPDX expressions; what is not surely known is unknown, never laxer."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from bimetal.licensing.table import licences
from bimetal.types import UNKNOWN_LICENCE

_OPERATORS = re.compile(r"(\bAND\b|\bOR\b|\bWITH\b|[()])")
_SPACES = re.compile(r"[\s_,;:\-/]+")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_VERSION = re.compile(r"\b(?:v|version )\s?(?=\d)")
_TAIL = re.compile(r"( (public )?licen[cs]e)+$")
_LEGAL = re.compile(r"^https?://(www\.)?|/((legalcode|deed)(\.\w+)?)?$")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Name:
    """A licence as written and as read; `expression` is None where it is unknown."""

    text: str
    expression: Any | None = None

    @property
    def known(self) -> bool:
        return self.expression is not None

    @property
    def spdx(self) -> str:
        """The expression in SPDX spelling, or "unknown"."""
        return UNKNOWN_LICENCE if self.expression is None else str(self.expression)

    @property
    def parts(self) -> frozenset[str]:
        """The parts joined by AND, a choice (OR) kept as one part; none where unknown."""
        if self.expression is None:
            return frozenset()
        joined = operator(self.expression) == "AND"
        return frozenset(str(each) for each in (self.expression.args if joined else (self.expression,)))

    @property
    def nearest(self) -> tuple[str, ...]:
        """Up to three licences whose names look alike, as a suggestion to a person."""
        if self.known:
            return ()
        alike = difflib.get_close_matches(_plain(self.text), list(_spelled()), 12, 0.6)
        return tuple(dict.fromkeys(_spelled()[each] for each in alike))[:3]


@lru_cache(4096)
def resolve(text: str | None, on_file: tuple[str, ...] = ()) -> Name:
    """Read a licence name or expression; `on_file` are LicenseRef names a team keeps beside the public ones.

    A name without its version or variant is unknown, and so is any word left over.

    >>> resolve("CC BY 4.0").spdx, resolve("Apache 2 AND MIT License").spdx
    ('CC-BY-4.0', 'Apache-2.0 AND MIT')
    >>> resolve("CC BY").spdx, resolve("CC BY").nearest[0][:5]
    ('unknown', 'CC-BY')
    """
    said = (text or "").strip()
    if not said or UNKNOWN_LICENCE in said.lower():
        return Name(said)
    whole = _spelled().get(_plain(said))
    return Name(said, _parsed(whole, on_file) if whole else _expression(said, on_file))


def operator(expression: Any) -> str:
    """Name what holds an expression together: "AND", "OR", "WITH", or "" for one licence."""
    licensing = _licensing(())
    if isinstance(expression, licensing.AND):
        return "AND"
    if isinstance(expression, licensing.OR):
        return "OR"
    return "WITH" if hasattr(expression, "license_symbol") else ""


def _expression(said: str, on_file: tuple[str, ...]) -> Any | None:
    pieces = [_operand(each) for each in _OPERATORS.split(said)]
    found = _parsed(" ".join(each for each, _ in pieces), on_file)
    if found is None:
        return None
    # license-expression reads "gpl" as its first version or later; a version nobody wrote is a guess
    written = "".join(f"{each} {said}" for each, said in pieces)
    ids = {number for key in map(str, found.symbols) for number in _NUMBER.findall(key)}
    return found if all(number in written for number in ids) else None


def _operand(piece: str) -> tuple[str, str]:
    known = _spelled().get(_plain(piece)) if piece.strip() else None
    return (known, piece) if known else (piece, piece)


def _parsed(text: str, on_file: tuple[str, ...]) -> Any | None:
    from license_expression import ExpressionError, ParseError

    try:
        found = _licensing(on_file).parse(text, validate=True, strict=True)
    except (ExpressionError, ParseError):
        return None
    return None if found is None or UNKNOWN_LICENCE in str(found).lower() else found


@cache
def _licensing(on_file: tuple[str, ...]) -> Any:
    from license_expression import Licensing, get_spdx_licensing

    known = get_spdx_licensing().known_symbols
    ours = [*licences(), *on_file]
    return Licensing([*known.values(), *(each for each in dict.fromkeys(ours) if each not in known)])


def _plain(text: str) -> str:
    """Fold case, spacing, brackets, "licence" at the end and "version" before a number."""
    opened = _BRACKETS.sub(r" \1 ", _LEGAL.sub("", text.strip().casefold()))
    folded = _SPACES.sub(" ", opened).strip()
    return _TAIL.sub("", _VERSION.sub("", folded).removeprefix("the "))


@cache
def _spelled() -> Mapping[str, str]:
    """Map every spelling that is surely known to its id; one that two licences share is left out."""
    found: dict[str, set[str]] = {}
    for spelling, licence in itertools.chain(_declared(), _creative_commons()):
        found.setdefault(_plain(spelling), set()).add(licence)
    return {spelling: min(each) for spelling, each in found.items() if len(each) == 1 and spelling}


def _declared() -> Iterator[tuple[str, str]]:
    for each in licences().values():
        for spelling in (each.id, each.title, each.url, *each.names):
            if spelling:
                yield spelling, each.id


def _creative_commons() -> Iterator[tuple[str, str]]:
    elements = {
        "NC": ("NonCommercial", "Non Commercial"),
        "SA": ("ShareAlike", "Share Alike"),
        "ND": ("NoDerivatives", "NoDerivs", "No Derivatives", "No Derivs"),
    }
    places = {"4.0": "International", "3.0": "Unported"}
    for licence in licences():
        letters, _, version = licence.removeprefix("CC-").rpartition("-")
        if not licence.startswith("CC-BY") or version not in ("1.0", "2.0", "2.5", "3.0", "4.0"):
            continue
        short = f"CC {letters} {version}"
        words = itertools.product(["Attribution"], *(elements[each] for each in letters.split("-")[1:]))
        numbers = [version, *([version[0]] if version in places else [])]
        for spelled, number in itertools.product(words, numbers):
            for place in ("", f" {places.get(version, 'Generic')}"):
                full = f"Creative Commons {' '.join(spelled)} {number}{place}"
                yield from ((form, licence) for form in (full, f"{full} ({short})", f"CC {letters} {number}"))

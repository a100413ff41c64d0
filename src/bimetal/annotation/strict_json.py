"""JSON from strangers: no NaN, no key twice, no endless numbers or nests; whole numbers spelled whole."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

from bimetal.errors import InputError

LONGEST = 262_144
"""Bytes of UTF-8 in one value."""

_DIGITS = 20


def loads(text: str) -> Any:
    """Read JSON; raises InputError for anything a careful writer would not have sent.

    >>> loads('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    bimetal.errors.InputError: the answer names 'a' twice in one object; send each key once
    """
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole, parse_float=_fraction
        )
    except RecursionError as fault:
        raise InputError("the answer nests too deep", _SEND) from fault
    except ValueError as fault:
        raise InputError(f"the answer is no JSON: {fault}", _SEND) from fault


def dumps(value: Any) -> str:
    """Spell JSON in one line, letters as they are.

    >>> dumps([{"label": "แมว"}])
    '[{"label":"แมว"}]'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def tidy(value: float, places: int = 2) -> int | float:
    """Round a number, and spell one without a fraction as a whole one.

    >>> tidy(3.0), tidy(-0.001), tidy(2.345678)
    (3, 0, 2.35)
    """
    rounded = round(float(value), places)
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


_SEND = "send what the labelling screen sends"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the answer names {twice[:60]!r} twice in one object", "send each key once")
    return found


def _no_number(text: str) -> NoReturn:
    raise InputError(f"the answer holds {text}, which is no number", _SEND)


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise InputError(f"the answer holds a number of {len(text)} digits", _SEND)
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise InputError(f"the answer holds {text[:60]}, which is beyond all numbers", _SEND)
    return value

"""One spelling for every JSON value, and its digest: what recipes, steps and log entries are named by."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bimetal.errors import InputError

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def canonical_json(value: Json) -> bytes:
    """Spell a JSON value the one way RFC 8785 allows (sorted keys, no spaces, shortest numbers).

    Raises InputError for NaN, infinities, integers beyond 2^53 and anything that is not JSON.

    >>> canonical_json({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    import rfc8785

    try:
        if _is_simple(value):  # as nearly all log entries are, and the C encoder spells these the same
            return _spelled(value).encode()
        return rfc8785.dumps(_plain(value))
    except (rfc8785.CanonicalizationError, TypeError, UnicodeEncodeError) as fault:
        raise InputError(
            f"{value!r} cannot be written as JSON", f"use None, bool, int, float, str, list or dict: {fault}"
        ) from fault


def digest(value: Json) -> str:
    """Return the SHA-256 of a JSON value's canonical spelling, 64 hex digits.

    >>> digest({"a": 1})[:16]
    '015abd7f5cc57a2d'
    """
    return hashlib.sha256(canonical_json(value)).hexdigest()


_spelled = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_LARGEST = 2**53 - 1


def _is_simple(value: Any) -> bool:
    """Say whether a value has no float, no large number, and keys that sort alike by character and in UTF-16."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_LARGEST <= value <= _LARGEST)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_simple(each) for key, each in value.items())
    return kind is list and all(map(_is_simple, value))


def _plain(value: Json) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value

"""Arguments that are lists of names, checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bimetal.errors import InputError


def refuse_others(name: str, given: Any, known: Iterable[Any]) -> None:
    """Raise InputError unless `given` is a list of known values.

    >>> refuse_others("ways", ("fog",), ("fog", "snow"))
    """
    allowed = list(known)
    listed = isinstance(given, list | tuple)
    unknown = [each for each in given if each not in allowed] if listed else [given]
    if unknown:
        what = f"{name} has {unknown[0]!r}" if listed else f"{name} is {given!r}, expected a list"
        raise InputError(what, f"write {json.dumps(allowed[:1])}, or more among: {', '.join(map(str, allowed))}")

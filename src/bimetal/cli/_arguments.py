"""Arguments of a plug-in as they are typed: NAME=VALUE, the value JSON where it is some, else text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bimetal.errors import InputError


def arguments(typed: Sequence[str] | None) -> dict[str, Any]:
    """Read what --set got; raises InputError where a value is missing.

    >>> arguments(["size=8", "task=boxes"])
    {'size': 8, 'task': 'boxes'}
    """
    return dict(map(_pair, typed or ()))


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f"--set got {text!r}", "write NAME=VALUE, such as --set size=8")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value

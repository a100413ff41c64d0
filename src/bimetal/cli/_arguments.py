"""Arguments of a plug-in as they are typed: NAME=VALUE, the value JSON where it is some, text, or a file's text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bimetal.errors import InputError


def arguments(typed: Sequence[str] | None) -> dict[str, Any]:
    """Read what --set got, @FILE standing for the text of a file; raises InputError where a value is missing.

    >>> arguments(["size=8", "task=boxes"])
    {'size': 8, 'task': 'boxes'}
    """
    return dict(map(_pair, typed or ()))


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f"--set got {text!r}", "write NAME=VALUE, such as --set size=8")
    if value.startswith("@"):
        return name, _text(Path(value[1:]))
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise InputError(f"--set got @{path}, which cannot be read: {fault.strerror}", "check the path") from fault
    except UnicodeDecodeError as fault:
        raise InputError(f"--set got @{path}, which is not UTF-8", "convert the file to UTF-8") from fault

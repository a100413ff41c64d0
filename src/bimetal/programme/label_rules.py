"""Label rules from a file: read, functions they name imported, and all of it under one digest."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bimetal.annotation.labelling import Rule, parsed
from bimetal.canonical import Json, digest
from bimetal.errors import ConfigError, InputError


@dataclass(frozen=True)
class Rules:
    """Rules as they were read: what they vote, their text as JSON, and a digest of it and of functions' sources."""

    rules: tuple[Rule, ...]
    text: Mapping[str, Json]
    digest: str


def read_rules(path: Path) -> Rules:
    """Read a .toml or .json file of rules; functions it names are imported, and so run. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
        told = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except FileNotFoundError as fault:
        raise InputError(f"{path} does not exist", "check the path") from fault
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}", "pass a file you may read") from fault
    except ValueError as fault:
        raise ConfigError(
            f"{path} cannot be read as rules: {fault}", "write it as TOML, or as JSON in a .json"
        ) from fault
    if not isinstance(told, Mapping):
        raise ConfigError(f"{path} holds no rules", "write them as [[rule]] tables")
    sources: dict[str, Json] = {}

    def imported(name: str) -> Any:
        function = _imported(name)
        sources[name] = _source(function)
        return function

    rules = parsed(told, imported)
    plain = json.loads(json.dumps(dict(told), default=str))
    return Rules(rules, plain, digest({"rules": plain, "sources": sources}))


def _imported(path: str) -> Any:
    module, _, attribute = path.partition(":")
    try:
        found: Any = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as fault:
        raise InputError(f"no function at {path!r}: {fault}", "write it as 'module:function'") from fault
    if not callable(found):
        raise InputError(f"{path!r} is {found!r}, which cannot be called", "name a function")
    return found


def _source(function: Any) -> str:
    try:
        return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()
    except (OSError, TypeError):
        return ""

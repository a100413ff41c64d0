"""Priors: the field's figures by modality and domain, each with its source, used until a pilot replaces them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bimetal.decision.rules import Rule


@dataclass(frozen=True, slots=True)
class Domain:
    """What a domain calls things: its boundary, where synthetic data serve, what stays with people, how to pilot it.

    `options` are what its pilot adds to the command line. Where it `trains` on nothing synthetic, as a demonstration
    does, synthetic rows serve before any transfer is measured.
    """

    name: str
    words: str
    modality: str
    boundary: str
    welcome: tuple[str, ...]
    people: tuple[str, ...]
    options: str
    trains: bool = True


@cache
def priors() -> tuple[Rule, ...]:
    """Read the priors in the order of their file.

    >>> [each.name for each in priors() if each.when.get("domain") == ("driving",)]
    ['capture of rare footage']
    """
    return tuple(_prior(**entry) for entry in _file()["prior"])


@cache
def domains() -> Mapping[str, Domain]:
    """Read the domains by name.

    >>> domains()["fraud"].modality
    'table'
    """
    read = (Domain(**{name: _frozen(value) for name, value in entry.items()}) for entry in _file()["domain"])
    return {each.name: each for each in read}


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(files("bimetal.decision").joinpath("priors.toml").read_text(encoding="utf-8"))


def _prior(when: Mapping[str, list[str]], cap: list[float] | None = None, **rest: Any) -> Rule:
    conditions = {name: tuple(values) for name, values in when.items()}
    return Rule(when=conditions, basis="prior", cap=None if cap is None else (float(cap[0]), float(cap[1])), **rest)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

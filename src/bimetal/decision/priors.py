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

    `judge` labels the boundary by name, because `watched`. Nothing learns from the rows of `now`, so they serve before
    any measurement; those of `welcome` are trained on, and wait for one. `shown` goes to others once privacy is
    checked. `metric` and `options` are what its pilot adds to the command line. Where nothing is to learn from the
    synthetic rows, as in a demonstration, `lead` says what may be done now, and `first` and `command` how to begin.
    """

    name: str
    words: str
    modality: str
    boundary: str
    welcome: tuple[str, ...]
    people: tuple[str, ...]
    judge: str = ""
    watched: str = "a regulator, a court or an attacker looks there"
    now: tuple[str, ...] = ()
    shown: str = "rows to show in place of people's own"
    metric: str = ""
    options: str = ""
    lead: str = ""
    first: str = ""
    command: str = ""


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


def _prior(cap: list[float] | None = None, **rest: Any) -> Rule:
    for name in {"when", "unless"} & rest.keys():
        rest[name] = {key: tuple(values) for key, values in rest[name].items()}
    return Rule(basis="prior", cap=None if cap is None else (float(cap[0]), float(cap[1])), **rest)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

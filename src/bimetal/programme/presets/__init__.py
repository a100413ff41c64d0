"""Presets: a field's usual facts, answers and settings as a bimetal.toml to start from; one file, one preset."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from importlib.resources import files

from bimetal.errors import UnknownName
from bimetal.programme.config import Config, parse


def names() -> tuple[str, ...]:
    """Name every preset, by alphabet.

    >>> names()[:3]
    ('content-moderation', 'demo-data', 'driving-perception')
    """
    found = (each.name for each in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def read(name: str) -> Config:
    """Read a preset; raises UnknownName, with the nearest, where there is none.

    >>> read("fraud").answers["transfer"].value
    'unknown'
    """
    return parse(tomllib.loads(_text(name)))


def listing() -> list[dict[str, str]]:
    """Give the name of every preset, with one line on what it is for.

    >>> listing()[3]["name"], listing()[3]["summary"]
    ('fraud', 'Fraud in card payments: rare, hidden by people who adapt, looked at by a regulator.')
    """
    return [{"name": name, "summary": _text(name).partition("\n")[0].removeprefix("# ")} for name in names()]


def _text(name: str) -> str:
    known = names()
    if name not in known:
        close = get_close_matches(name, known, n=1)
        near = f"did you mean {close[0]!r}? " if close else ""
        raise UnknownName(f"no preset is called {name!r}", f"{near}choose one of: {', '.join(known)}")
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")

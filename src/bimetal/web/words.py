"""What the pages say in each language: catalogues read once, chosen as the person or the browser asks."""

from __future__ import annotations

import tomllib
from collections import ChainMap
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from bimetal.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "en"
"""The language that every catalogue is translated from, and falls back to key by key."""
HEAD = ("name", "status", "reviewed_by")
"""What stands at a catalogue's head about the catalogue itself; all other keys are words."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages: its tag, its own name, and the speaker who signed its catalogue off, if one did."""

    tag: str
    name: str
    status: str
    reviewed_by: str

    @property
    def reviewed(self) -> bool:
        return self.status == "source" or bool(self.reviewed_by)


def languages() -> tuple[Language, ...]:
    """List the languages the pages speak, English first, then by tag.

    >>> [language.tag for language in languages()]
    ['en', 'id', 'km', 'lo', 'my', 'th', 'tl', 'vi']
    >>> languages()[0].name
    'English'
    """
    return tuple(language for language, _ in _catalogues().values())


def words(language: str) -> Mapping[str, str]:
    """Return what the pages say in a language; a key it lacks is said in English.

    Raises UnknownName for a language without a catalogue.

    >>> words("en")["label.submit"]
    'Submit'
    """
    if language not in _catalogues():
        raise UnknownName(f"the pages do not speak {language!r}", f"one of: {', '.join(_catalogues())}")
    return _catalogues()[language][1]


def chosen(accept_language: str = "", cookie: str = "", person: str = "") -> str:
    """Choose the language of the pages: as set on this device, else for the person, else as the browser asks.

    >>> chosen("fil-PH,fil;q=0.9,en;q=0.8")
    'tl'
    >>> chosen("th;q=0.5, vi", cookie="", person="km")
    'km'
    >>> chosen("de")
    'en'
    """
    for wanted in (cookie, person, *_ranges(accept_language)):
        tag = wanted.strip().casefold().replace("_", "-").partition("-")[0]
        known = _SAME.get(tag, tag)
        if known in _catalogues():
            return known
    return SOURCE


_SAME = {"fil": "tl", "in": "id"}
"""Tags that name a language the pages know under another: Filipino is standard Tagalog, `in` is Indonesian of old."""
_LONGEST = 500


def _ranges(header: str) -> list[str]:
    """Read an Accept-Language header (RFC 9110, 12.5.4) as its tags, the best liked first; no fault is raised."""
    weighed: list[tuple[float, int, str]] = []
    for part in header[:_LONGEST].split(","):
        tag, _, weight = part.partition(";")
        name, _, number = weight.strip().partition("=")
        try:
            liked = float(number) if name.strip() == "q" else 1.0
        except ValueError:
            liked = 0.0
        if tag.strip() and liked > 0:
            weighed.append((-liked, len(weighed), tag.strip()))
    return [tag for _, _, tag in sorted(weighed)]


@cache
def _catalogues() -> dict[str, tuple[Language, Mapping[str, str]]]:
    folder = files("bimetal.web") / "languages"
    read = {}
    for file in folder.iterdir():
        tag, dot, kind = file.name.partition(".")
        if dot and kind == "toml":
            read[tag] = tomllib.loads(file.read_text(encoding="utf-8"))
    source = _said(read[SOURCE])
    return {
        tag: (
            Language(tag, *(read[tag][name] for name in HEAD)),
            MappingProxyType(dict(ChainMap(_said(read[tag]), source))),
        )
        for tag in sorted(read, key=lambda tag: (tag != SOURCE, tag))
    }


def _said(catalogue: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in catalogue.items() if key not in HEAD}

"""The priced table: what every input of the lifecycle cost is, from whom and from when, or that it is assumed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bimetal.canonical import Json
from bimetal.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable

MONEY = "USD"  # every unit of money in the table begins with it


@dataclass(frozen=True, slots=True)
class Row:
    """One input: its P10, P50 and P90, the unit, what it says, its group, and its source with year or `assumption`.

    `share` keeps it between 0 and 1. An empty range says that this kind of item has no such price.
    """

    name: str
    range: tuple[float, ...]
    unit: str = ""
    group: str = ""
    says: str = ""
    source: str = ""
    year: int = 0
    assumption: bool = False
    share: bool = False

    @property
    def median(self) -> float:
        return self.range[1]

    @property
    def money(self) -> bool:
        return self.unit.startswith(MONEY)

    @property
    def certain(self) -> bool:
        return self.range[0] == self.range[2]

    @property
    def backing(self) -> str:
        """Where it comes from, in words.

        >>> priced("image box")["label_price"].backing.rpartition(", ")[2]
        '2026'
        >>> priced("image box")["wage"].backing
        'assumption'
        """
        if self.assumption:
            return f"assumption ({self.source})" if self.source else "assumption"
        return f"{self.source}, {self.year}" if self.year else self.source

    def json(self) -> dict[str, Json]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**values, "range": list(self.range)}


def kinds() -> dict[str, str]:
    """Name the kinds of item that are priced, with what one item is.

    >>> kinds()["image box"]
    'one box around one thing in a picture'
    """
    return {name: str(each["says"]) for name, each in _table()["kinds"].items()}


def inputs() -> tuple[str, ...]:
    """Name every input there is."""
    return tuple(_table()["inputs"])


def priced(kind: str) -> dict[str, Row]:
    """Read the table for one kind of item; raises UnknownName.

    >>> priced("image box")["label_price"].range
    (0.036, 0.049, 0.063)
    """
    table = _table()
    if kind not in table["kinds"]:
        raise UnknownName(f"no kind of item is called {kind!r}", f"{nearest(kind, kinds())}choose from: {_list()}")
    own = {name: each for name, each in table["kinds"][kind].items() if name != "says"}
    base = {name: _row(name, each) for name, each in table["inputs"].items()}
    return {name: _specialised(row, own.get(name)) for name, row in base.items()}


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest name as a sentence's beginning, or say nothing.

    >>> nearest("lable_price", inputs())
    'did you mean label_price? '
    """
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}? " if close else ""


def _list() -> str:
    return ", ".join(kinds())


def _row(name: str, given: dict[str, Any]) -> Row:
    return Row(name, **{**given, "range": tuple(map(float, given["range"]))})


def _specialised(row: Row, given: dict[str, Any] | None) -> Row:
    """A kind's own row keeps unit, group and words of the general one, never its source."""
    if given is None:
        return row
    plain = replace(row, source="", year=0, assumption=False)
    return replace(plain, **{**given, "range": tuple(map(float, given["range"]))})


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("bimetal.cost").joinpath("prices.toml").read_text(encoding="utf-8"))

"""The red-team seeds: families of attacks with benign twins, categories with severity, carriers, all from one TOML."""

from __future__ import annotations

import html
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product

import numpy as np

SEVERITIES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Seed:
    """A form of attack about a category, and its benign twin; `{task}` stands where payload or innocuous task goes."""

    id: str
    family: str
    kind: str
    category: str
    severity: str
    attack: str
    benign: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """Where a message is found: templates around `{message}`, and how it is escaped so that the whole stays valid."""

    name: str
    escape: str
    texts: tuple[str, ...]

    def carry(self, message: str, template: int, slots: Mapping[str, str]) -> str:
        r"""Put a message into one of the templates.

        >>> print(Carrier("code", "comment", ("x = 1  # {message}",)).carry("one\ntwo", 0, {}))
        x = 1  # one
        # two
        """
        return self.texts[template % len(self.texts)].format(message=_ESCAPES[self.escape](message), **slots)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All seeds, carriers and the words their slots are drawn from."""

    licence: str
    seeds: tuple[Seed, ...]
    carriers: tuple[Carrier, ...]
    slots: Mapping[str, tuple[str, ...]]


@cache
def taxonomy() -> Taxonomy:
    """Read the seeds that come with the package.

    >>> found = taxonomy()
    >>> len(found.seeds), len(found.carriers), found.licence
    (576, 6, 'CC0-1.0')
    """
    read = tomllib.loads(files("bimetal.generators._redteam").joinpath("seeds.toml").read_text(encoding="utf-8"))
    seeds = tuple(
        Seed(
            f"{family['name']}-{place}:{category}",
            family["name"],
            family["kind"],
            category,
            facts["severity"],
            form["attack"],
            form["benign"],
            tuple(facts["tasks"]),
        )
        for family in read["families"]
        for place, form in enumerate(family["forms"], 1)
        for category, facts in read["categories"].items()
    )
    carriers = tuple(Carrier(name, each["escape"], tuple(each["texts"])) for name, each in read["carriers"].items())
    return Taxonomy(read["licence"], seeds, carriers, {name: tuple(words) for name, words in read["slots"].items()})


@cache
def cells() -> tuple[tuple[Seed, Carrier, str], ...]:
    """Every kind of row: seed by carrier by label, as many of each family and severity, since families are alike."""
    found = taxonomy()
    return tuple(product(found.seeds, found.carriers, ("attack", "benign")))


def drawn_slots(picks: np.ndarray) -> dict[str, str]:
    """Fill the carriers' slots from numbers in 0..1, one a slot."""
    slots = taxonomy().slots
    return {name: words[int(pick * len(words))] for (name, words), pick in zip(slots.items(), picks, strict=True)}


def _in_json(message: str) -> str:
    return json.dumps(message, ensure_ascii=False)[1:-1]


def _in_comment(message: str) -> str:
    return "\n# ".join(message.splitlines() or [""])


_ESCAPES: dict[str, Callable[[str], str]] = {"": str, "json": _in_json, "html": html.escape, "comment": _in_comment}

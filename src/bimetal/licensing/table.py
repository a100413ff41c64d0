"""Clause table: what each licence asks of rows learned from it, read from the TOML files beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

Part: TypeAlias = Literal["source", "generator-model"]
Term: TypeAlias = Literal["prohibition", "obligation", "share-alike", "permission"]
Basis: TypeAlias = Literal["licence text", "steward guidance", "conservative default", "counsel override"]

PARTS: tuple[Part, ...] = ("source", "generator-model")
DEFAULT: Basis = "conservative default"

EVENTS: Mapping[str, str] = {
    "shared": "the dataset is shared",
    "trained": "a model is trained on it",
    "model-shared": "that model is shared",
    "service": "that model is offered as a service",
}
CONDITIONS: Mapping[str, str] = {
    "commercial": "the use is commercial",
    "language-model": "another language model is improved with the rows",
    "foundation-model": "another foundational generative model is made or improved with the rows",
    "competing-model": "the model competes with the provider's",
    "revenue-over-1m": "the organisation's yearly revenue is above one million US dollars",
    "users-over-700m": "the organisation had more than 700 million monthly users when the model version appeared",
    "eu-multimodal": "the model is multimodal and the organisation is based in the European Union",
    "outside-purpose": "the purpose of this use is not among the purposes on file",
}


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence the table knows: its id, how people call it, where its text stands, and that text's digest if read."""

    id: str
    title: str
    family: str
    url: str = ""
    names: tuple[str, ...] = ()
    digest: str = ""
    like: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing one licence says where it stands in one part: what, at which events, under which condition, and where.

    `outputs` are the licences share-alike leaves open for what is derived, `bars` those an obligation closes, `credit`
    the line of attribution with {name}, {title} and {url} to fill in.
    """

    licence: str
    part: Part
    term: Term
    words: str
    fires_at: frozenset[str]
    cite: str
    basis: Basis
    when: str = ""
    outputs: frozenset[str] = frozenset()
    bars: frozenset[str] = frozenset()
    credit: str = ""

    @property
    def source(self) -> str:
        """Say where the clause stands: the licence's title and the place in it."""
        known = licences().get(self.licence)
        return f"{known.title if known else self.licence}, {self.cite}"


@cache
def licences() -> Mapping[str, Licence]:
    """List every licence the table knows, by id.

    >>> licences()["CC-BY-SA-4.0"].title
    'CC BY-SA 4.0'
    """
    found = {}
    for family in _families():
        for name, said in family["licences"].items():
            names = tuple(said.get("names", ()))
            found[name] = Licence(name, family=family["family"], **{**said, "names": names})
    return found


def clauses(licence: str, part: Part) -> tuple[Clause, ...]:
    """Give a licence's clauses in one part; empty where the table has none, which never means "free".

    >>> [(clause.term, clause.cite) for clause in clauses("CC-BY-SA-4.0", "source")][0]
    ('obligation', 's. 3(a)(1)')
    """
    return _table().get((licence, part), ())


@cache
def _table() -> Mapping[tuple[str, Part], tuple[Clause, ...]]:
    groups = {name: frozenset(each) for name, each in _read("groups.toml")["groups"].items()}
    table: dict[tuple[str, Part], tuple[Clause, ...]] = {}
    for family in _families():
        for row in family["clauses"]:
            for clause in _spread(row, groups):
                key = clause.licence, clause.part
                table[key] = (*table.get(key, ()), clause)
    for each in licences().values():
        if each.like:
            table |= {(each.id, part): _borrowed(each, table[each.like, part]) for part in PARTS}
    return table


def _spread(row: Mapping[str, Any], groups: Mapping[str, frozenset[str]]) -> Iterator[Clause]:
    """Write a row out: once a licence and part, and once more where it holds by default alone."""
    stated, default = frozenset(row["fires_at"]), frozenset(row.get("by_default_at", ()))
    for licence in row["licences"]:
        for part in PARTS:
            if part in row["as"]:
                yield _clause(row, licence, part, (stated, row["basis"]), groups)
                if default:
                    yield _clause(row, licence, part, (default, DEFAULT), groups)
            elif part in row.get("by_default_as", ()):
                yield _clause(row, licence, part, (stated | default, DEFAULT), groups)


def _clause(
    row: Mapping[str, Any],
    licence: str,
    part: Part,
    holds: tuple[frozenset[str], Basis],
    groups: Mapping[str, frozenset[str]],
) -> Clause:
    return Clause(
        licence,
        part,
        term=row["term"],
        words=row["words"],
        fires_at=holds[0],
        cite=row["cite"],
        basis=holds[1],
        when=row.get("when", ""),
        outputs=_named(row.get("outputs", ()), licence, groups),
        bars=_named(row.get("bars", ()), licence, groups),
        credit=row.get("credit", ""),
    )


def _named(entries: Iterable[str], licence: str, groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Read licence ids, "self" and "group:..." as one set."""
    sets = [groups[each.removeprefix("group:")] if each.startswith("group:") else {each} for each in entries]
    return frozenset(licence if each == "self" else each for one in sets for each in one)


def _borrowed(licence: Licence, lent: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Give a licence another's clauses: by default, since its own text was not read; it may also stay as it is."""
    return tuple(
        replace(
            each,
            licence=licence.id,
            basis=DEFAULT,
            outputs=each.outputs | {licence.id} if licence.like in each.outputs else each.outputs,
        )
        for each in lent
    )


@cache
def _families() -> tuple[Mapping[str, Any], ...]:
    found = sorted(each.name for each in files("bimetal.licensing").joinpath("clauses").iterdir())
    return tuple(_read(name) for name in found if name.endswith(".toml") and name != "groups.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("bimetal.licensing").joinpath("clauses", name).read_text(encoding="utf-8"))

"""Algebra of licence terms: what is forbidden, asked and left open for a use, joined over all that went in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from bimetal.errors import InputError
from bimetal.licensing.table import CONDITIONS, EVENTS, Clause, Term

# What each purpose of a release makes happen. Training in house hands nothing out; sharing hands the rows out and
# leaves what others train to them and to the terms passed on; a service trains a model and offers it, weights kept.
PURPOSES: Mapping[str, frozenset[str]] = {
    "train": frozenset({"trained"}),
    "share": frozenset({"shared"}),
    "serve": frozenset({"trained", "service"}),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What is to be done: which events, commercially or not, under which output licence, to what purpose.

    `circumstances` answers conditions by name (see `CONDITIONS`) with True or False; what is not answered counts as
    holding, a `commercial` of None too. No events at all is a trial at home: nothing fires, the unknown is still named.

    >>> Use(frozenset({"trained"}), commercial=False).holds("commercial")
    False
    >>> Use(frozenset({"trained"})).holds("competing-model")
    True
    """

    events: frozenset[str]
    commercial: bool | None = None
    output_licence: str | None = None
    purpose: str = ""
    circumstances: Mapping[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse(self.events, EVENTS, "event")
        _refuse(self.circumstances, [each for each in CONDITIONS if each != "outside-purpose"], "circumstance")

    def holds(self, condition: str, purposes: Iterable[str] = ()) -> bool:
        """Tell whether a clause's condition holds; `purposes` are those an input's contract or consent names."""
        if condition == "outside-purpose":
            return not self.purpose or self.purpose.casefold() not in {each.casefold() for each in purposes}
        if condition == "commercial" and self.commercial is not None:
            return self.commercial
        return not condition or self.circumstances.get(condition, True)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something about an input's licence nobody can read, and what would settle it."""

    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that holds for a use: clauses that fire, and what could not be read. `|` joins two.

    >>> one = Terms(unknowns=frozenset({Unknown("no licence is given", "name it")}))
    >>> one | NOTHING == one
    True
    """

    clauses: frozenset[Clause] = frozenset()
    unknowns: frozenset[Unknown] = frozenset()

    def __or__(self, other: Terms) -> Terms:
        return Terms(self.clauses | other.clauses, self.unknowns | other.unknowns)

    @property
    def prohibitions(self) -> frozenset[Clause]:
        return self._of("prohibition")

    @property
    def obligations(self) -> frozenset[Clause]:
        return self._of("obligation")

    @property
    def share_alike(self) -> frozenset[Clause]:
        return self._of("share-alike")

    @property
    def pool(self) -> frozenset[str] | None:
        """The output licences all share-alike clauses leave open; None where there is none, and any will do."""
        pools = [each.outputs for each in self.share_alike]
        return reduce(frozenset.intersection, pools) if pools else None

    @property
    def barred(self) -> frozenset[str]:
        """The output licences that would drop an obligation."""
        return frozenset().union(*(each.bars for each in self.clauses))

    @property
    def permitted(self) -> frozenset[str] | None:
        """The output licences left open; None for any that is not barred."""
        return None if self.pool is None else self.pool - self.barred

    def fits(self, output: frozenset[str]) -> bool:
        """Tell whether what is derived may go out under these licences, every one of them."""
        return not output & self.barred and (self.permitted is None or output <= self.permitted)

    def blocks(self, use: Use) -> bool:
        """Tell whether a use is blocked before any output licence is named."""
        closed = self.permitted is not None and not self.permitted
        return bool(use.events) and bool(self.prohibitions or self.unknowns or closed)

    def _of(self, term: Term) -> frozenset[Clause]:
        return frozenset(each for each in self.clauses if each.term == term)


NOTHING = Terms()


def join(terms: Iterable[Terms]) -> Terms:
    """Join terms over all inputs: order and repetition change nothing, and nothing is ever taken back."""
    return reduce(Terms.__or__, terms, NOTHING)


def fired(clauses: Iterable[Clause], use: Use, purposes: Iterable[str] = ()) -> Terms:
    """Keep the clauses that fire in a use.

    >>> from bimetal.licensing.table import clauses
    >>> known = clauses("CC-BY-NC-4.0", "source")
    >>> len(fired(known, Use(frozenset({"trained"}))).prohibitions)
    1
    """
    named = tuple(purposes)
    return Terms(frozenset(each for each in clauses if each.fires_at & use.events and use.holds(each.when, named)))


def _refuse(given: Iterable[str], known: Iterable[str], what: str) -> None:
    strange = sorted(set(given) - set(known))
    if strange:
        raise InputError(f"unknown {what}: {', '.join(map(repr, strange))}", f"use {', '.join(known)}")

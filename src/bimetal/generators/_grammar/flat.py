"""Flatten a grammar into tables of alternatives, so that a batch of sentences is drawn in a few array operations."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.generators._grammar.reading import HELP, Grammar, Node, Pattern, Slot

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

LEAVES = 4000  # a choice with more sayings than this is split into patterns of its own
WAYS = 100_000  # flat patterns in all
BEGIN, NAMED, END = "\ue000", "\ue001", "\ue002"  # around what a mark labels, until offsets are taken

Leaves = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Part:
    """One place in a sentence: what may stand there, with weights; equal `tie`s draw the same."""

    leaves: Leaves
    tie: str = ""


@dataclass(frozen=True)
class Flat:
    """Sentences as sequences of places: `parts` (patterns, places) number tables, `ties` the random number used."""

    names: tuple[str, ...]
    weights: FloatArray
    parts: IntArray
    ties: IntArray
    said: pa.Array[Any]
    steps: FloatArray

    def drawn(self, patterns: IntArray, rng: np.random.Generator) -> pa.Array[Any]:
        """Say each pattern once: strings of shape (rows,), in which spaces may be doubled."""
        chance = rng.random((len(patterns), self.parts.shape[1]))
        rolled = np.take_along_axis(chance, self.ties[patterns], axis=1)
        codes = np.searchsorted(self.steps, self.parts[patterns] + rolled, side="right")
        words = self.said.take(codes.ravel())
        offsets = np.arange(len(patterns) + 1, dtype=np.int32) * self.parts.shape[1]
        said: pa.Array[Any] = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), words), "")  # type: ignore[assignment]  # of lists, an array
        return said


@dataclass
class _Flattening:
    grammar: Grammar
    open: list[str] = field(default_factory=list)

    def ways(self, node: Node) -> list[tuple[tuple[Part, ...], float]]:
        """List the sequences of places a node may become, with their shares."""
        if isinstance(node, str):
            return [((Part(((node, 1.0),)),), 1.0)]
        if isinstance(node, Slot):
            return self.slot(node)
        if isinstance(node, tuple):
            return _crossed([self.ways(each) for each in node])
        total = sum(node.weights)
        kinds = [self.ways(option) for option in node.options]
        leaves = [_leaves(ways) for ways in kinds]
        if all(each is not None for each in leaves) and sum(map(len, filter(None, leaves))) <= LEAVES:
            whole = _merged(
                (text, share * weight / total)
                for each, weight in zip(leaves, node.weights, strict=True)
                for text, share in each or ()
            )
            return [((Part(whole),), 1.0)]
        return [
            (way, share * weight / total)
            for ways, weight in zip(kinds, node.weights, strict=True)
            for way, share in ways
        ]

    def slot(self, node: Slot) -> list[tuple[tuple[Part, ...], float]]:
        if node.name not in self.grammar.slots:
            known = ", ".join(self.grammar.slots) or "none"
            raise InputError(f"the grammar has no slot {node.name!r}", f"write {{{node.name}}} = (...); slots: {known}")
        if node.name in self.open:
            raise InputError(f"the slot {node.name!r} speaks of itself", f"write it out as far as needed; {HELP}")
        self.open.append(node.name)
        ways = self.ways(self.grammar.slots[node.name])
        self.open.pop()
        if node.tie:
            leaves = _leaves(ways)
            if leaves is None or len(leaves) > LEAVES:
                raise InputError(f"the slot {node.name!r} is too large to be tied", f"tie smaller slots; {HELP}")
            ways = [((Part(leaves, f"{node.name}#{node.tie}"),), 1.0)]
        if node.mark:
            before, after = Part(((f"{BEGIN}{node.mark}{NAMED}", 1.0),)), Part(((END, 1.0),))
            ways = [((before, *way, after), share) for way, share in ways]
        return ways


def flattened(grammar: Grammar) -> tuple[Flat, list[Pattern]]:
    """Flatten every pattern, and return beside it the pattern that each flat one says.

    Raises InputError for a slot that nobody wrote or that speaks of itself, and for too many ways to say something.
    """
    work, every = _Flattening(grammar), grammar.settings.get("every", "{this}")
    ways: list[tuple[Pattern, tuple[Part, ...], float]] = []
    for pattern in grammar.patterns:
        found = work.ways(_within(every, pattern.words))
        ways += [(pattern, _joined(parts), pattern.weight * share) for parts, share in found]
        if len(ways) > WAYS:
            raise InputError(f"the grammar has more than {WAYS:,} ways to say things", "tie or nest fewer choices")
    return _table(ways), [pattern for pattern, *_ in ways]


def _within(every: str, words: Node) -> Node:
    from bimetal.generators._grammar.reading import parsed

    def placed(node: Node) -> Node:
        if isinstance(node, Slot) and node.name == "this":
            return words
        return tuple(map(placed, node)) if isinstance(node, tuple) else node

    return placed(parsed(every, 0))


def _crossed(kinds: list[list[tuple[tuple[Part, ...], float]]]) -> list[tuple[tuple[Part, ...], float]]:
    count = 1
    for each in kinds:
        count *= len(each)
        if count > WAYS:
            raise InputError(f"one pattern has more than {WAYS:,} ways to be said", "nest fewer large choices")
    return [
        (tuple(itertools.chain.from_iterable(way for way, _ in picked)), float(np.prod([share for _, share in picked])))
        for picked in itertools.product(*kinds)
    ]


def _leaves(ways: list[tuple[tuple[Part, ...], float]]) -> Leaves | None:
    """List all a node can say, None where that is much, or where something in it is tied to another place."""
    found: list[tuple[str, float]] = []
    for parts, share in ways:
        if any(part.tie for part in parts) or np.prod([float(len(part.leaves)) for part in parts]) > LEAVES:
            return None
        found += [
            ("".join(text for text, _ in picked), share * float(np.prod([each for _, each in picked])))
            for picked in itertools.product(*(part.leaves for part in parts))
        ]
        if len(found) > LEAVES:
            return None
    return _merged(found)


def _merged(found: Iterable[tuple[str, float]]) -> Leaves:
    held: dict[str, float] = {}
    for text, share in found:
        held[text] = held.get(text, 0.0) + share
    return tuple(held.items())


def _joined(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Make one place of fixed words that follow each other."""
    joined: list[Part] = []
    for part in parts:
        if joined and len(part.leaves) == 1 and len(joined[-1].leaves) == 1:
            joined[-1] = Part(((joined[-1].leaves[0][0] + part.leaves[0][0], 1.0),))
        else:
            joined.append(part)
    return tuple(joined)


def _table(ways: list[tuple[Pattern, tuple[Part, ...], float]]) -> Flat:
    tables: dict[Leaves, int] = {(("", 1.0),): 0}
    places = max(len(parts) for _, parts, _ in ways)
    numbers = np.zeros((len(ways), places), np.int64)
    ties = np.tile(np.arange(places), (len(ways), 1))
    for row, (_, parts, _) in enumerate(ways):
        first: dict[str, int] = {}
        for place, part in enumerate(parts):
            numbers[row, place] = tables.setdefault(part.leaves, len(tables))
            ties[row, place] = first.setdefault(part.tie, place) if part.tie else place
    said = [text for leaves in tables for text, _ in leaves]
    steps = np.concatenate([_steps(leaves) + number for leaves, number in tables.items()])
    shares = np.array([share for *_, share in ways])
    return Flat(tuple(each.name for each, *_ in ways), shares / shares.sum(), numbers, ties, pa.array(said), steps)


def _steps(leaves: Leaves) -> FloatArray:
    """Where each leaf's stretch of 0-1 ends; the last ends at 1 exactly, so that no draw falls beyond."""
    ends: FloatArray = np.cumsum([share for _, share in leaves])
    ends = np.minimum(ends / ends[-1], 1.0)
    ends[-1] = 1.0
    return ends

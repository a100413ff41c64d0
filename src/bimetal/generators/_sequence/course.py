"""A fitted population: entities drawn by trees and gated, then their events, then cut into the table that is wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.generators._sequence.kept import Kept, kept
from bimetal.generators._sequence.steps import COUNT, Steps, steps
from bimetal.generators._sequence.times import CLOCK, START, times
from bimetal.generators._table.columns import Column, coded
from bimetal.generators._table.joint import Joint, guarded, joint
from bimetal.generators._table.keys import Key, key

if TYPE_CHECKING:
    from bimetal.generators._sequence.layout import Layout
    from bimetal.types import FloatArray, IntArray

KIND = "(kind)"
PARTS, LEAF = 4, 20


@dataclass(frozen=True, slots=True)
class Course:
    """Entities as a table of their own and the course of their events; `shares` are those of the kinds of entities.

    A kind is an entity's label, or where labels change within entities, the rarest label it has and how much of it.
    """

    layout: Layout
    parents: Joint
    steps: Steps
    count: Column
    owned: Kept
    happen: Kept
    keys: dict[str, Key]
    shares: FloatArray

    @property
    def labels(self) -> list[str]:
        """Name the labels; none where the seed has none."""
        return [] if self._label is None else [str(each) for each in self._label.levels.to_pylist()]

    @property
    def prior(self) -> list[int]:
        """Count the seed rows of each label."""
        if self._label is None:
            return []
        codes = self._label.codes
        if "label" in self.layout.parents:
            codes = codes[self.layout.of]
        found: list[int] = np.bincount(codes, minlength=len(self._label.levels)).tolist()
        return found

    def batch(self, table: str, entities: int, start: tuple[int, int], rng: np.random.Generator) -> pa.RecordBatch:
        """Draw some entities and give the rows of the table that is wanted; `start` counts entities and rows before."""
        who, events, keys = rng.spawn(3)
        known = self._entities(entities, who)
        made = self.owned.decoded(known)
        for name in self.keys:
            if name in {self.layout.entity, *self.layout.parents}:
                made[name] = self.keys[name].drawn(start[0], entities, keys)
        if table != "parents":
            numbered, found = self._events(known, events)
            taken = made if table == "flat" else {name: made[name] for name in made if name == self.layout.entity}
            made = {name: values.take(numbered) for name, values in taken.items()}
            made |= self._spelled(found, start[1], len(numbered), keys)
        names = [name for name in self.layout.rows.column_names if name in made]
        return pa.RecordBatch.from_arrays([_labelled(made[n]) if n == "label" else made[n] for n in names], names)

    def brings(self, kind: int, entities: int, rng: np.random.Generator) -> FloatArray:
        """Give the rows of each label that an entity of a kind has on average, from entities drawn for it."""
        assert self._label is not None
        only = replace(self, shares=np.eye(len(self.shares))[kind])
        known = only._entities(entities, rng)
        found, weight = known, self._counts(known)
        if "label" not in self.layout.parents:
            whose, found = only._events(known, rng)
            weight = np.ones_like(whose)
        return np.bincount(self._label.nearest(found["label"]), weight, minlength=len(self.labels)) / entities

    @property
    def _label(self) -> Column | None:
        return self.owned.columns.get("label") or self.happen.columns.get("label")

    def _entities(self, count: int, rng: np.random.Generator) -> dict[str, FloatArray]:
        return replace(self.parents, root=replace(self.parents.root, shares=self.shares)).drawn(count, rng)

    def _counts(self, known: dict[str, FloatArray]) -> IntArray:
        return np.maximum(np.rint(self.count.numbers(known[COUNT])), 1).astype(np.int64)

    def _events(self, known: dict[str, FloatArray], rng: np.random.Generator) -> tuple[IntArray, dict[str, FloatArray]]:
        first, clock = self.steps.times.start, self.steps.times.clock
        start = np.full(len(known[COUNT]), np.nan)
        if first is not None and clock is not None:
            start = first.numbers(known[START]) - clock.lowest
        return self.steps.drawn(known, self._counts(known), start, rng)

    def _spelled(
        self, found: dict[str, FloatArray], start: int, count: int, rng: np.random.Generator
    ) -> dict[str, pa.Array[Any]]:
        made = self.happen.decoded(found)
        made |= {name: self.keys[name].drawn(start, count, rng) for name in self.layout.events if name in self.keys}
        clock, time = self.steps.times.clock, self.layout.time
        if time:
            made[time] = pa.nulls(count, self.layout.rows.schema.field(time).type)
        if clock is not None:
            missing = np.isnan(found[CLOCK])
            made[time] = clock.typed(np.where(missing, 0, found[CLOCK]), missing)
        return made


def course(laid: Layout, leaves: tuple[int, int], closest: float, rng: np.random.Generator) -> Course:
    """Fit entities and events with trees; `leaves` say how many seed entities and events a leaf holds."""
    keys = _keys(laid, rng)
    first = laid.rows.take(laid.firsts)
    owned = kept([coded(first[name], first.schema.field(name)) for name in laid.parents if name not in keys])
    happen = kept([coded(laid.rows[name], laid.rows.schema.field(name)) for name in laid.events if name not in keys])
    when, count = times(laid), _column(COUNT, pa.array(laid.counts))
    described = [count, *([when.start] if when.start else []), *owned.drawn]
    if "label" in happen.columns:
        described.append(_kinds(happen.columns["label"], laid.of))
    kind = [each.name for each in described if each.name in {"label", KIND}]
    entities = joint(described, kind, (), leaves[0], rng)
    if closest and owned.columns:
        entities = guarded(entities, described, closest, rng)
    spread = [replace(each, codes=each.codes[laid.of]) for each in described]
    events = sorted(happen.drawn, key=lambda each: each.name != "label")
    return Course(
        laid,
        entities,
        steps(laid, spread, events, when, leaves[1], rng),
        count,
        owned,
        happen,
        keys,
        entities.root.shares,
    )


def _keys(laid: Layout, rng: np.random.Generator) -> dict[str, Key]:
    found = {}
    for field in laid.rows.schema:
        if field.name in {"label", laid.time}:
            continue
        declared = field.name == laid.entity
        column = laid.rows[field.name]
        if declared or field.name in laid.parents:
            column = column.take(laid.firsts)
        made = key(column, field, rng, declared)
        if made is not None:
            found[field.name] = made
    return found


def _column(name: str, values: pa.Array[Any]) -> Column:
    return coded(pa.chunked_array([values]), pa.field(name, values.type))


def _kinds(label: Column, of: IntArray) -> Column:
    """Sort entities by the rarest label they have, and by how much of it, in up to four groups of a leaf or more."""
    held = np.bincount(label.codes, minlength=len(label.levels))
    rarity = np.argsort(np.argsort(held, kind="stable"))[label.codes]
    rarest = np.full(int(of.max()) + 1, len(held))
    np.minimum.at(rarest, of, rarity)
    share = np.bincount(of, rarity == rarest[of]) / np.bincount(of)
    part = np.zeros(len(rarest), np.int64)
    for each in np.unique(rarest):
        members = rarest == each
        parts = min(PARTS, max(1, int(members.sum()) // LEAF))
        edges = np.quantile(share[members], np.arange(1, parts) / parts)
        part[members] = np.searchsorted(edges, share[members])
    return _column(KIND, pa.array([f"{a} {b}" for a, b in zip(rarest.tolist(), part.tolist(), strict=True)]))


def _labelled(labels: pa.Array[Any]) -> pa.Array[Any]:
    said: pa.Array[Any] = pc.if_else(pc.equal(labels, pa.scalar("", labels.type)), None, labels)
    return said

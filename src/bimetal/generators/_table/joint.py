"""A table as a chain of conditionals: a root drawn by shares, then each column by trees, near copies drawn again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._shares import raked
from bimetal.generators._table.gate import ROUNDS, Gate, Space, gate
from bimetal.generators._table.trees import Conditional, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.generators._table.columns import Column
    from bimetal.types import BoolArray, FloatArray, IntArray, Target

BINS = 32
GIVEN = 32  # columns a tree looks at, those it depends on most
STRATA = 16
OWN = 10  # leaves' worth of rows before a class has trees of its own
SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Root:
    """The columns drawn first: `cells` are the combinations of levels that occur, (cells, columns), drawn by `shares`.

    `strata` says which chain of trees a cell is drawn by, `rows` the cell of each seed row.
    """

    columns: tuple[Column, ...]
    cells: IntArray
    shares: FloatArray
    strata: IntArray
    rows: IntArray

    def drawn(self, count: int, rng: np.random.Generator) -> IntArray:
        """Draw cells systematically: each as often as its share says, one more or less."""
        edges = np.cumsum(self.shares)
        turns = (np.arange(count) + rng.random()) / count
        found = np.minimum(np.searchsorted(edges / edges[-1], turns, side="right"), len(edges) - 1)
        return rng.permutation(found)


@dataclass(frozen=True, slots=True)
class Joint:
    """A fitted table; `chains[stratum]` holds one conditional a column, in the order in which they are drawn."""

    root: Root
    chains: tuple[tuple[Conditional, ...], ...]
    orders: tuple[tuple[Column, Column], ...] = ()
    gate: Gate | None = None

    def drawn(self, count: int, rng: np.random.Generator) -> dict[str, FloatArray]:
        """Draw coded values of `count` rows; those too near to a seed or out of order again, in the same cells."""
        cells = self.root.drawn(count, rng)
        known = self.once(cells, rng)
        again = np.arange(count)
        for _ in range(ROUNDS):
            part = {name: values[again] for name, values in known.items()}
            again = again[self._refused(part, rng)]
            if not len(again):
                break
            for name, values in self.once(cells[again], rng).items():
                known[name][again] = values
        for low, high in self.orders:
            _put_in_order(low, high, known)
        return known

    def once(self, cells: IntArray, rng: np.random.Generator) -> dict[str, FloatArray]:
        """Draw each row of given cells once."""
        levels, strata = self.root.cells[cells], self.root.strata[cells]
        known = {each.name: each.values_of(levels[:, k]) for k, each in enumerate(self.root.columns)}
        members = [np.flatnonzero(strata == stratum) for stratum in range(len(self.chains))]
        for steps in zip(*self.chains, strict=True):
            values = np.empty(len(cells))
            for rows, step in zip(members, steps, strict=True):
                given = {name: known[name][rows] for name in step.given}
                values[rows] = step.drawn(given, len(rows), rng)
            known[steps[0].column.name] = values
        return known

    def _refused(self, known: dict[str, FloatArray], rng: np.random.Generator) -> BoolArray:
        count = len(next(iter(known.values())))
        refused = self.gate.near(known, rng) if self.gate else np.zeros(count, bool)
        for low, high in self.orders:
            refused |= low.numbers(known[low.name]) > high.numbers(known[high.name])
        return refused


def joint(
    columns: Sequence[Column], steered: Sequence[str], targets: tuple[Target, ...], leaf: int, rng: np.random.Generator
) -> Joint:
    """Fit the columns, those in `steered` as the root (the label first), by trees of `leaf` rows a leaf."""
    named = {each.name: each for each in columns}
    root = _root([named[name] for name in steered], targets, OWN * leaf, len(columns[0].codes))
    first = root.columns[0] if root.columns else None
    rest = [each for each in columns if each.name not in steered]
    if first is not None:
        rest.sort(key=lambda each: -dependence(each, first))
    strata = root.strata[root.rows]
    chains = []
    for stratum in range(int(root.strata.max()) + 1):
        rows = np.flatnonzero(strata == stratum)
        chain: list[Conditional] = []
        for place, column in enumerate(rest):
            given = _nearest([*root.columns, *rest[:place]], column)
            chain.append(fitted(column, given, rows, leaf, rng))
        chains.append(tuple(chain))
    return Joint(root, tuple(chains))


def guarded(model: Joint, columns: Sequence[Column], closest: float, rng: np.random.Generator) -> Joint:
    """Add the distance gate to a fitted table."""
    space = Space.of(columns, rng)
    known = {each.name: each.values for each in columns}
    drawn = model.once(model.root.drawn(min(SAMPLE, 2 * len(columns[0].codes)), rng), rng)
    return replace(model, gate=gate(space, known, drawn, closest))


def dependence(one: Column, other: Column) -> float:
    """Estimate mutual information in nats, less its bias (Miller 1955)."""
    a, b = one.bins(BINS), other.bins(BINS)
    table = np.bincount(a * (BINS + 1) + b, minlength=(BINS + 1) ** 2).reshape(BINS + 1, -1) / len(a)
    across, down = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(across, down)
    full = table > 0
    bias = ((across > 0).sum() - 1) * ((down > 0).sum() - 1) / (2 * len(a))
    return float((table[full] * np.log(table[full] / expected[full])).sum() - bias)


def _root(columns: list[Column], targets: tuple[Target, ...], fewest: int, count: int) -> Root:
    if not columns:
        zero = np.zeros(count, np.int64)
        return Root((), np.zeros((1, 0), np.int64), np.ones(1), np.zeros(1, np.int64), zero)
    codes = np.column_stack([each.codes for each in columns])
    cells, rows, held = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    spelled = {each.name: [each.spelled[code] for code in cells[:, k]] for k, each in enumerate(columns)}
    shares = raked(held.tolist(), spelled, targets)
    by_first = np.bincount(cells[:, 0] + 1, held)
    large = np.flatnonzero(by_first >= fewest)
    large = large[np.argsort(-by_first[large], kind="stable")][: STRATA - 1]
    place = np.zeros(len(by_first), np.int64)
    place[large] = np.arange(1, len(large) + 1)
    strata = np.unique(place[cells[:, 0] + 1], return_inverse=True)[1]
    return Root(tuple(columns), cells, shares, strata, rows.reshape(-1))


def _nearest(given: list[Column], column: Column) -> list[Column]:
    if len(given) <= GIVEN:
        return given
    related = sorted(given, key=lambda each: -dependence(each, column))[:GIVEN]
    return [each for each in given if each in related]


def _put_in_order(low: Column, high: Column, known: dict[str, FloatArray]) -> None:
    """Bring the pairs that are still out of order together, at the highest value both can have."""
    start, end = low.numbers(known[low.name]), high.numbers(known[high.name])
    wrong = start > end
    known[low.name][wrong] = low.coded(end[wrong])
    start = low.numbers(known[low.name])
    wrong = start > end
    known[high.name][wrong] = high.coded(start[wrong])

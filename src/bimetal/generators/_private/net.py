"""Draw rows from a fitted net: the label first, then each column given the label and the column it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.generators._private.columns import LABEL, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bimetal.generators._private.fit import Edge, Fitted, Net
    from bimetal.types import FloatArray, IntArray

_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Sampler:
    """A net ready to draw from: columns in the order they are drawn, each with its parent and cumulated chances."""

    net: Net
    steps: tuple[_Step, ...]

    @classmethod
    def of(cls, net: Net) -> Sampler:
        return cls(net, tuple(_steps(net)))

    def draw(self, shares: FloatArray, rows: int, rng: np.random.Generator) -> pa.RecordBatch:
        """Draw rows whose labels come in the given shares."""
        labels = rng.choice(len(shares), rows, p=shares)
        drawn: dict[int, IntArray] = {}
        cells: dict[int, pa.Array[Any]] = {}
        for step in self.steps:
            above = step.groups[drawn[step.parent]] if step.parent is not None else np.zeros(rows, np.int64)
            drawn[step.place] = step.draw(labels * step.many + above, rng.random(rows))
            cells[step.place] = _cells(self.net.columns[step.place], drawn[step.place], rng.random(rows))
        names = [each.column.name for each in self.net.columns]
        told = pa.array(np.array(self.net.labels, object)[labels].tolist(), pa.string())
        return pa.RecordBatch.from_arrays([*(cells[k] for k in range(len(names))), told], [*names, LABEL])


@dataclass(frozen=True, slots=True)
class _Step:
    """One column: `ladder` holds the cumulated chances of its bins, one rung of length 1 a (label, parent's group)."""

    place: int
    parent: int | None
    groups: IntArray  # of the parent's bins
    many: int
    ladder: FloatArray
    bins: int

    def draw(self, rungs: IntArray, chance: FloatArray) -> IntArray:
        return np.searchsorted(self.ladder, rungs + chance, "right") - rungs * self.bins


def _steps(net: Net) -> Iterator[_Step]:
    left, seen = list(net.edges), set[int]()
    for root in range(len(net.columns)):
        if root in seen:
            continue
        seen.add(root)
        yield _step(root, None, np.zeros(1, np.int64), net.columns[root].table[:, None, :])
        while (near := next((each for each in left if len(seen & {*each.ends}) == 1), None)) is not None:
            left.remove(near)
            child = next(each for each in near.ends if each not in seen)
            seen.add(child)
            yield _hung(net, near, child)


def _hung(net: Net, edge: Edge, child: int) -> _Step:
    """Bring the label's tables and the pair's to one joint, then spread each group over its bins given the label."""
    turned = edge.ends[0] == child
    parent = edge.ends[1] if turned else edge.ends[0]
    below, above = edge.groups if turned else edge.groups[::-1]
    pair = edge.counts.T if turned else edge.counts  # parent's groups by child's
    tables = [net.columns[each].table for each in (parent, child)]
    over, under = (_pooled(table, groups) for table, groups in zip(tables, (above, below), strict=True))
    joint = _joint(net.shares, over, under, pair / pair.sum())
    spread = tables[1] / np.where(under[:, below] > 0, under[:, below], 1)
    chances = joint[:, :, below] * spread[:, None, :]
    return _step(child, parent, above, chances)


def _joint(shares: FloatArray, over: FloatArray, under: FloatArray, pair: FloatArray) -> FloatArray:
    """Fit (label, parent, child) to three tables of two by iterative proportional fitting, from independence."""
    one, two = shares[:, None] * over, shares[:, None] * under
    joint = shares[:, None, None] * over[:, :, None] * under[:, None, :]
    for _ in range(_ROUNDS):
        joint *= _ratio(pair, joint.sum(axis=0))[None]
        joint *= _ratio(two, joint.sum(axis=1))[:, None, :]
        joint *= _ratio(one, joint.sum(axis=2))[:, :, None]
    # where the tables leave no room for a (label, parent), the label alone decides
    lone = joint.sum(axis=2, keepdims=True) <= 0
    return np.where(lone, two[:, None, :], joint)


def _ratio(wanted: FloatArray, have: FloatArray) -> FloatArray:
    return np.divide(wanted, have, out=np.zeros_like(wanted), where=have > 0)


def _pooled(table: FloatArray, groups: IntArray) -> FloatArray:
    pooled = np.zeros((int(groups.max()) + 1, len(table)))
    np.add.at(pooled, groups, table.T)
    return pooled.T


def _step(place: int, parent: int | None, groups: IntArray, chances: FloatArray) -> _Step:
    labels, many, bins = chances.shape
    sums = chances.sum(axis=2, keepdims=True)
    even = np.where(sums > 0, chances / np.where(sums > 0, sums, 1), 1 / bins)
    ladder = np.minimum(np.cumsum(even, axis=2), 1.0)
    ladder[:, :, -1] = 1.0
    rungs = np.arange(labels * many).reshape(labels, many, 1)
    return _Step(place, parent, groups, many, (ladder + rungs).ravel(), bins)


def _cells(fitted: Fitted, drawn: IntArray, chance: FloatArray) -> pa.Array[Any]:
    """Turn bins into cells: names as they are, numbers evenly between their bin's edges."""
    if fitted.edges is None:
        return written(fitted.column, np.array(fitted.names, object)[drawn])
    low, high = (np.append(edges, np.nan)[drawn] for edges in (fitted.edges[:-1], fitted.edges[1:]))
    values = low + chance * (high - low)
    return written(fitted.column, np.floor(values) if getattr(fitted.column, "whole", False) else values)

"""One conditional drawn by a tree: which seed rows share a leaf with what is drawn so far, and each used in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._table.columns import MISSING

if TYPE_CHECKING:
    from bimetal.generators._table.columns import Column
    from bimetal.types import FloatArray, IntArray

CLASSES = 64  # a category of more values is fitted by where its rows lie, not class by class
GROUPS = 32
WIDTH = 0.3  # of Silverman's rule, on ranks within the leaf


@dataclass(frozen=True, slots=True)
class Conditional:
    """A column given others: `order` recodes categories among `given` by how they bear on this column."""

    column: Column
    given: tuple[str, ...]
    order: dict[str, FloatArray]
    tree: Any
    rows: IntArray
    first: IntArray
    held: IntArray

    def drawn(self, known: dict[str, FloatArray], count: int, rng: np.random.Generator) -> FloatArray:
        """Draw coded values for rows of which the columns `given` are known."""
        leaves = self.tree.apply(_inputs(self.given, self.order, known)) if self.given else np.zeros(count, np.int64)
        places = in_turn(leaves, self.first, self.held, rng)
        codes = self.column.codes[self.rows[places]]
        values = self.column.values_of(codes)
        if self.column.rare is None:
            return values
        size = self.held[leaves]
        share = size / len(self.rows)
        noise = WIDTH * share * size**-0.2 * rng.standard_normal(count)
        moved = 1 - np.abs(1 - np.abs(values + noise))  # reflected at both ends
        return np.where((codes >= 0) & self.column.rare[codes], np.clip(moved, 0, 1), values)


def in_turn(leaves: IntArray, first: IntArray, held: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw a place in each leaf's stretch, systematically: of m draws from k places each is taken m / k times, +-1.

    Each draw by itself is uniform over its leaf; together they repeat a leaf's shares with less noise than separate
    draws would (systematic sampling, Madow and Madow 1944).

    >>> places = in_turn(np.zeros(6, int), np.array([0]), np.array([3]), np.random.default_rng(0))
    >>> sorted(places.tolist())
    [0, 0, 1, 1, 2, 2]
    """
    count = len(leaves)
    shuffled = rng.permutation(count)
    shuffled = shuffled[np.argsort(leaves[shuffled], kind="stable")]
    inside = leaves[shuffled]
    starts = np.flatnonzero(np.r_[True, inside[1:] != inside[:-1]]) if count else np.zeros(0, np.int64)
    drawn = np.diff(np.r_[starts, count])
    group = np.repeat(np.arange(len(starts)), drawn)
    size = held[inside]
    turn = np.arange(count) - starts[group] + rng.random(len(starts))[group]
    place = np.minimum((turn * size / drawn[group]).astype(np.int64), size - 1)
    places = np.empty(count, np.int64)
    places[shuffled] = first[inside] + place
    return places


def fitted(column: Column, given: list[Column], rows: IntArray, leaf: int, rng: np.random.Generator) -> Conditional:
    """Fit one column given others on some rows of the seed, leaves of at least `leaf` rows."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    values = {each.name: each.values for each in given}
    names: tuple[str, ...] = ()
    seed = int(rng.integers(2**31))
    if not given or len(rows) < 2 * leaf:
        leaves, tree, order = np.zeros(len(rows), np.int64), None, {}
    else:
        groups = column.bins(GROUPS)[rows]
        order = {each.name: _order(each, rows, groups) for each in given if not each.ordered}
        names = tuple(values)
        inputs = _inputs(names, order, {name: value[rows] for name, value in values.items()})
        few = not column.ordered and len(column.levels) <= CLASSES
        kind = DecisionTreeClassifier if few else DecisionTreeRegressor
        target = column.codes[rows] if few else _goal(column, inputs, rows)
        tree = kind(min_samples_leaf=leaf, random_state=seed).fit(inputs, target).tree_
        leaves = tree.apply(inputs)
    held = np.bincount(leaves)
    sorted_rows = rows[np.lexsort((column.codes[rows], leaves))]
    return Conditional(column, names, order, tree, sorted_rows, np.cumsum(held) - held, held)


def _goal(column: Column, inputs: FloatArray, rows: IntArray) -> FloatArray:
    if column.ordered:
        return column.values[rows]
    ranks = inputs.argsort(axis=0).argsort(axis=0)[:, :8] / len(inputs)
    codes = column.codes[rows] + 1
    counts = np.bincount(codes, minlength=len(column.levels) + 1)
    sums = np.column_stack([np.bincount(codes, each - 0.5, len(counts)) for each in ranks.T])
    goal: FloatArray = (sums / (counts + 5)[:, None])[codes]  # where a category's rows lie, shrunk to the middle
    return goal


def _inputs(names: tuple[str, ...], order: dict[str, FloatArray], known: dict[str, FloatArray]) -> Any:
    columns = [order[name][np.rint(known[name]).astype(np.int64)] if name in order else known[name] for name in names]
    return np.column_stack(columns).astype(np.float32)


def _order(column: Column, rows: IntArray, groups: IntArray) -> FloatArray:
    """Place categories on the first principal axis of their shares of groups (Coppersmith, Hong and Hosking 1999)."""
    codes = column.codes[rows] % (len(column.levels) + 1)  # missing last, where index -1 finds it
    shape = (len(column.levels) + 1, GROUPS + 1)
    table = np.bincount(codes * shape[1] + groups, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    counts = table.sum(axis=1)
    away = table / np.maximum(counts, 1)[:, None] - table.sum(axis=0) / len(rows)
    spread = away * np.sqrt(counts)[:, None]
    axis = np.linalg.eigh(spread.T @ spread)[1][:, -1]
    place = np.empty(shape[0])
    place[np.argsort(np.where(counts > 0, away @ axis, MISSING), kind="stable")] = np.arange(shape[0])
    return place

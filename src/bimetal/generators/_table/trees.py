"""One conditional drawn by a tree: which seed rows share a leaf with what is drawn so far, and each used in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._table.columns import MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.generators._table.columns import Column
    from bimetal.types import FloatArray, IntArray

CLASSES = 64  # a category of more values is fitted by where its rows lie, not class by class
GROUPS = 32
WIDTH = 0.15  # of the bandwidth that Silverman's rule gives a leaf
RIDGE = 20.0  # rows' worth of doubt about each slope
FLAT = 1e-9  # added to each spread, for inputs that do not vary


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a tree sees of the columns `given`: categories in `order` of how they bear on the column drawn.

    For a number the tree also sees the line of `slopes` through all inputs: a split on it cuts across the columns, so
    that a leaf's rows are alike in what is expected of them (predictive mean matching, Rubin 1986).
    """

    given: tuple[str, ...]
    order: dict[str, FloatArray]
    slopes: NDArray[np.float32] | None = None

    def __call__(self, known: dict[str, FloatArray]) -> NDArray[np.float32]:
        """Give the inputs for rows of coded values, shape (rows, d)."""
        columns = [
            self.order[name][np.rint(known[name]).astype(np.int64)] if name in self.order else known[name]
            for name in self.given
        ]
        inputs = np.column_stack(columns).astype(np.float32)
        return inputs if self.slopes is None else np.column_stack([inputs, _line(inputs, self.slopes)])


@dataclass(frozen=True, slots=True)
class Conditional:
    """A column given others: seed `rows` leaf by leaf, the `first` and the number `held` of each, and its `spread`."""

    column: Column
    inputs: Inputs
    tree: Any
    rows: IntArray
    first: IntArray
    held: IntArray
    spread: FloatArray

    @property
    def given(self) -> tuple[str, ...]:
        return self.inputs.given

    def drawn(self, known: dict[str, FloatArray], count: int, rng: np.random.Generator) -> FloatArray:
        """Draw coded values for rows of which the columns `given` are known."""
        leaves = self.tree.apply(self.inputs(known)) if self.given else np.zeros(count, np.int64)
        places = in_turn(leaves, self.first, self.held, rng)
        codes = self.column.codes[self.rows[places]]
        values = self.column.values_of(codes)
        if self.column.rare is None:
            return values
        free = np.flatnonzero((codes >= 0) & self.column.rare[codes])
        noise = WIDTH * self.spread[leaves[free]] * rng.standard_normal(len(free))
        low, high = self.column.ranks[[0, -1]]  # the seed's ends, at which smoothed values turn back
        moved = high - np.abs(high - low - np.abs(values[free] + noise - low))
        values[free] = self.column.settled(np.clip(moved, low, high))
        return values


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

    seed = int(rng.integers(2**31))
    inputs, tree, leaves = Inputs((), {}), None, np.zeros(len(rows), np.int64)
    if given and len(rows) >= 2 * leaf:
        known = {each.name: each.values[rows] for each in given}
        groups = column.bins(GROUPS)[rows]
        inputs = Inputs(tuple(known), {each.name: _order(each, rows, groups) for each in given if not each.ordered})
        few = not column.ordered and len(column.levels) <= CLASSES
        kind = DecisionTreeClassifier if few else DecisionTreeRegressor
        target = column.codes[rows] if few else _goal(column, inputs(known), rows)
        if column.ordered:
            inputs = replace(inputs, slopes=_slopes(inputs(known), target))
        seen = inputs(known)
        tree = kind(min_samples_leaf=leaf, random_state=seed).fit(seen, target).tree_
        leaves = tree.apply(seen)
    held = np.bincount(leaves)
    by_leaf = rows[np.lexsort((column.codes[rows], leaves))]
    spread = _spread(column, rows, leaves) if column.rare is not None else np.zeros(len(held))
    return Conditional(column, inputs, tree, by_leaf, np.cumsum(held) - held, held, spread)


def _slopes(inputs: NDArray[np.float32], goal: NDArray[Any]) -> NDArray[np.float32]:
    """Fit a line through standardised inputs by ridge regression."""
    away = (inputs - inputs.mean(axis=0)).astype(float)
    scale = away.std(axis=0) + FLAT
    away /= scale
    squares = away.T @ away
    squares[np.diag_indices_from(squares)] += RIDGE
    slopes: NDArray[np.float32] = (np.linalg.solve(squares, away.T @ (goal - goal.mean())) / scale).astype(np.float32)
    return slopes


def _line(inputs: NDArray[np.float32], slopes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up column by column: a matrix product would round a row by how many others are drawn with it."""
    line = np.zeros(len(inputs), np.float32)
    for column, slope in zip(inputs.T, slopes, strict=True):
        line += column * slope
    return line


def _spread(column: Column, rows: IntArray, leaves: IntArray) -> FloatArray:
    """Give each leaf's bandwidth by Silverman's rule, of the ranks that are smoothed."""
    assert column.rare is not None
    codes = column.codes[rows]
    smoothed = (codes >= 0) & column.rare[codes]
    ranks, leaves, width = column.values_of(codes)[smoothed], leaves[smoothed], int(leaves.max()) + 1
    size = np.maximum(np.bincount(leaves, minlength=width), 1)
    middle = np.bincount(leaves, ranks, width) / size
    variance: FloatArray = np.bincount(leaves, (ranks - middle[leaves]) ** 2, width) / size
    return np.sqrt(variance) * size**-0.2


def _goal(column: Column, inputs: NDArray[np.float32], rows: IntArray) -> FloatArray:
    if column.ordered:
        return column.values[rows]
    ranks = inputs.argsort(axis=0).argsort(axis=0)[:, :8] / len(inputs)
    codes = column.codes[rows] + 1
    counts = np.bincount(codes, minlength=len(column.levels) + 1)
    sums = np.column_stack([np.bincount(codes, each - 0.5, len(counts)) for each in ranks.T])
    goal: FloatArray = (sums / (counts + 5)[:, None])[codes]  # where a category's rows lie, shrunk to the middle
    return goal


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

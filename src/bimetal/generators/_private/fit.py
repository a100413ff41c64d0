"""Fit a net of noisy marginals rooted in the label: bins, tables by label, and pairs of columns that hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError
from bimetal.generators._private import bins
from bimetal.generators._private.columns import Names, Numbers
from bimetal.generators._private.plan import Shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.generators._private.columns import Column
    from bimetal.generators._private.purse import Purse
    from bimetal.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Fitted:
    """One column as fitted: what a bin stands for (edges, or names), and P(bin | label), shape (labels, bins)."""

    column: Column
    edges: FloatArray | None
    names: tuple[Any, ...]
    table: FloatArray
    codes: IntArray  # of the seed rows: -1 for a name that was not found


@dataclass(frozen=True, slots=True)
class Edge:
    """Two columns that hang together: which group each bin of both falls in, and noisy counts of groups."""

    ends: tuple[int, int]
    groups: tuple[IntArray, IntArray]
    counts: FloatArray


@dataclass(frozen=True, slots=True)
class Net:
    """All that was learnt: labels with their shares, columns given the label, and edges between columns."""

    labels: tuple[str, ...]
    shares: FloatArray
    columns: tuple[Fitted, ...]
    edges: tuple[Edge, ...]


def fit(label: Names, columns: Sequence[Column], most: int, purse: Purse) -> Net:
    """Ask the purse for every number, at most so many bins a column, then never look at the rows again.

    Raises InputError where no label is common enough to be named.
    """
    shares = Shares.of(purse.budget.whole, label, columns)
    counts = purse.counted("label counts", _tally(label.codes, len(label.spelled)), shares.label)
    kept = np.arange(len(counts))
    if not label.declared:
        kept = purse.named(counts[:, None], shares.label, 1 / shares.found)
    if not len(kept):
        raise InputError(
            f"no label is common enough to be named under epsilon = {purse.budget.epsilon:g}",
            'declare the labels: --set categories={"label": ["yes", "no"]}, give more rows, or a larger epsilon',
        )
    totals = np.maximum(counts[kept], 1.0)
    place = np.full(len(counts) + 1, -1)
    place[kept] = np.arange(len(kept))
    known = place[label.codes] >= 0
    classes = place[label.codes][known]
    rows = _Rows(known, classes, totals, purse, shares, most)
    fitted = tuple(rows.numbers(each) if isinstance(each, Numbers) else rows.names(each) for each in columns)
    edges = tuple(rows.edges(fitted)) if len(fitted) > 1 else ()
    return Net(tuple(label.spelled[each] for each in kept), totals / totals.sum(), fitted, edges)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows whose label is named: which they are, their class, noisy totals of the classes, and who answers."""

    known: BoolArray
    classes: IntArray
    totals: FloatArray
    purse: Purse
    shares: Shares
    most: int

    def numbers(self, column: Numbers) -> Fitted:
        """Find bins, then count rows by bin and label; the last bin holds the missing ones."""
        total, cost = self.totals.sum(), self.shares.table
        many = np.clip(total / (3 * len(self.totals) * self.purse.deviation(cost)), 2, self.most)
        seen = Numbers(column.name, column.kind, column.values[self.known], column.bounds)
        edges = bins.found(seen, self.purse, self.shares.bins, total / many)
        codes = bins.coded(seen.values, edges)
        counts = self._unless_noise(self._by_label(codes, len(edges)))
        return Fitted(column, edges, (), self._given(counts), codes)

    def names(self, column: Names) -> Fitted:
        """Count rows by name and label; names not public are kept where they are no single row's."""
        codes = column.codes[self.known]
        counts = self._by_label(codes, len(column.spelled))
        kept = np.arange(len(counts))
        if not column.declared:
            open_ones = self.purse.named(counts[:-1], self.shares.table, 1 / self.shares.found)
            kept = np.append(open_ones, len(counts) - 1)  # the last says missing, which is public
        place = np.full(len(counts) + 1, -1)
        place[kept] = np.arange(len(kept))
        names = tuple(column.spelled[each] for each in kept)
        return Fitted(column, None, names, self._given(self._unless_noise(counts[kept])), place[codes])

    def edges(self, fitted: tuple[Fitted, ...]) -> list[Edge]:
        """Choose pairs that hang together beyond the label, a forest of them, and count rows by both."""
        deviation = self.purse.deviation(self.shares.pairs / (len(fitted) - 1))
        groups = [_grouped(each, self.totals, self._side(deviation)) for each in fitted]
        pairs = [(one, two) for one in range(len(fitted)) for two in range(one + 1, len(fitted))]
        scores = np.array([self._gain(fitted, groups, pair, deviation) for pair in pairs])
        chosen = self._forest(pairs, scores, len(fitted))
        cost = self.shares.pairs / max(len(chosen), 1)
        groups = [_grouped(each, self.totals, self._side(self.purse.deviation(cost))) for each in fitted]
        found = []
        for one, two in chosen:
            table = _crossed(groups[one], groups[two], fitted[one].codes, fitted[two].codes)
            counts = _simplex(self.purse.counted("pairs of columns", table, cost), self.totals.sum())
            found.append(Edge((one, two), (groups[one], groups[two]), counts))
        return found

    def _side(self, deviation: float) -> int:
        """Say how many groups a side a pair may have for noise to stay near 4 % of the rows."""
        return int(np.clip(np.sqrt(0.1 * self.totals.sum() / deviation), 2, self.most))

    def _by_label(self, codes: IntArray, many: int) -> FloatArray:
        labels, held = len(self.totals), codes >= 0
        counts = _tally(codes[held] * labels + self.classes[held], many * labels).reshape(many, labels)
        return self.purse.counted("columns by label", counts, self.shares.table)

    def _unless_noise(self, counts: FloatArray) -> FloatArray:
        """Take the last bin, of what is missing, for empty where its counts may well be noise."""
        usual = self.purse.deviation(self.shares.table) * np.sqrt(counts.shape[1])
        if counts[-1].sum() <= 3 * usual and len(counts) > 1:
            counts[-1] = -np.inf  # in no nearest counts
        return counts

    def _given(self, counts: FloatArray) -> FloatArray:
        rows = [_simplex(column, total) for column, total in zip(counts.T, self.totals.tolist(), strict=True)]
        return np.array(rows) / self.totals[:, None]

    def _gain(self, fitted: tuple[Fitted, ...], groups: list[IntArray], pair: tuple[int, int], deviation: float) -> int:
        """Score a pair: how far its counts lie from independence given the label, less the noise they would carry.

        What is expected is made of noisy tables alone and rounded, so one row more moves the score by 1 at most.
        """
        one, two = pair
        table = _crossed(groups[one], groups[two], fitted[one].codes, fitted[two].codes)
        left, right = (_pooled(fitted[each].table, groups[each]) for each in pair)
        expected = np.rint((left.T * self.totals) @ right).astype(np.int64)
        return int(np.abs(table - expected).sum()) - round(0.8 * deviation * table.size)

    def _forest(self, pairs: list[tuple[int, int]], scores: IntArray, many: int) -> list[tuple[int, int]]:
        tree, chosen = np.arange(many), []
        enough = self.purse.reach(self.shares.choice, len(pairs))
        for _ in range(many - 1):
            open_ones = [place for place, (one, two) in enumerate(pairs) if tree[one] != tree[two]]
            held = np.append(scores[open_ones], enough)  # the last means no further pair is worth its noise
            best = self.purse.chosen("choice of pairs", held, self.shares.choice)
            if best == len(open_ones):
                break
            one, two = pairs[open_ones[best]]
            chosen.append((one, two))
            tree[tree == tree[two]] = tree[one]
        return chosen


def _tally(codes: IntArray, many: int) -> IntArray:
    return np.bincount(codes[codes >= 0], minlength=many).astype(np.int64)


def _crossed(one: IntArray, two: IntArray, left: IntArray, right: IntArray) -> IntArray:
    """Count rows by the groups of two columns."""
    many, more = int(one.max()) + 1, int(two.max()) + 1
    held = (left >= 0) & (right >= 0)
    return _tally(one[left[held]] * more + two[right[held]], many * more).reshape(many, more)


def _grouped(fitted: Fitted, totals: FloatArray, side: int) -> IntArray:
    """Put bins in at most `side` groups: neighbours of numbers about equally full, and names the rarest together."""
    mass = totals @ fitted.table / totals.sum()
    if len(mass) <= side:
        return np.arange(len(mass))
    if fitted.edges is None:
        order = np.argsort(-mass, kind="stable")
        groups = np.empty(len(mass), np.int64)
        groups[order] = np.minimum(np.arange(len(mass)), side - 1)
        return groups
    middles = np.cumsum(mass) - mass / 2
    groups = np.minimum((middles * side).astype(np.int64), side - 1)
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _pooled(table: FloatArray, groups: IntArray) -> FloatArray:
    pooled = np.zeros((len(table), int(groups.max()) + 1))
    np.add.at(pooled.T, groups, table.T)
    return pooled


def _simplex(counts: FloatArray, total: float) -> FloatArray:
    """Return the nearest counts, in squares, that are nowhere below zero and sum to `total` (Held and others 1974)."""
    flat = counts.ravel()
    falling = np.sort(flat)[::-1]
    excess = (np.cumsum(falling) - total) / np.arange(1, len(falling) + 1)
    shift = excess[np.flatnonzero(falling > excess)[-1]]
    return np.asarray(np.maximum(counts - shift, 0.0))

"""Bins of a numeric column found privately: cells of a public grid, split where noisy counts say that rows are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from bimetal.generators._private.columns import Numbers
    from bimetal.generators._private.purse import Purse
    from bimetal.types import BoolArray, FloatArray, IntArray

FANOUT = 4
LEVELS = 5
FIRST = 2  # the first level decides what is lost at the ends: it gets as much as two others
_SMALLEST, _GREATEST = -20, 62  # powers of two between which a magnitude is told apart
_SURE, _EMPTY = 4.0, 1.0  # standard deviations of noise: rows are there; none are


@dataclass(frozen=True, slots=True)
class Leaves:
    """Cells in order, closed below and open above: `edges` has one more than `counts`, the noisy rows in each."""

    edges: FloatArray
    counts: FloatArray


def histograms(numbers: Numbers) -> int:
    """Count the shares that finding bins takes: one a level, and the first where the ends are not public."""
    return LEVELS + (0 if numbers.bounds else FIRST)


def found(numbers: Numbers, purse: Purse, cost: float, wanted: float) -> FloatArray:
    """Find edges of about equally full bins of `wanted` rows, shape (bins + 1,), at `cost` a histogram.

    Every level is a histogram: the cells asked about are disjoint and fixed by earlier noisy counts, so one row more
    raises one of the counts by 1 and sensitivity is 1. The grid itself is the powers of two, within public bounds.
    """
    values = numbers.values[~np.isnan(numbers.values)]
    public = numbers.bounds is not None
    leaves = _within(numbers) if public else _asked(_grid(numbers.whole), values, purse, FIRST * cost)
    if not public:
        leaves = _between(leaves, leaves.counts > _SURE * purse.deviation(FIRST * cost))
    deviation = purse.deviation(cost)
    for level in range(LEVELS):
        full = leaves.counts > max(1.2 * wanted, _SURE * deviation)
        if public and level == 0:
            full[:] = True
        elif not public:
            full[[0, -1]] |= leaves.counts[[0, -1]] > 2 * _SURE * deviation  # the ends are worth finding closely
        leaves = _split(leaves, full, numbers.whole, lambda edges: _asked(edges, values, purse, cost))
    return _merged(leaves if public else _between(leaves, _beyond(leaves.counts, deviation)), wanted)


def coded(values: FloatArray, edges: FloatArray) -> IntArray:
    """Give each number its bin, those beyond the ends the nearest one, and missing ones the bin after the last.

    >>> coded(np.array([0.5, 3.0, -7.0, np.nan]), np.array([0.0, 1.0, 2.0])).tolist()
    [0, 1, 0, 2]
    """
    places = np.clip(np.searchsorted(edges, values, "right") - 1, 0, len(edges) - 2)
    return np.where(np.isnan(values), len(edges) - 1, places).astype(np.int64)


def _grid(whole: bool) -> FloatArray:
    powers = 2.0 ** np.arange(0 if whole else _SMALLEST, _GREATEST + 1)
    return np.concatenate([1 - powers[::-1], powers]) if whole else np.concatenate([-powers[::-1], powers])


def _within(numbers: Numbers) -> Leaves:
    low, high = numbers.bounds or (0.0, 1.0)
    high = high + 1 if numbers.whole else np.nextafter(high, np.inf)
    grid = _grid(numbers.whole)
    edges = np.concatenate([[low], grid[(grid > low) & (grid < high)], [high]])
    return Leaves(edges, np.full(len(edges) - 1, np.inf))


def _asked(edges: FloatArray, values: FloatArray, purse: Purse, cost: float) -> Leaves:
    """Count the rows between each two edges, those beyond the ends nowhere, and add noise."""
    places = np.searchsorted(edges, values, "right") - 1
    inside = places[(places >= 0) & (places < len(edges) - 1)]
    return Leaves(edges, purse.counted("bins of numbers", np.bincount(inside, minlength=len(edges) - 1), cost))


def _split(leaves: Leaves, full: BoolArray, whole: bool, ask: Callable[[FloatArray], Leaves]) -> Leaves:
    """Ask about the quarters of full leaves; the others keep their count."""
    pieces = [
        np.linspace(low, high, FANOUT + 1) if split else np.array([low, high])
        for low, high, split in zip(leaves.edges[:-1], leaves.edges[1:], full.tolist(), strict=True)
    ]
    edges = np.unique(np.concatenate(pieces))
    edges = np.unique(np.ceil(edges)) if whole else edges
    fresh, older = ask(edges), np.searchsorted(leaves.edges, edges[:-1], "right") - 1
    return Leaves(edges, np.where(full[older], fresh.counts, leaves.counts[older]))


def _between(leaves: Leaves, held: BoolArray) -> Leaves:
    """Leave out cells at either end that hold nothing; where none holds anything, keep the fullest."""
    places = np.flatnonzero(held)
    first, last = (places[0], places[-1]) if len(places) else [int(leaves.counts.argmax())] * 2
    return Leaves(leaves.edges[first : last + 2], leaves.counts[first : last + 1])


def _beyond(counts: FloatArray, deviation: float) -> BoolArray:
    """Say which cells lie further in than those at either end that together hold no more than noise does."""
    low, high = (np.cumsum(each) <= _EMPTY * deviation for each in (counts, counts[::-1]))
    within = np.ones(len(counts), bool)
    within[: np.flatnonzero(low)[-1] + 1 if low.any() else 0] = False
    within[len(counts) - (np.flatnonzero(high)[-1] + 1 if high.any() else 0) :] = False
    return within


def _merged(leaves: Leaves, wanted: float) -> FloatArray:
    """Join neighbours that together are no fuller than wanted."""
    kept, held = [leaves.edges[0]], 0.0
    for count, low in zip(np.maximum(leaves.counts, 0).tolist(), leaves.edges[:-1].tolist(), strict=True):
        if held and held + count > wanted:
            kept.append(low)
            held = 0.0
        held += count
    return np.array([*kept, leaves.edges[-1]])

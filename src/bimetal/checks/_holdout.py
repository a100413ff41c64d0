"""Nearness to the rows a generator learned from, judged against as many rows it never saw, by permuted membership."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray

NEIGHBOURS = 16  # all of them on one side: 1 row in 30,000 of each side
TAIL = 0.01  # of the rows, those with the most lopsided distances
LEAST = 10  # rows in the tail: fewer than six on one side are chance at a false alarm of 1 in 60
FLOOR = 1e-3  # of the usual distance: nearer than this is as near as can be
BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Lean:
    """How far something leans towards the seeds: its value, what `alpha` of permutations exceed, and its p."""

    value: float
    limit: float
    p: float


@dataclass(frozen=True, slots=True)
class Nearness:
    """`share` of rows nearer to a seed than to a holdout row; `tail`, the mean lean of the most lopsided log-ratios.

    The tail is 1 % of the rows, ten at least; `pairs` are those of its `tail_rows` rows that lie by a seed, with that
    seed (row, seed), the most lopsided first.
    """

    share: Lean
    tail: Lean
    pairs: tuple[tuple[int, int], ...]
    tail_rows: int


def nearness(
    made: FloatArray, known: tuple[FloatArray, FloatArray], rng: np.random.Generator, alpha: float, permutations: int
) -> Nearness:
    """Compare rows made, (m, d), with seeds and holdout, (n, d) each.

    Neighbours are found once among seeds and holdout together; then only who was a seed is permuted, so rows made
    without regard to that are rejected at the nominal rate whatever their distribution, duplicates and ties included.

    >>> rng = np.random.default_rng(0)
    >>> seeds, holdout, made = rng.normal(size=(3, 1000, 4))
    >>> made[:10] = seeds[:10] + 1e-4
    >>> found = nearness(made, (seeds, holdout), rng, alpha=0.05, permutations=199)
    >>> found.tail.p <= 0.05, found.share.p > 0.05, len(set(found.pairs) & {(k, k) for k in range(10)})
    (True, True, 10)
    """
    both = np.vstack(known)
    order = rng.permutation(len(both))  # equal rows are told apart by place alone: shuffled, a tie favours neither side
    seed = order < len(known[0])
    distances, neighbours = nearest(both[order], made)
    sides = [seed, *(rng.permutation(seed) for _ in range(permutations))]
    ratios = (_log_ratio(distances, each[neighbours]) for each in sides)
    length = min(len(made), max(LEAST, round(TAIL * len(made))))
    shares, tails = np.array([(each[neighbours[:, 0]].mean(), _lopsided(ratio, length))
                              for each, ratio in zip(sides, ratios, strict=True)]).T  # fmt: skip
    ratio = _log_ratio(distances, seed[neighbours])
    tail = np.argsort(ratio, kind="stable")[:length]
    tail = tail[ratio[tail] < -np.sort(np.abs(ratio))[-length] + 1e-12]
    first = neighbours[tail, np.argmax(seed[neighbours[tail]], axis=1)]
    pairs = tuple(zip(tail.tolist(), order[first].tolist(), strict=True))
    return Nearness(lean(shares, alpha), lean(tails, alpha), pairs, length)


def nearest(rows: FloatArray, made: FloatArray) -> tuple[FloatArray, IntArray]:
    """Find the nearest 16 of some rows, (n, d), to each row made, (m, d): distances, exact and rising, and places."""
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(rows))).fit(rows)
    blocks = [index.kneighbors(made[k : k + BLOCK])[1] for k in range(0, len(made), BLOCK)]
    found = np.concatenate(blocks)
    # expanded squares lose small distances to rounding: those that count are taken anew, and ranked by them
    exact = np.stack([np.linalg.norm(rows[found[:, k]] - made, axis=1) for k in range(found.shape[1])], axis=1)
    ranked = np.argsort(exact, axis=1, kind="stable")
    return np.take_along_axis(exact, ranked, axis=1), np.take_along_axis(found, ranked, axis=1)


def lean(values: FloatArray, alpha: float) -> Lean:
    """Judge the first of some values by the others, which came of permutations."""
    p = float(np.mean(values >= values[0] - 1e-12))
    return Lean(float(values[0]), float(np.quantile(values[1:], 1 - alpha, method="higher")), p)


def _log_ratio(distances: FloatArray, seed: BoolArray) -> FloatArray:
    """Give log(distance to the nearest seed / to the nearest holdout row), below zero by a seed."""
    usual = float(np.median(distances[:, 0])) or float(distances.max()) or 1.0
    rows = np.arange(len(distances))
    to_seed, to_other = (
        np.where(side.any(axis=1), distances[rows, side.argmax(axis=1)], distances[:, -1]) for side in (seed, ~seed)
    )
    return np.asarray(np.log((to_seed + FLOOR * usual) / (to_other + FLOOR * usual)))


def _lopsided(ratio: FloatArray, length: int) -> float:
    strongest = np.argpartition(np.abs(ratio), len(ratio) - length)[-length:]
    return float(-ratio[strongest].mean())

"""Mode collapse: does synthetic data reach where real data lies, and does it shrink within its modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import BoolArray, FloatArray, IntArray

EDGE = 0.05  # the share of pooled rows, farthest from their neighbours, that counts as the edge
BY_CHANCE = 0.01  # a real row's neighbourhood is wide enough that this share of them lacks synthetic rows by chance
MOST_NEIGHBOURS = 50
ROWS_PER_MODE = 100
MOST_MODES = 20


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where real rows lie that synthetic rows do not reach; every share stands beside what equal sets would give.

    Uncovered: of real rows, those with no synthetic row among their neighbours (a dropped mode). Edge: of the
    outermost pooled rows, those that are synthetic (a cut tail lowers it).
    """

    p: float
    uncovered_share: float
    expected_share: float
    edge_share: float
    expected_edge_share: float


def tail_coverage(real: ArrayLike, synthetic: ArrayLike, rng: np.random.Generator, permutations: int = 199) -> Coverage:
    """Test whether synthetic rows, shape (m, d), leave parts of the real ones, (n, d), uncovered.

    Neighbours are found once among all rows, scaled alike; then only the labels real and synthetic are permuted, so
    equal distributions are rejected at the nominal rate whatever their shape. The statistic is the larger of two
    excesses over chance in standard units: real rows without synthetic neighbours, and real rows at the edge.
    Raises InputError below 20 rows of either, for NaN, or where the columns differ.

    >>> rng = np.random.default_rng(1)
    >>> real = np.vstack([rng.normal(size=(475, 2)), rng.normal(6, 1, (25, 2))])
    >>> found = tail_coverage(real, rng.normal(size=(500, 2)), rng)
    >>> found.p, found.uncovered_share > 0.04, found.expected_share < 0.02
    (0.005, True, True)
    """
    rows, is_real = _pooled(real, synthetic, rng)
    count = int(np.ceil(np.log(BY_CHANCE) / np.log(is_real.mean())))
    distances, neighbours = _neighbours(rows, min(max(count, 1), MOST_NEIGHBOURS))
    edge = np.argsort(distances[:, -1], kind="stable")[-max(1, round(EDGE * len(rows))) :]
    labels = [is_real, *(rng.permutation(is_real) for _ in range(permutations))]
    counts = np.array([(_uncovered(each, neighbours), int(each[edge].sum())) for each in labels], dtype=float)
    excess = ((counts - counts.mean(axis=0)) / np.maximum(counts.std(axis=0), 1e-12)).max(axis=1)
    p = float(np.mean(excess >= excess[0] - 1e-12))
    expected = counts[1:].mean(axis=0)
    n, m = int(is_real.sum()), len(edge)
    return Coverage(
        p, float(counts[0, 0] / n), float(expected[0] / n), float(1 - counts[0, 1] / m), float(1 - expected[1] / m)
    )


def within_mode_shrink(real: ArrayLike, synthetic: ArrayLike, rng: np.random.Generator) -> tuple[float, float]:
    """Test whether synthetic rows huddle closer than real ones inside each mode; return (statistic, one-sided p).

    The statistic is the chance that a real row lies farther from its nearest neighbour than a synthetic row of the
    same mode: .5 where nothing shrank. Modes are k-means clusters of all rows together, and nearest neighbours are
    sought among all rows, so both are blind to the labels; ranks are compared within modes (van Elteren 1960).
    Raises as `tail_coverage`.

    >>> rng = np.random.default_rng(1)
    >>> share, p = within_mode_shrink(rng.normal(size=(500, 3)), 0.8 * rng.normal(size=(500, 3)), rng)
    >>> share > 0.55, p < 0.001
    (True, True)
    """
    from scipy.stats import norm, rankdata

    rows, is_real = _pooled(real, synthetic, rng)
    distance = _neighbours(rows, 1)[0][:, 0]
    modes = _modes(rows, rng)
    parts = []
    for mode in np.unique(modes):
        inside = modes == mode
        n, m = int((inside & is_real).sum()), int((inside & ~is_real).sum())
        if n and m:
            rank_sum = rankdata(distance[inside])[is_real[inside]].sum()
            share = (rank_sum - n * (n + 1) / 2) / (n * m)
            parts.append((share, n * m / (n + m + 1)))
    share, weight = np.array(parts).T
    statistic = float(share @ weight / weight.sum())
    return statistic, float(norm.sf((statistic - 0.5) * (12 * weight.sum()) ** 0.5))


def _pooled(real: ArrayLike, synthetic: ArrayLike, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
    real, synthetic = np.asarray(real, dtype=float), np.asarray(synthetic, dtype=float)
    if real.ndim != 2 or synthetic.ndim != 2 or real.shape[1] != synthetic.shape[1]:
        raise InputError(
            f"rows of shape {real.shape} and {synthetic.shape} do not match", "give two sets with the same columns"
        )
    if min(len(real), len(synthetic)) < 20:
        raise InputError(f"{len(real)} real and {len(synthetic)} synthetic rows are too few", "give 20 or more of each")
    rows = np.vstack([real, synthetic])
    if not np.isfinite(rows).all():
        raise InputError("rows hold NaN or infinity, expected finite numbers", "fill or drop missing values first")
    spread = rows.std(axis=0)
    # Equal rows are told apart by their place alone: shuffled, a tie between neighbours favours neither kind.
    order = rng.permutation(len(rows))
    return (rows / np.where(spread > 0, spread, 1))[order], order < len(real)


def _neighbours(rows: FloatArray, count: int) -> tuple[FloatArray, IntArray]:
    from sklearn.neighbors import NearestNeighbors

    distances, indices = NearestNeighbors(n_neighbors=count).fit(rows).kneighbors()
    return distances, indices


def _uncovered(is_real: BoolArray, neighbours: IntArray) -> int:
    return int((is_real & is_real[neighbours].all(axis=1)).sum())


def _modes(rows: FloatArray, rng: np.random.Generator) -> IntArray:
    from sklearn.cluster import KMeans

    count = min(MOST_MODES, max(1, len(rows) // ROWS_PER_MODE))
    return np.asarray(KMeans(count, n_init=1, random_state=int(rng.integers(2**31))).fit_predict(rows))

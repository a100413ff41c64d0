"""The distance gate: drawn rows nearer to a seed than seeds are to one another are drawn again, copies first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from bimetal.generators._table.columns import Column
    from bimetal.types import BoolArray, FloatArray, IntArray

BLOCK = 256  # seeds a drawn row is compared with: those around the same centre
ONE_HOT = 32
HASHED = 16
ROUNDS = 5
FLOOR = 1e-3  # of the usual distance: nearer than this is as near as can be


@dataclass(frozen=True, slots=True)
class Space:
    """Rows as points: numbers in standard deviations, two different categories one apart."""

    columns: tuple[Column, ...]
    tables: Mapping[str, NDArray[np.float32]]

    @classmethod
    def of(cls, columns: Sequence[Column], rng: np.random.Generator) -> Space:
        return cls(tuple(columns), {each.name: _places(each, rng) for each in columns})

    def points(self, known: Mapping[str, FloatArray]) -> NDArray[np.float32]:
        """Place rows of coded values, shape (rows, d)."""
        count = len(next(iter(known.values())))
        points: NDArray[np.float32] = np.hstack(
            [np.zeros((count, 1), np.float32), *(self._part(each, known[each.name]) for each in self.columns)]
        )
        return points

    def _part(self, column: Column, values: FloatArray) -> Any:
        table = self.tables[column.name]
        if not column.ordered:
            return table[np.rint(values).astype(np.int64)]
        if not len(column.levels):
            return np.zeros((len(values), 0), np.float32)
        at = np.interp(values, column.ranks, table[: len(column.levels), 0])
        missing = values < 0
        return np.column_stack([np.where(missing, 0, at), missing * table[-1, 1]]).astype(np.float32)


def _places(column: Column, rng: np.random.Generator) -> NDArray[np.float32]:
    levels = len(column.levels)
    if column.ordered and column.points is not None:
        weight = np.bincount(column.codes[column.codes >= 0], minlength=levels)
        centre = np.average(column.points, weights=weight)
        spread = np.sqrt(np.average((column.points - centre) ** 2, weights=weight)) or 1.0
        standard = np.column_stack([(column.points - centre) / spread, np.zeros(levels)])
        return np.vstack([standard, [0, 1]]).astype(np.float32)  # the last row: missing
    if levels < ONE_HOT:
        return np.eye(levels + 1, dtype=np.float32) / np.float32(np.sqrt(2))
    hashed = rng.standard_normal((levels + 1, HASHED))
    unit = hashed / np.linalg.norm(hashed, axis=1, keepdims=True)
    return np.asarray(unit / np.sqrt(2), np.float32)


@dataclass(frozen=True, slots=True)
class Gate:
    """How near is too near: `limit` on the distance to the nearest seed, in units of that seed's own nearest.

    Of rows exactly at the limit the share `passing` passes, so that copies as frequent as chance makes them stay.
    Blocks stand in for all seeds: near neighbours mostly share one, and seeds are judged in the same way.
    """

    space: Space
    centres: NDArray[np.float32]
    blocks: tuple[NDArray[np.float32], ...]
    own: tuple[FloatArray, ...]
    floor: float
    limit: float
    passing: float

    def near(self, known: Mapping[str, FloatArray], rng: np.random.Generator) -> BoolArray:
        """Say which rows are too near to a seed."""
        ratio = self.ratio(self.space.points(known))
        tied = np.isclose(ratio, self.limit, rtol=1e-4)
        return np.asarray(np.where(tied, rng.random(len(ratio)) >= self.passing, ratio < self.limit))

    def ratio(self, points: NDArray[np.float32]) -> FloatArray:
        """Give the distance to the nearest seed over that seed's distance to its own nearest."""
        ratio = np.zeros(len(points))
        for block, rows in _members(points, self.centres):
            seeds = self.blocks[block]
            inside = points[rows]
            nearest = _squares(inside, seeds).argmin(axis=1)
            apart = inside - seeds[nearest]
            away = np.sqrt(np.einsum("ij,ij->i", apart, apart))
            ratio[rows] = (away + self.floor) / (self.own[block][nearest] + self.floor)
        return ratio


def gate(space: Space, known: Mapping[str, FloatArray], drawn: Mapping[str, FloatArray], closest: float) -> Gate:
    """Learn from the seeds alone how near independent rows come; the nearest `closest` of those are too near.

    `drawn` are candidate rows, looked at only for how many tie with the limit.
    """
    points = space.points(known)
    centres = _centres(points, -(-len(points) // BLOCK))
    blocks, own, ratios = [points[:0]] * len(centres), [np.zeros(0)] * len(centres), []
    around = dict(_members(points, centres))
    scale: list[float] = []
    for block, rows in around.items():
        first, second, nearest = _two_nearest(points[rows])
        blocks[block], own[block] = points[rows], first
        back = nearest[nearest] == np.arange(len(rows))
        ratios.append((first, np.where(back, second[nearest], first[nearest])))
        scale += first.tolist()
    floor = FLOOR * (float(np.median(scale)) or 1.0)
    seeds = np.concatenate([(away + floor) / (others + floor) for away, others in ratios])
    limit = float(np.quantile(seeds, closest, method="higher"))
    found = Gate(space, centres, tuple(blocks), tuple(own), floor, limit, 1.0)
    below, tied = float((seeds < limit * (1 - 1e-4)).mean()), float(np.isclose(seeds, limit, rtol=1e-4).mean())
    ties = float(np.isclose(found.ratio(space.points(drawn)), limit, rtol=1e-4).mean())
    passing = min(1.0, max(0.0, below + tied - closest) / max(ties, 1e-9))
    return Gate(space, centres, tuple(blocks), tuple(own), floor, limit, passing)


def _members(points: NDArray[np.float32], centres: NDArray[np.float32]) -> Iterator[tuple[int, IntArray]]:
    nearest = _squares(points, centres).argmin(axis=1)
    order = np.argsort(nearest, kind="stable")
    found, starts = np.unique(nearest[order], return_index=True)
    return zip(found.tolist(), np.split(order, starts[1:]), strict=True)


def _centres(points: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Run a few rounds of k-means from rows evenly spaced in the table; own, for it must repeat bit for bit."""
    centres: NDArray[np.float32] = points[np.linspace(0, len(points) - 1, count).astype(int)].copy()
    for _ in range(4 if count > 1 else 0):
        for block, rows in _members(points, centres):
            centres[block] = points[rows].mean(axis=0)
    return centres


def _two_nearest(points: NDArray[np.float32]) -> tuple[FloatArray, FloatArray, IntArray]:
    """Give each point's distances to its two nearest others, and the nearest; a lone point is far from all."""
    count = len(points)
    if count < 3:
        return np.full(count, 1e9), np.full(count, 1e9), np.arange(count)
    squares = _squares(points, points)
    np.fill_diagonal(squares, np.inf)
    two = np.argpartition(squares, 1, axis=1)[:, :2]
    away = np.sqrt(((points[:, None] - points[two]) ** 2).sum(axis=2)).astype(float)
    order = np.argsort(away, axis=1, kind="stable")
    ranked = np.take_along_axis(away, order, axis=1)
    return ranked[:, 0], ranked[:, 1], np.take_along_axis(two, order, axis=1)[:, 0]


def _squares(points: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give squared distances less each point's own square, which changes no order; shape (points, others)."""
    squares: NDArray[np.float32] = points @ (-2 * others.T)
    squares += np.einsum("ij,ij->i", others, others)
    return squares

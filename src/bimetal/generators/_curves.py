"""Pen paths as smooth curves: every point of a curve is a fixed mixture of the path's knots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Curve:
    """A path compiled: `basis @ knots` are its points, so moving a knot bends the curve smoothly.

    `knots` has shape (knots, 2) in heights around the middle, `basis` (points, knots); `stroke` says which stroke each
    knot belongs to; `ends` are the first and last knot of each stroke and `outward` the unit steps beyond them.
    """

    knots: FloatArray
    basis: FloatArray
    stroke: IntArray
    ends: IntArray
    outward: FloatArray


@cache
def curve(path: str, points: int) -> Curve:
    """Compile a path to `points` samples at even distances: natural cubic splines that break at corners.

    >>> curve("0,0! 0,100", 3).basis.round(2).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    strokes = [text.split() for text in path.split("/")]
    knots = np.array([[float(each) for each in knot.rstrip("!").split(",")] for text in strokes for knot in text])
    knots = (knots - (knots.min(0) + knots.max(0)) / 2) / 100
    stroke = np.repeat(np.arange(len(strokes)), [len(text) for text in strokes])
    parts = [np.flatnonzero(stroke == k) for k in range(len(strokes))]
    lengths = np.array([_travel(knots[part])[-1] for part in parts])
    stops = np.rint(points * np.cumsum(lengths) / lengths.sum()).astype(int)
    basis = np.zeros((points, len(knots)))
    for text, part, run in zip(strokes, parts, np.split(np.arange(points), stops[:-1]), strict=True):
        basis[np.ix_(run, part)] = _spline(knots[part], text, len(run))
    ends = np.array([knot for part in parts for knot in (part[0], part[-1])])
    steps = np.array([step for part in parts for step in (knots[part[:2]], knots[part[:-3:-1]])])
    outward = steps[:, 0] - steps[:, 1]
    return Curve(knots, basis, stroke, ends, outward / np.linalg.norm(outward, axis=1, keepdims=True))


def _spline(knots: FloatArray, texts: list[str], points: int) -> FloatArray:
    from scipy.interpolate import CubicSpline

    at = _travel(knots)
    where = np.linspace(0, at[-1], points)
    corners = [i for i, text in enumerate(texts) if text.endswith("!") and 0 < i < len(texts) - 1]
    basis = np.zeros((points, len(knots)))
    for low, high in zip([0, *corners], [*corners, len(knots) - 1], strict=True):
        run = (where >= at[low]) & (where <= at[high])
        piece = CubicSpline(at[low : high + 1], np.eye(high - low + 1), bc_type="natural")
        basis[run] = 0
        basis[np.ix_(run, range(low, high + 1))] = piece(where[run])
    return basis


def _travel(knots: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])

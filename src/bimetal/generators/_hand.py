"""A writer's hand: how one and the same shape comes out different each time it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._curves import Curve, curve
from bimetal.generators._glyphs import glyph
from bimetal.generators._strokes import PATHS

if TYPE_CHECKING:
    from bimetal.types import FloatArray

# Wide by intent, in heights of a digit unless said otherwise: a form filled in a hurry on one's knee is in here too.
TREMOR, DRIFT, OVERSHOOT = 0.028, 0.025, 0.05  # of a knot, of a whole stroke, of the two ends of a stroke
WARP, WAVE = 0.05, 0.008  # slow bends that change proportions, quick ones that change lines
ASPECT, TURN, PRESSURE = 0.17, 0.08, 0.15  # log width, radians, share of the pen's width
THICKNESS = {"thin": (0.07, 0.11), "medium": (0.11, 0.17), "thick": (0.17, 0.23)}  # the pen's width
SLANT = {"left": (-0.4, -0.12), "upright": (-0.12, 0.15), "right": (0.15, 0.65)}  # sideways step a height
_KNOTS, _STROKES = 16, 3


@dataclass(frozen=True, slots=True)
class Ink:
    """Discs a pen left, y downwards: `points` has shape (rows, discs, 2), `radius` (rows, discs), `slant` (rows,)."""

    points: FloatArray
    radius: FloatArray
    slant: FloatArray


def written(
    shapes: Sequence[tuple[str, str]],
    pens: Sequence[tuple[str, str]],
    discs: int,
    wildness: float,
    rng: np.random.Generator,
) -> Ink:
    """Write one digit a row: its (label, variant), its pen (thickness, slant); wildness 0 gives copybook digits."""
    points, radius = _shaped(shapes, discs, wildness, rng)
    width = _within([THICKNESS[thickness] for thickness, _ in pens], rng)
    slant = _within([SLANT[slant] for _, slant in pens], rng)
    points = _posed(_warped(points, wildness, rng), slant, wildness, rng)
    height = np.ptp(points[:, :, 1], axis=1)
    pressure = 1 + wildness * PRESSURE * _waves(points, rng, bends=3.0)
    return Ink(points, radius * pressure * (width * height / 2)[:, None], slant)


def _shaped(
    shapes: Sequence[tuple[str, str]], discs: int, wildness: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    points, radius = np.empty((len(shapes), discs, 2)), np.ones((len(shapes), discs))
    tremor = wildness * TREMOR * rng.standard_normal((len(shapes), _KNOTS, 2))
    drift = wildness * DRIFT * rng.standard_normal((len(shapes), _STROKES, 2))
    beyond = wildness * OVERSHOOT * rng.standard_normal((len(shapes), 2 * _STROKES, 1))
    for shape in dict.fromkeys(shapes):
        rows = [row for row, each in enumerate(shapes) if each == shape]
        if shape in PATHS:
            line = curve(PATHS[shape], discs)
            points[rows] = line.basis @ _moved(line, tremor[rows], drift[rows], beyond[rows])
        else:
            points[rows], radius[rows] = glyph(shape[1], shape[0], discs)
    return points, radius


def _moved(line: Curve, tremor: FloatArray, drift: FloatArray, beyond: FloatArray) -> FloatArray:
    knots = line.knots + tremor[:, : len(line.knots)] + drift[:, line.stroke]
    knots[:, line.ends] += beyond[:, : len(line.ends)] * line.outward
    return knots


def _warped(points: FloatArray, wildness: float, rng: np.random.Generator) -> FloatArray:
    u, v = 2 * points[:, :, :1], 2 * points[:, :, 1:]
    terms = np.concatenate([u * v, v**2, v**3, u**2, np.sin(3 * v), np.sin(4 * u)], axis=2)
    slow = terms @ (WARP * rng.standard_normal((len(points), terms.shape[2], 2)))
    quick = WAVE * np.stack([_waves(points, rng, 9.0), _waves(points, rng, 9.0)], axis=2)
    return points + wildness * (slow + quick)


def _posed(points: FloatArray, slant: FloatArray, wildness: float, rng: np.random.Generator) -> FloatArray:
    stretch = np.exp(wildness * ASPECT * rng.standard_normal(len(points)))
    turn = wildness * TURN * rng.standard_normal(len(points))
    x, y = points[:, :, 0] * stretch[:, None], points[:, :, 1]
    x = x - slant[:, None] * y
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=2)


def _waves(points: FloatArray, rng: np.random.Generator, bends: float) -> FloatArray:
    along = rng.normal(0, bends, (len(points), 2, 1))
    phase = rng.uniform(0, 2 * np.pi, (len(points), 1))
    waves: FloatArray = np.sin((points @ along)[:, :, 0] + phase)
    return waves


def _within(ranges: Sequence[tuple[float, float]], rng: np.random.Generator) -> FloatArray:
    low, high = np.array(ranges).T
    drawn: FloatArray = rng.uniform(low, high)
    return drawn

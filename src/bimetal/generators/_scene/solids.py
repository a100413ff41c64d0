"""Where a ray enters and leaves a solid, and which way its surface faces, in the solid's own unit coordinates.

A faceted solid's coordinates are heights along its facets' normals, as many as it has pairs of facets.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from bimetal.types import FloatArray

    Plane: TypeAlias = NDArray[np.float32]
    Three: TypeAlias = Sequence[Any]  # x, y, z: numbers, or arrays that broadcast; heights over facets if faceted
    Span: TypeAlias = tuple[Any, Any]

HOLE = 0.62  # inner radius of a tube
STRETCH = 1.0  # half the length of a capsule's straight part, in radii
_TURN = math.pi / 3
FACETS: dict[str, list[tuple[float, float, float]]] = {  # a solid is where all of |normal . point| <= 1
    "box": [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)],
    "prism": [(0.0, 0.0, 1.0), *((math.cos(k * _TURN) / 0.866, math.sin(k * _TURN) / 0.866, 0.0) for k in range(3))],
    "gem": [(1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0), (-1.0, 1.0, 1.0)],
    "rock": [(0.3, 0.2, 1.5), (1.3, 0.2, 0.5), (-0.9, 1.0, 0.7), (0.3, 1.3, -0.5), (1.0, 1.1, -0.4)],
}


def first(shape: str, o: Three, d: Three) -> tuple[Plane, NDArray[np.bool_]]:
    """Return how far along each ray (from o, by d) the solid begins, and which rays meet it at all.

    >>> first("sphere", (-3.0, 0.0, 0.0), (np.ones(1), np.zeros(1), np.zeros(1)))
    (array([2.]), array([ True]))
    """
    if shape != "tube":
        enter, leave = span(shape, o, d)
        return enter, enter < leave
    (enter, leave), (into, out) = _tube(o, d)
    wall = ~((enter >= into) & (enter <= out))  # what begins in the hole meets the wall behind it
    return np.asarray(np.where(wall, enter, out), np.float32), (enter < leave) & (wall | (out < leave))


def blocked(shape: str, o: Three, d: Three) -> NDArray[np.bool_]:
    """Say which rays meet the solid anywhere ahead of o."""
    if shape != "tube":
        enter, leave = span(shape, o, d)
        return np.asarray((leave > enter) & (leave > 0))
    (enter, leave), (into, out) = _tube(o, d)
    begins = np.fmax(enter, 0)
    return np.asarray((begins < leave) & ((begins < into) | (np.fmax(begins, out) < leave) | np.isnan(into)))


def span(shape: str, o: Three, d: Three) -> Span:
    """Return where rays enter and leave a convex solid."""
    return _SPANS.get(shape, _between_slabs)(o, d)


def corners(shape: str) -> FloatArray:
    """Return the corners of a faceted solid, shape (corners, 3).

    >>> len(corners("gem"))
    6
    """
    normals = np.array(FACETS[shape])
    found = []
    for three in itertools.combinations(range(len(normals)), 3):
        if abs(np.linalg.det(normals[list(three)])) > 1e-9:
            for signs in itertools.product((-1.0, 1.0), repeat=3):
                point = np.linalg.solve(normals[list(three)], signs)
                if (np.abs(normals @ point) <= 1 + 1e-9).all():
                    found.append(point)
    return np.unique(np.round(found, 9), axis=0)


def facing(shape: str, q: Three) -> Three:
    """Return the outward normal, not of unit length, at points on a round solid's surface."""
    return _FACINGS[shape](*q)


def outmost(q: Three) -> NDArray[np.int64]:
    """Say which facet points on a faceted solid lie on: the place of its normal, those turned round behind them."""
    return np.asarray(np.concatenate([q, np.negative(q)]).argmax(axis=0))


def _sphere(o: Three, d: Three, lift: float = 0.0) -> Span:
    x, y, z = o[0], o[1], o[2] - lift
    a = d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    return _roots(a, x * d[0] + y * d[1] + z * d[2], x * x + y * y + z * z - 1)


def _cylinder(o: Three, d: Three) -> Span:
    return _both(_round(o, d, 1.0), _slab(o[2], d[2], 1.0))


def _cone(o: Three, d: Three) -> Span:
    w, dw = (1 - o[2]) / 2, d[2] * -0.5  # the radius at a height
    a = d[0] * d[0] + d[1] * d[1] - dw * dw
    r0, r1 = _roots(a, o[0] * d[0] + o[1] * d[1] - w * dw, o[0] * o[0] + o[1] * o[1] - w * w)
    # Rays steeper than the side (a < 0) lie in the solid before the smaller root or behind the larger: roots swap.
    down = dw > 0
    enter = np.where(a > 0, r0, np.where(down, r0, -np.inf))
    leave = np.where(a > 0, r1, np.where(down, np.inf, r1))
    return _both((enter, leave), _slab(o[2], d[2], 1.0))


def _capsule(o: Three, d: Three) -> Span:
    low, high = _sphere(o, d, -STRETCH), _sphere(o, d, STRETCH)
    enter, leave = _both(_round(o, d, 1.0), _slab(o[2], d[2], STRETCH))
    missed = ~(enter < leave)
    enter, leave = np.where(missed, np.nan, enter), np.where(missed, np.nan, leave)
    return np.fmin(np.fmin(low[0], high[0]), enter), np.fmax(np.fmax(low[1], high[1]), leave)


def _tube(o: Three, d: Three) -> tuple[Span, Span]:
    outer = _both(_round(o, d, 1.0), _slab(o[2], d[2], 1.0))
    return outer, _round(o, d, HOLE)


def _round(o: Three, d: Three, radius: float) -> Span:
    a = d[0] * d[0] + d[1] * d[1]
    return _roots(a, o[0] * d[0] + o[1] * d[1], o[0] * o[0] + o[1] * o[1] - radius * radius)


def _roots(a: Any, half: Any, c: Any) -> Span:
    root = np.sqrt(half * half - a * c)
    turn = 1 / a
    return (-half - root) * turn, (root - half) * turn


def _slab(o: Any, d: Any, half: float) -> Span:
    turn = 1 / d
    middle, reach = -o * turn, half * np.abs(turn)
    return middle - reach, middle + reach


def _both(one: Span, two: Span) -> Span:
    return np.maximum(one[0], two[0]), np.minimum(one[1], two[1])


def _between_slabs(o: Three, d: Three) -> Span:
    spans = [_slab(start, speed, 1.0) for start, speed in zip(o, d, strict=True)]
    enter, leave = spans[0]
    for into, out in spans[1:]:
        enter, leave = np.maximum(enter, into), np.minimum(leave, out)
    return enter, leave


def _of_cylinder(x: Any, y: Any, z: Any) -> Three:
    side = np.abs(z) < 0.9999
    return np.where(side, x, 0), np.where(side, y, 0), np.where(side, 0, z)


def _of_cone(x: Any, y: Any, z: Any) -> Three:
    side = z > -0.9999
    return np.where(side, x, 0), np.where(side, y, 0), np.where(side, (1 - z) / 4, -1)


def _of_capsule(x: Any, y: Any, z: Any) -> Three:
    return x, y, z - np.clip(z, -STRETCH, STRETCH)


def _of_tube(x: Any, y: Any, z: Any) -> Three:
    side, within = np.abs(z) < 0.9999, x * x + y * y < ((1 + HOLE) / 2) ** 2
    out = np.where(within, -1, 1)
    return np.where(side, x * out, 0), np.where(side, y * out, 0), np.where(side, 0, z)


_SPANS: dict[str, Callable[[Three, Three], Span]] = {
    "sphere": _sphere,
    "cylinder": _cylinder,
    "cone": _cone,
    "capsule": _capsule,
}
_FACINGS: dict[str, Callable[[Any, Any, Any], Three]] = {
    "sphere": lambda x, y, z: (x, y, z),
    "cylinder": _of_cylinder,
    "cone": _of_cone,
    "capsule": _of_capsule,
    "tube": _of_tube,
}

"""What a picture is taken of: bodies with looks, a ground, a light, a sky with weather, and a camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Colour: TypeAlias = tuple[float, float, float]  # linear red, green, blue, 0-1
    Vector: TypeAlias = NDArray[np.float64]

CLASSES = ("box", "capsule", "cone", "cylinder", "sphere", "tube")
CLUTTER = ("gem", "prism", "rock")
TEXTURES = ("plain", "checker", "stripes", "dots", "marble", "speckle")


@dataclass(frozen=True, slots=True)
class Look:
    """A surface: a pattern of two colours, its scale in patterns a metre, and how much it shines (0-1)."""

    texture: str
    colours: tuple[Colour, Colour]
    scale: float
    shine: float
    offset: tuple[float, float] = (0.0, 0.0)
    heading: float = 0.0


@dataclass(frozen=True, slots=True)
class Body:
    """A solid in the world: centre in metres, columns of `turn` its axes, `size` half its extent along each."""

    shape: str
    centre: Vector
    turn: Vector
    size: Vector
    look: Look
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class Light:
    """A sun (`lamp` is false: `at` is the way towards it) or a lamp that hangs at `at`, and light from all around."""

    at: Vector
    lamp: bool
    colour: Colour
    around: Colour
    hard: float  # how dark shadows are (0-1)


@dataclass(frozen=True, slots=True)
class Air:
    """Sky and weather: colours at the zenith and the horizon, haze by metre, clouds, and rain falling (0-1)."""

    zenith: Colour
    horizon: Colour
    haze: float
    clouds: float
    rain: float
    slant: float = 0.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera: `forward` is of unit length, `right` and `down` reach from the middle to the picture's edge."""

    at: Vector
    forward: Vector
    right: Vector
    down: Vector

    @classmethod
    def looking(cls, at: Vector, towards: Vector, reach: float, roll: float) -> Camera:
        """Point a camera; `reach` is the tangent of half the angle of view, `roll` is in radians."""
        forward = (towards - at) / math.dist(towards, at)
        level = np.array([forward[1], -forward[0], 0.0]) / math.hypot(forward[0], forward[1])
        under = np.array(_cross(forward.tolist(), level.tolist()))
        c, s = math.cos(roll), math.sin(roll)
        return cls(at, forward, reach * (c * level + s * under), reach * (c * under - s * level))

    def seen(self, points: Vector) -> tuple[Vector, Vector, Vector]:
        """Return x, y (-1 to 1 within the picture) and depth of points, shape (points, 3); depth <= 0 is behind."""
        away = points - self.at
        depth = away @ self.forward
        safe = np.where(depth > 1e-6, depth, 1e-6) * (self.right @ self.right)
        return (away @ self.right) / safe, (away @ self.down) / safe, depth


@dataclass(frozen=True, slots=True)
class World:
    """Everything a picture shows; `grain` is sensor noise (of the full range), `seed` where noise tiles begin."""

    bodies: tuple[Body, ...]
    ground: Look
    light: Light
    air: Air
    camera: Camera
    grain: float
    seed: int


def _cross(a: list[float], b: list[float]) -> list[float]:
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

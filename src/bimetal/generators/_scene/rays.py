"""Rays through pixels, in the world's coordinates and in those of each solid, and which pixels a thing may cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from bimetal.generators._scene.solids import FACETS, STRETCH

if TYPE_CHECKING:
    from bimetal.generators._scene.solids import Plane, Three
    from bimetal.generators._scene.world import Body, Camera, Vector

    Region: TypeAlias = tuple[int, int, int, int]  # y0, y1, x0, x1 in pixels, ends excluded
    Axes: TypeAlias = list[list[float]]  # forward, right, down, each x, y, z

NEAR = 0.05  # metres
_NORMALS = {shape: np.array(normals) for shape, normals in FACETS.items() if shape != "box"}
_SIGNS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])


@dataclass(frozen=True)
class Rays:
    """The rays of a camera through the pixels: `steps` run from -1 to 1, shape (side,)."""

    steps: Plane
    axes: Axes

    @classmethod
    def through(cls, camera: Camera, side: int) -> Rays:
        steps = ((np.arange(side) + 0.5) * (2 / side) - 1).astype(np.float32)
        return cls(steps, [each.tolist() for each in (camera.forward, camera.right, camera.down)])

    def within(self, region: Region, axes: Axes, stride: int = 1) -> Three:
        """Return the directions (forward part 1) through a region's pixels, in the coordinates of these axes."""
        y0, y1, x0, x1 = region
        x, y = self.steps[x0:x1:stride], self.steps[y0:y1:stride, None]
        # A ray that runs exactly along a face would divide by nought: it is bent by less than a pixel's millionth.
        return tuple((y * d + (f + 1e-9)) + x * r for f, r, d in zip(*axes, strict=True))

    def at(self, pixel: Any) -> Three:
        """Return the world's directions through some pixels, numbered row by row."""
        rows = pixel // len(self.steps)
        x, y = self.steps[pixel - rows * len(self.steps)], self.steps[rows]
        (fx, fy, fz), (rx, ry, rz), (dx, dy, dz) = self.axes
        return fx + x * rx + y * dx, fy + x * ry + y * dy, fz + x * rz + y * dz


@dataclass(frozen=True)
class Insides:
    """The solids' own coordinates, body by body: matrices into them, camera, way of the light, the rays' axes.

    `regions` are the pixels each body may cover, `shadows` those where its shadow may fall, the body's own included.
    """

    turns: list[list[list[float]]]
    centres: list[list[float]]
    cameras: list[list[float]]
    lights: list[list[float]]
    axes: list[Axes]
    regions: list[Region]
    shadows: list[Region]

    @classmethod
    def of(cls, bodies: Sequence[Body], camera: Camera, light: Vector, lamp: bool, side: int) -> Insides:
        turns = np.array([body.turn for body in bodies])
        sizes, centres = np.array([body.size for body in bodies]), np.array([body.centre for body in bodies])
        units = sizes.copy()
        units[[body.shape == "capsule" for body in bodies], 2] /= 1 + STRETCH
        inward = turns.transpose(0, 2, 1) / units[:, :, None]
        corners = centres[:, None, :] + (_SIGNS * sizes[:, None, :]) @ turns.transpose(0, 2, 1)
        way = light - corners if lamp else light
        fallen = corners - way * (corners[..., 2:] / np.maximum(way[..., 2:], LOWEST))
        turned = [_within(body.shape, turn) for body, turn in zip(bodies, inward, strict=True)]
        basis = np.stack([camera.forward, camera.right, camera.down])
        return cls(
            [turn.tolist() for turn in turned],
            [(turn @ centre).tolist() for turn, centre in zip(turned, centres, strict=True)],
            [(turn @ (camera.at - centre)).tolist() for turn, centre in zip(turned, centres, strict=True)],
            [(turn @ (light - centre * lamp)).tolist() for turn, centre in zip(turned, centres, strict=True)],
            [(basis @ turn.T).tolist() for turn in turned],
            regions_of(camera, corners, side),
            regions_of(camera, np.concatenate([corners, fallen], axis=1), side),
        )


LOWEST = 0.05  # a light so low casts shadows no longer than this lets them be


def regions_of(camera: Camera, corners: Vector, side: int) -> list[Region]:
    """Return the pixels that convex things with these corners may cover; all where one reaches behind the camera."""
    x, y, depth = camera.seen(corners)
    behind = depth.min(axis=1) < NEAR
    ends = np.stack([y.min(axis=1), y.max(axis=1), x.min(axis=1), x.max(axis=1)], axis=1)
    pixels = np.clip((ends + 1) * (side / 2) + [-0.5, 1.5, -0.5, 1.5], 0, side).astype(int)
    pixels[behind] = (0, side, 0, side)
    return [(y0, y1, x0, x1) for y0, y1, x0, x1 in pixels.tolist()]


def _within(shape: str, inward: Vector) -> Vector:
    return _NORMALS[shape] @ inward if shape in _NORMALS else inward

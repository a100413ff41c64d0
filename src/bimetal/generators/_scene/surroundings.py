"""The ground to the horizon and the sky above it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._scene.lighting import towards
from bimetal.generators._scene.textures import noise, pattern

if TYPE_CHECKING:
    from bimetal.generators._scene.raster import Frame
    from bimetal.generators._scene.rays import Rays
    from bimetal.generators._scene.solids import Plane
    from bimetal.generators._scene.world import World

FLAT = 0.03  # sine below the horizon from which ground is drawn: nearer to it, it is haze
FADING = 1.5  # how soon patterns finer than pixels fade to their mean instead of flickering


def spread_sky(world: World, rays: Rays) -> Plane:
    """Return the colour of the sky, which no light changes, over the rows that show some; shape (3, rows, side)."""
    air, rise = world.air, _rise(rays)
    rows = int(np.count_nonzero(rise.max(axis=1) >= -FLAT))
    high = np.clip(rise[:rows] * 2.2, 0, 1)
    sky = np.empty((3, rows, len(rays.steps)), np.float32)
    for k, (low, top) in enumerate(zip(air.horizon, air.zenith, strict=True)):
        np.multiply(high, top - low, out=sky[k])
        sky[k] += low
    if rows and air.clouds:
        x, y, z = rays.within((0, rows, 0, len(rays.steps)), rays.axes)
        far = 0.35 / np.maximum(z + 0.08, 0.05)
        white = np.clip((noise(x * far + world.seed % 97, y * far) - 0.5) * 3, 0, 1)
        white *= np.clip(z * 8, 0, 1) * air.clouds
        sky += (max(air.horizon) - sky) * white
    return sky


def lay_ground(world: World, rays: Rays, frame: Frame) -> None:
    """Lay the plane z = 0 over all that looks down: its depth, its pattern, the light that falls on it."""
    side, (cx, cy, cz), ground = len(rays.steps), world.camera.at.tolist(), world.ground
    fall = -_rise(rays)
    y0 = int(np.count_nonzero(fall.max(axis=1) <= FLAT))
    if y0 == side:
        return
    fall = fall[y0:]
    t = np.maximum(fall, FLAT)
    np.divide(cz, t, out=t)
    x, y, _ = rays.within((y0, side, 0, side), rays.axes)
    x *= t
    y *= t
    x += cx
    y += cy
    share = _share(world, x, y, t)
    for k, (one, two) in enumerate(zip(*ground.colours, strict=True)):
        np.multiply(share, two - one, out=frame.albedo[k, y0:])
        frame.albedo[k, y0:] += one
    frame.depth[y0:] = t
    (_, _, way), strength = towards(world.light, (x, y, 0.0))
    frame.direct[y0:] = way * strength
    mixed = frame.sky.shape[1] - y0
    if mixed > 0:
        np.copyto(frame.depth[y0 : y0 + mixed], np.inf, where=fall[:mixed] <= FLAT)


def _share(world: World, x: Plane, y: Plane, t: Plane) -> Any:
    ground = world.ground
    if ground.texture == "plain":
        return np.float32(0)
    c, s = math.cos(ground.heading) * ground.scale, math.sin(ground.heading) * ground.scale
    u = x * c
    u += y * s
    u += ground.offset[0]
    v = y * c
    v -= x * s
    v += ground.offset[1]
    share = pattern(ground.texture, u, v)
    blur = t * (FADING * ground.scale / len(t[0]))
    blur *= blur
    blur += 1
    share -= 0.4
    share /= blur
    share += 0.4
    return share


def _rise(rays: Rays) -> Plane:
    (_, _, f), (_, _, r), (_, _, d) = rays.axes
    return np.asarray(rays.steps[:, None] * d + (f + rays.steps * r))

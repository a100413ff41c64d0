"""From light and depth to the picture: shadows softened, haze, rain, edges smoothed, grain, eight bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._scene.textures import grain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.generators._scene.dice import Dice
    from bimetal.generators._scene.raster import Frame
    from bimetal.generators._scene.world import World

EDGE = 0.09  # of the full range: neighbours that differ by more are blended
DROPS = 900  # streaks of rain in a picture at most


def finished(world: World, frame: Frame, dice: Dice) -> NDArray[np.uint8]:
    """Sum the light and take the picture: shape (side, side, 3)."""
    light, air = world.light, world.air
    shade = _softened(frame.shade, 1 if light.hard > 0.6 else 4)
    shade = _doubled(shade)
    shade *= light.hard
    shade += 1 - light.hard
    direct, around = frame.direct * shade, frame.around
    shine = frame.shine * shade
    clear = np.exp(frame.depth * -air.haze)
    picture = frame.albedo
    for k in range(3):
        plane = picture[k]
        lit = direct * light.colour[k]
        lit += around * light.around[k]
        lit *= plane
        lit += shine * light.colour[k]
        lit -= air.horizon[k]
        lit *= clear
        np.add(lit, air.horizon[k], out=plane)
    rows = frame.sky.shape[1]
    if rows:
        np.copyto(picture[:, :rows], frame.sky, where=frame.depth[:rows] == np.inf)
    np.maximum(picture, 0, out=picture)
    np.sqrt(picture, out=picture)  # the curve of a screen, near enough to gamma 2.2
    _smooth_edges(picture)
    if air.rain:
        _rain(picture, world)
    side = picture.shape[1]
    y, x = dice.whole(0, 63), dice.whole(0, 63)
    picture += grain(side)[y : y + side, x : x + side] * world.grain
    np.clip(picture, 0, 1, out=picture)
    return _levels(picture)


def _levels(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Round to 8 bits; behind 2^23 a float's lowest byte is its whole part, ten times as fast as a cast."""
    picture *= 255
    picture += 2.0**23
    low = picture.astype("<f4", copy=False).view(np.uint8).reshape(*picture.shape, 4)[..., 0]
    return np.ascontiguousarray(low.transpose(1, 2, 0))


def _softened(shade: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    for _ in range(radius):
        shade = shade.copy()
        shade[:, 1:-1] = (shade[:, :-2] + 2 * shade[:, 1:-1] + shade[:, 2:]) * 0.25
        shade[1:-1] = (shade[:-2] + 2 * shade[1:-1] + shade[2:]) * 0.25
    return shade


def _doubled(shade: NDArray[np.float32]) -> NDArray[np.float32]:
    wide = np.repeat(shade, 2, axis=1)
    wide[:, 1:-1:2] = (shade[:, :-1] + shade[:, 1:]) * 0.5
    tall = np.repeat(wide, 2, axis=0)
    tall[1:-1:2] = (wide[:-1] + wide[1:]) * 0.5
    return tall


def _smooth_edges(picture: NDArray[np.float32]) -> None:
    """Blend pixels that stand out from a neighbour with their four neighbours, as morphological antialiasing does."""
    side = picture.shape[1]
    grey = picture[1] + picture[0] * 0.5
    edge = np.zeros((side, side), bool)
    down, across = np.abs(grey[1:] - grey[:-1]) > EDGE, np.abs(grey[:, 1:] - grey[:, :-1]) > EDGE
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[[0, -1]] = False
    edge[:, [0, -1]] = False
    at = np.flatnonzero(edge)
    for plane in picture.reshape(3, -1):
        around = plane[at - 1] + plane[at + 1] + plane[at - side] + plane[at + side]
        plane[at] = plane[at] * 0.4 + around * 0.15


def _rain(picture: NDArray[np.float32], world: World) -> None:
    side, air = picture.shape[1], world.air
    rng = np.random.default_rng(world.seed)
    count = int(DROPS * air.rain * (side / 256))
    near = rng.random(count, dtype=np.float32) ** 3
    length = max(4, side // 14)
    along = np.arange(length, dtype=np.float32)[None, :] * (0.25 + near[:, None])
    x = rng.random((count, 1), dtype=np.float32) * side * 1.2 - side * 0.1 + along * np.float32(air.slant)
    y = rng.random((count, 1), dtype=np.float32) * side * 1.2 - side * 0.1 + along
    inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
    at = y.astype(np.int32)[inside] * side + x.astype(np.int32)[inside]
    strength = np.broadcast_to(0.05 + 0.12 * near[:, None], x.shape)[inside]
    bright = np.float32(max(air.horizon)) ** 0.5
    for plane in picture.reshape(3, -1):
        plane[at] += (bright * np.float32(1.1) - plane[at]) * strength

"""Draw a world into a z-buffer: every body's rays only where its outline may be, ground and sky everywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._scene.lighting import cast_shadows, light_bodies
from bimetal.generators._scene.rays import NEAR, Insides, Rays
from bimetal.generators._scene.solids import first
from bimetal.generators._scene.surroundings import lay_ground, spread_sky

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.generators._scene.solids import Plane
    from bimetal.generators._scene.world import World


@dataclass(frozen=True)
class Frame:
    """A picture before its light is summed: planes of shape (side, side) in float32, colours of shape (3, side, side).

    `depth` is metres along the view, infinite in the sky; `number` is 1 + a body's place in the world, 0 for none;
    `whole` counts the pixels each body would cover if nothing stood before it, `seen` those it does. `direct`, `shine`
    and `around` say how much of the light, its highlights and the light from all around reaches a pixel, `shade` how
    much shadows let pass (at half the resolution). `sky` is what the sky adds, over the rows that show some.
    """

    depth: Plane
    number: NDArray[np.uint8]
    albedo: Plane
    direct: Plane
    shine: Plane
    around: Plane
    shade: Plane
    whole: list[int]
    seen: list[int]
    sky: Plane


def drawn(world: World, side: int) -> Frame:
    """Draw the world `side` pixels square (an even number); the light is summed by `finished`."""
    rays = Rays.through(world.camera, side)
    with np.errstate(all="ignore"):
        frame = _empty(side, len(world.bodies), spread_sky(world, rays))
        lay_ground(world, rays, frame)
        if world.bodies:
            light = world.light
            insides = Insides.of(world.bodies, world.camera, light.at, light.lamp, side)
            for at in range(len(world.bodies)):
                _put(world, rays, frame, insides, at)
            light_bodies(world, rays, frame, insides)
            cast_shadows(world, rays, frame, insides)
    return frame


def _empty(side: int, bodies: int, sky: Plane) -> Frame:
    deep, direct, shine, around = (np.full((side, side), value, np.float32) for value in (np.inf, 0, 0, 1))
    shade, nothing = np.ones((side // 2, side // 2), np.float32), np.zeros((side, side), np.uint8)
    albedo = np.zeros((3, side, side), np.float32)
    return Frame(deep, nothing, albedo, direct, shine, around, shade, [0] * bodies, [0] * bodies, sky)


def _put(world: World, rays: Rays, frame: Frame, insides: Insides, at: int) -> None:
    y0, y1, x0, x1 = insides.regions[at]
    if y0 >= y1 or x0 >= x1:
        return
    ways = rays.within(insides.regions[at], insides.axes[at])
    t, hit = first(world.bodies[at].shape, tuple(insides.cameras[at]), ways)
    hit &= t > NEAR
    frame.whole[at] = int(np.count_nonzero(hit))
    depth = frame.depth[y0:y1, x0:x1]
    hit &= t < depth
    np.copyto(depth, t, where=hit)
    np.copyto(frame.number[y0:y1, x0:x1], np.uint8(at + 1), where=hit)

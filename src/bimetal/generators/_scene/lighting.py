"""What light reaches where: surfaces coloured and lit pixel by pixel seen, shadows cast by rays towards the light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._scene.solids import FACETS, blocked, facing, outmost
from bimetal.generators._scene.textures import pattern

if TYPE_CHECKING:
    from bimetal.generators._scene.raster import Frame
    from bimetal.generators._scene.rays import Insides, Rays
    from bimetal.generators._scene.solids import Plane, Three
    from bimetal.generators._scene.world import Body, Light, World

LAMP = 16.0  # square metres: how far a lamp's light reaches
SHARPENINGS = 5  # squarings of the cosine that makes a highlight: its 32nd power


def light_bodies(world: World, rays: Rays, frame: Frame, insides: Insides) -> None:
    """Colour and light every pixel that shows a body."""
    shown = np.flatnonzero(frame.number)
    numbers = frame.number.ravel()[shown]
    pixel = shown[np.argsort(numbers, kind="stable")]
    counts = np.bincount(numbers, minlength=len(world.bodies) + 1)
    frame.seen[:] = counts[1:].tolist()
    ray, t = rays.at(pixel), frame.depth.ravel()[pixel]
    cx, cy, cz = world.camera.at.tolist()
    point = cx + t * ray[0], cy + t * ray[1], cz + t * ray[2]
    normal, albedo = (np.empty((3, len(pixel)), np.float32) for _ in range(2))
    shine = np.empty(len(pixel), np.float32)
    end = 0
    for at, body in enumerate(world.bodies):
        start, end = end, end + frame.seen[at]
        if start < end:
            turn, shown_at = insides.turns[at], [each[start:end] for each in point]
            local = [part - to for part, to in zip(_turned(turn, shown_at), insides.centres[at], strict=True)]
            _face(normal[:, start:end], body.shape, turn, local)
            _colour(albedo[:, start:end], body, local)
            shine[start:end] = body.look.shine
    for plane, colour in zip(frame.albedo, albedo, strict=True):
        plane.ravel()[pixel] = colour
    _light(world.light, frame, pixel, (normal, point, ray, shine))


def towards(light: Light, point: Three) -> tuple[Three, Any]:
    """Return the unit way from points to the light, and how strong it is there."""
    lx, ly, lz = light.at.tolist()
    if not light.lamp:
        return (lx, ly, lz), 1.0
    x, y, z = lx - point[0], ly - point[1], lz - point[2]
    square = x * x + y * y + z * z
    near = 1 / np.sqrt(square)
    return (x * near, y * near, z * near), LAMP / (LAMP / 4 + square)


def cast_shadows(world: World, rays: Rays, frame: Frame, insides: Insides) -> None:
    """Darken `shade` wherever a body stands between a pixel's surface and the light; none shadows itself."""
    depth, number = np.minimum(frame.depth[::2, ::2], 1e4), frame.number[::2, ::2]
    for at, (body, (y0, y1, x0, x1)) in enumerate(zip(world.bodies, insides.shadows, strict=True)):
        if y0 >= y1 or x0 >= x1:
            continue
        low, high, left, right = y0 // 2, (y1 + 1) // 2, x0 // 2, (x1 + 1) // 2
        ways = rays.within((2 * low, 2 * high, 2 * left, 2 * right), insides.axes[at], 2)
        t = depth[low:high, left:right]
        o = tuple(way * t + start for way, start in zip(ways, insides.cameras[at], strict=True))
        # The lamp's way is from the body's centre, where these coordinates begin.
        ahead = insides.lights[at]
        to = tuple(to - start for to, start in zip(ahead, o, strict=True)) if world.light.lamp else tuple(ahead)
        dark = blocked(body.shape, o, to)
        dark &= number[low:high, left:right] != at + 1
        frame.shade[low:high, left:right] *= ~dark


def _light(light: Light, frame: Frame, pixel: Any, of: tuple[Plane, Three, Three, Plane]) -> None:
    (nx, ny, nz), point, (rx, ry, rz), shine = of
    unit = 1 / np.sqrt(nx * nx + ny * ny + nz * nz)
    (wx, wy, wz), strength = towards(light, point)
    lit = np.maximum(nx * wx + ny * wy + nz * wz, 0) * unit
    frame.direct.ravel()[pixel] = lit * strength
    frame.around.ravel()[pixel] = 0.7 + 0.3 * (nz * unit)
    back = 1 / np.sqrt(rx * rx + ry * ry + rz * rz)
    hx, hy, hz = wx - rx * back, wy - ry * back, wz - rz * back  # halfway between light and eye
    gleam = np.maximum(nx * hx + ny * hy + nz * hz, 0) * unit / np.sqrt(hx * hx + hy * hy + hz * hz)
    for _ in range(SHARPENINGS):
        gleam *= gleam
    frame.shine.ravel()[pixel] = gleam * shine * (lit > 0) * strength


def _face(normal: Plane, shape: str, turn: list[list[float]], local: Three) -> None:
    if shape in FACETS:
        rows = np.array(turn, np.float32).T
        normal[:] = np.hstack([rows, -rows]).take(outmost(local), axis=1)
        return
    (a, b, c), (d, e, f), (g, h, i) = turn
    x, y, z = facing(shape, local)
    normal[0] = a * x + d * y + g * z
    normal[1] = b * x + e * y + h * z
    normal[2] = c * x + f * y + i * z


def _colour(albedo: Plane, body: Body, local: Three) -> None:
    look = body.look
    if look.texture == "plain":
        albedo[:] = np.array(look.colours[0])[:, None]
        return
    sx, sy, sz = (body.size * look.scale).tolist()
    x, y, z = local[:3]
    # Slanted, so that no face of a solid lies along one colour of the pattern.
    share = pattern(look.texture, x * sx + z * (0.31 * sz) + look.offset[0], y * sy + z * (0.87 * sz) + look.offset[1])
    for k, (one, two) in enumerate(zip(*look.colours, strict=True)):
        np.multiply(share, two - one, out=albedo[k])
        albedo[k] += one


def _turned(turn: list[list[float]], v: Three) -> list[Any]:
    x, y, z = v
    return [a * x + b * y + c * z for a, b, c in turn]

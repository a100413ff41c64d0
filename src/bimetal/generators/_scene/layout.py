"""Where bodies stand: thrown on the ground within the picture, apart from each other, some lying, some in the air."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._scene import palette
from bimetal.generators._scene.solids import STRETCH
from bimetal.generators._scene.world import CLUTTER, Body, Camera, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.generators._scene.dice import Dice
    from bimetal.generators._scene.world import Look, Vector

TRIES = 24  # throws for a free place before a body is left smaller
FLYING = 0.15  # share of bodies in the air
LYING = 0.25  # share of those that can, lying on their side


def camera(dice: Dice) -> Camera:
    """Throw a camera at eye level or above, looking some metres ahead."""
    at = np.array([0.0, 0.0, dice.between(1.1, 3.6)])
    towards = np.array([dice.between(-1, 1), dice.between(3.6, 5.4), dice.between(-0.1, 0.5)])
    return Camera.looking(at, towards, dice.between(0.42, 0.6), 0.035 * dice.normal())


def world(bodies: Sequence[Body], seen_by: Camera, weather: str, light: str, dice: Dice) -> World:
    """Put bodies under a light and a sky thrown for this weather and this time."""
    air = palette.air(light, weather, dice)
    grain = dice.between(0.003, 0.012) * (2 if light == "night" else 1)
    lit = palette.light(light, weather, dice)
    return World(tuple(bodies), palette.ground(dice), lit, air, seen_by, grain, dice.whole(0, 2**31))


def placed(shapes: Sequence[str], clutter: int, seen_by: Camera, dice: Dice) -> list[Body]:
    """Throw bodies of these shapes and some clutter onto the ground, none within another."""
    taken: list[tuple[float, float, float]] = []
    bodies = [body(shape, True, seen_by, dice, taken) for shape in shapes]
    return bodies + [body(dice.pick(CLUTTER), False, seen_by, dice, taken) for _ in range(clutter)]


def hung(shapes: Sequence[str], seen_by: Camera, dice: Dice) -> list[Body]:
    """Hang bodies in a grid before the camera, none before another and all above the ground: all are seen."""
    columns = math.ceil(math.sqrt(len(shapes)))
    lines = math.ceil(len(shapes) / columns)
    slot = 1.7 / max(columns, lines, 2)
    # As far away as lets the lowest stay above the ground; sizes go with it, so that the picture does not change.
    fall = 0.9 * abs(float(seen_by.down[2])) + 0.9 * abs(float(seen_by.right[2])) - float(seen_by.forward[2])
    depth = min(4.0, 0.95 * float(seen_by.at[2]) / max(fall, 0.05))
    reach = depth * float(np.linalg.norm(seen_by.right)) * slot
    bodies = []
    for at, shape in enumerate(shapes):
        across, down = (at % columns + 0.5 - columns / 2) * slot, (at // columns + 0.5 - lines / 2) * slot
        centre = seen_by.at + depth * (seen_by.forward + across * seen_by.right + down * seen_by.down)
        size = np.full(3, 0.26 * reach) * (1.0, 1.0, 1.3 if shape in {"cone", "cylinder", "capsule"} else 1.0)
        bodies.append(Body(shape, centre, np.eye(3), size, palette.look(dice)))
    return bodies


def body(shape: str, labelled: bool, seen_by: Camera, dice: Dice, taken: list[tuple[float, float, float]]) -> Body:
    """Throw one body: its size, how it lies, and a place no other has `taken`."""
    size = sized(shape, dice) if labelled else rough(dice)
    look: Look = palette.look(dice) if labelled else palette.dull(dice)
    if labelled and dice.chance(FLYING):
        turn, lift = any_turn(dice), float(np.linalg.norm(size)) + dice.between(0.05, 0.9)
        radius = float(np.linalg.norm(size))
    else:
        turn, lift, radius = standing(shape, size, dice)
    x, y = free(radius, lift, seen_by, dice, taken)
    taken.append((x, y, radius))
    return Body(shape, np.array([x, y, lift]), turn, size, look, labelled)


def sized(shape: str, dice: Dice) -> Vector:
    """Throw half the extents of a shape, in metres."""
    base = dice.between(0.2, 0.46)
    if shape == "sphere":
        return np.full(3, base)
    if shape == "box":
        return np.array([base * dice.between(0.7, 1.1), base * dice.between(0.7, 1.1), base * dice.between(0.6, 1.4)])
    if shape == "capsule":
        return np.array([0.6 * base, 0.6 * base, 0.6 * base * (1 + STRETCH)])
    if shape == "tube":
        return np.array([base, base, base * dice.between(0.25, 0.7)])
    return np.array([base, base, base * dice.between(0.9, 1.6)]) * 0.85


def rough(dice: Dice) -> Vector:
    """Throw half the extents of a piece of clutter."""
    return np.array([dice.between(0.08, 0.3), dice.between(0.08, 0.3), dice.between(0.08, 0.35)])


def standing(shape: str, size: Vector, dice: Dice) -> tuple[Vector, float, float]:
    """Return how a body rests on the ground: its turn, the height of its centre, the radius of its footprint."""
    yaw = dice.between(0, 2 * math.pi)
    c, s = math.cos(yaw), math.sin(yaw)
    upright = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    if shape in {"cylinder", "tube", "capsule"} and dice.chance(LYING if shape == "cylinder" else 0.6):
        side = upright @ np.array([[0, 0, 1.0], [0, 1, 0], [-1, 0, 0]])
        return side, float(size[0]), float(max(size))
    flat = float(math.hypot(size[0], size[1])) if shape == "box" else float(max(size[0], size[1]))
    # Gems and rocks have no flat foot: they stick in the ground.
    return upright, float(size[2]) * {"gem": 0.0, "rock": 0.4}.get(shape, 1.0), flat


def any_turn(dice: Dice) -> Vector:
    """Throw a turn, all equally likely (by a normal quaternion)."""
    w, x, y, z = (dice.normal() for _ in range(4))
    return turned_by(w, x, y, z)


def turned_by(w: float, x: float, y: float, z: float) -> Vector:
    """Return the matrix of a quaternion of any length."""
    n = 2 / (w * w + x * x + y * y + z * z)
    return np.array(
        [
            [1 - n * (y * y + z * z), n * (x * y - w * z), n * (x * z + w * y)],
            [n * (x * y + w * z), 1 - n * (x * x + z * z), n * (y * z - w * x)],
            [n * (x * z - w * y), n * (y * z + w * x), 1 - n * (x * x + y * y)],
        ]
    )


def free(
    radius: float, lift: float, seen_by: Camera, dice: Dice, taken: list[tuple[float, float, float]]
) -> tuple[float, float]:
    """Throw a place in view with room for a footprint; the roomiest of 24 throws where all are taken."""
    best, room = (0.0, 4.0), -math.inf
    for _ in range(TRIES):
        spot = on_ground(seen_by, dice.between(-0.86, 0.86), dice.between(-0.75, 0.86), lift)
        if spot is None or not 1.6 + radius < spot[2] < 9:
            continue
        x, y, _ = spot
        gap = min((math.hypot(x - a, y - b) - radius - r for a, b, r in taken), default=math.inf)
        if gap > room:
            best, room = (x, y), gap
        if gap > 0.03:
            break
    return best


def on_ground(seen_by: Camera, x: float, y: float, height: float = 0.0) -> tuple[float, float, float] | None:
    """Return where the ray through a place in the picture (-1 to 1) meets a height, and how deep; None where never."""
    (fx, fy, fz), (rx, ry, rz), (dx, dy, dz) = (
        each.tolist() for each in (seen_by.forward, seen_by.right, seen_by.down)
    )
    fall = fz + x * rz + y * dz
    above = float(seen_by.at[2]) - height
    if above * fall > -0.02:
        return None
    t = -above / fall
    return (float(seen_by.at[0]) + t * (fx + x * rx + y * dx), float(seen_by.at[1]) + t * (fy + x * ry + y * dy), t)

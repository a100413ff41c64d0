"""Bodies dropped in heaps: MuJoCo moves them, nothing of it draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._scene import palette
from bimetal.generators._scene.layout import on_ground, rough, sized
from bimetal.generators._scene.solids import FACETS, HOLE, STRETCH, corners
from bimetal.generators._scene.world import CLUTTER, Body

if TYPE_CHECKING:
    from bimetal.generators._scene.dice import Dice
    from bimetal.generators._scene.world import Camera, Vector

STEP = 0.005  # seconds
SETTLED = 3.0  # seconds after which a heap is at rest but for what still rolls
EARLY, LATE = 0.25, 1.1  # seconds between which a fall is caught
STAVES = 12  # boxes that make a tube, flat ones
SIDES = 24  # of a cone's foot
_WORLD = """<mujoco><option timestep="{step}" cone="elliptic"/>
<default><geom density="400" friction="0.8 0.02 0.01" condim="6" solref="0.02 0.9"/></default>
<asset>{meshes}</asset><worldbody><geom type="plane" size="40 40 1"/>{bodies}</worldbody></mujoco>"""


def fallen(shapes: Sequence[str], clutter: int, rest: bool, seen_by: Camera, dice: Dice) -> list[Body]:
    """Drop bodies of these shapes and some clutter in heaps before the camera; return them where they are later."""
    heaps = [_spot(seen_by, dice) for _ in range(dice.whole(1, 3))]
    bodies = [_body(shape, True, dice) for shape in shapes]
    bodies += [_body(dice.pick(CLUTTER), False, dice) for _ in range(clutter)]
    seconds = SETTLED if rest else dice.between(EARLY, LATE)
    places = [_start(at, dice.pick(heaps), dice) for at in range(len(bodies))]
    model, data = _model(bodies, places)
    return _moved(bodies, model, data, round(seconds / STEP))


def _moved(bodies: list[Body], model: Any, data: Any, steps: int) -> list[Body]:
    import mujoco

    mujoco.mj_step(model, data, steps)
    mujoco.mj_kinematics(model, data)
    found = []
    for at, body in enumerate(bodies):
        turn = data.xmat[at + 1].reshape(3, 3).copy()
        found.append(replace(body, centre=data.xpos[at + 1].copy(), turn=turn))
    return found


def _model(bodies: list[Body], places: list[tuple[str, str]]) -> tuple[Any, Any]:
    import mujoco

    meshes, inner = [], []
    for at, (body, (position, turn)) in enumerate(zip(bodies, places, strict=True)):
        points = _points(body.shape)
        if points is not None:
            vertices = " ".join(f"{part:.9g}" for part in (points * body.size).ravel())
            meshes.append(f'<mesh name="m{at}" vertex="{vertices}"/>')
        inner.append(f'<body pos="{position}" quat="{turn}"><freejoint/>{_geoms(body, at)}</body>')
    text = _WORLD.format(step=STEP, meshes="".join(meshes), bodies="".join(inner))
    model = mujoco.MjModel.from_xml_string(text)
    return model, mujoco.MjData(model)


def _geoms(body: Body, at: int) -> str:
    x, y, z = body.size.tolist()
    if body.shape == "tube":
        return "".join(_stave(x, z, math.tau * k / STAVES) for k in range(STAVES))
    if _points(body.shape) is not None:
        return f'<geom type="mesh" mesh="m{at}"/>'
    size = {
        "sphere": f"{x:.9g}",
        "box": f"{x:.9g} {y:.9g} {z:.9g}",
        "cylinder": f"{x:.9g} {z:.9g}",
        "capsule": f"{x:.9g} {x * STRETCH:.9g}",
    }[body.shape]
    return f'<geom type="{body.shape}" size="{size}"/>'


def _stave(radius: float, half: float, turn: float) -> str:
    # Staves reach the round wall at their middles' corners: what rolls, rolls over flats of a 24th of a turn.
    reach = radius * math.cos(math.pi / STAVES / 2)
    thick, wide = (reach - HOLE * radius) / 2, reach * math.tan(math.pi / STAVES)
    middle = reach - thick
    place = f"{middle * math.cos(turn):.9g} {middle * math.sin(turn):.9g} 0"
    angle = f"{math.cos(turn / 2):.9g} 0 0 {math.sin(turn / 2):.9g}"
    return f'<geom type="box" pos="{place}" quat="{angle}" size="{thick:.9g} {wide:.9g} {half:.9g}"/>'


@cache
def _points(shape: str) -> Vector | None:
    if shape == "cone":
        turns = np.arange(SIDES) * math.tau / SIDES
        foot = np.stack([np.cos(turns), np.sin(turns), np.full(SIDES, -1.0)], axis=1)
        return np.vstack([foot, [[0.0, 0.0, 1.0]]])
    return corners(shape) if shape in FACETS and shape != "box" else None


def _body(shape: str, labelled: bool, dice: Dice) -> Body:
    size, look = (sized(shape, dice), palette.look(dice)) if labelled else (rough(dice), palette.dull(dice))
    return Body(shape, np.zeros(3), np.eye(3), size, look, labelled)


def _spot(seen_by: Camera, dice: Dice) -> tuple[float, float]:
    for _ in range(50):
        spot = on_ground(seen_by, dice.between(-0.6, 0.6), dice.between(-0.3, 0.6))
        if spot is not None and 2.4 < spot[2] < 5.5:
            return spot[0], spot[1]
    return 0.0, 4.5


def _start(at: int, heap: tuple[float, float], dice: Dice) -> tuple[str, str]:
    # One above the other, so that nothing begins within another.
    x, y = heap[0] + 0.35 * dice.normal(), heap[1] + 0.35 * dice.normal()
    turn = " ".join(f"{dice.normal():.9g}" for _ in range(4))
    return f"{x:.9g} {y:.9g} {0.7 + 0.62 * at + dice.between(0, 0.2):.9g}", turn

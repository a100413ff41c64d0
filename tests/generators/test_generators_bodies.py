"""Bodies that fall: physics leaves them on the ground, the same every time, with the truth of any scene."""

import json

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("mujoco")

from bimetal.errors import InputError
from bimetal.generators._scene import layout
from bimetal.generators._scene.dice import Dice
from bimetal.generators._scene.falling import fallen
from bimetal.generators._scene.solids import FACETS, corners
from bimetal.generators._scene.world import CLASSES
from bimetal.generators.bodies import Bodies
from bimetal.types import Target


def heap(seed, rest, shapes=CLASSES):
    dice = Dice(np.random.default_rng(seed))
    return fallen(shapes, 2, rest, layout.camera(dice), dice)


def lowest(body):
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    points = corners(body.shape) if body.shape in FACETS else signs
    if body.shape == "sphere":
        return body.centre[2] - body.size[0]
    return (body.centre + (points * body.size) @ body.turn.T)[:, 2].min()


def test_bodies_come_to_rest_on_the_ground_and_hang_in_the_air_before():
    for seed in range(3):
        resting, falling = heap(seed, True), heap(seed, False)
        solid = [body for body in resting if body.shape in {*FACETS, "sphere"}]
        assert min(map(lowest, solid)) > -0.03
        assert np.median([lowest(body) for body in solid]) < 0.6
        assert np.mean([body.centre[2] for body in falling]) > np.mean([body.centre[2] for body in resting])
        for body in resting:
            assert np.allclose(body.turn @ body.turn.T, np.eye(3), atol=1e-6)


def test_a_fall_is_the_same_every_time():
    one, two = heap(4, True), heap(4, True)
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(a.centre, b.centre)
        assert np.array_equal(a.turn, b.turn)


def test_boxes_are_extents_and_slices_hold():
    targets = (Target("moment", "falling", 1.0), Target("holds_tube", "yes", 1.0))
    drawn = pa.Table.from_batches(Bodies(size=64, objects=4)(6, np.random.default_rng(0), None, targets))
    assert set(drawn["moment"].to_pylist()) == {"falling"}
    for label in drawn["label"].to_pylist():
        assert "tube" in {each["label"] for each in json.loads(label)}


def test_a_moment_nobody_knows_is_refused():
    with pytest.raises(InputError, match="moment is 'noon'"):
        Bodies(moment="noon")
    with pytest.raises(InputError, match="moment is never 'falling'"):
        list(Bodies(moment="rest")(1, np.random.default_rng(0), None, (Target("moment", "falling", 0.5),)))

"""Scenes: boxes are the extents of masks, the nearer body wins, weather does what it says, slices hold what they name."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bimetal.errors import InputError
from bimetal.generators._scene import layout
from bimetal.generators._scene.cells import Cell
from bimetal.generators._scene.dice import Dice
from bimetal.generators._scene.finish import finished
from bimetal.generators._scene.raster import drawn
from bimetal.generators._scene.solids import FACETS, HOLE, STRETCH, blocked, corners, first
from bimetal.generators._scene.truth import LEAST_PIXELS, LEAST_SHARE, png, truth_of
from bimetal.generators._scene.world import CLASSES, CLUTTER
from bimetal.generators.scene import Scene
from bimetal.types import Target

seeds = st.integers(0, 2**32 - 1)


def world(seed, weather="clear", light="day", shapes=CLASSES, clutter=3):
    dice = Dice(np.random.default_rng(seed))
    camera = layout.camera(dice)
    bodies = layout.placed(shapes, clutter, camera, dice)
    return layout.world(bodies, camera, weather, light, dice)


def rows(n, seed=1, targets=(), **arguments):
    generator = Scene(**{"size": 64, **arguments})
    return pa.Table.from_batches(generator(n, np.random.default_rng(seed), None, targets))


def read(encoded):
    return np.asarray(Image.open(io.BytesIO(encoded)))


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_boxes_are_the_extents_of_visible_masks_which_share_no_pixel(seed):
    one = world(seed)
    truth = truth_of(one, drawn(one, 96))
    masks = truth.masks()
    assert masks.sum(axis=0).max(initial=0) <= 1
    for mask, (x0, y0, x1, y1), share in zip(masks, truth.boxes.tolist(), truth.shares, strict=True):
        down, across = np.nonzero(mask)
        assert (across.min(), down.min(), across.max() + 1, down.max() + 1) == (x0, y0, x1, y1)
        assert 0 <= x0 < x1 <= 96
        assert 0 <= y0 < y1 <= 96
        assert mask.sum() >= LEAST_PIXELS
        assert LEAST_SHARE <= share <= 1


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_the_nearer_body_wins_in_every_pixel(seed):
    one = world(seed)
    frame = drawn(one, 64)
    alone = [drawn(replace(one, bodies=(body,)), 64) for body in one.bodies]
    bare = drawn(replace(one, bodies=()), 64)
    deep = np.stack([bare.depth, *(np.where(each.number == 1, each.depth, np.inf) for each in alone)])
    assert np.array_equal(frame.depth, deep.min(axis=0))
    assert np.array_equal(frame.number, deep.argmin(axis=0))
    for each, whole in zip(alone, frame.whole, strict=True):
        assert np.count_nonzero(each.number) <= whole  # the ground hides what sticks in it


def inside(shape, points):
    x, y, z = points
    if shape in FACETS:
        return (np.abs(np.array(FACETS[shape]) @ points) <= 1).all(axis=0)
    across = np.hypot(x, y)
    return {
        "sphere": across**2 + z**2 <= 1,
        "cylinder": (across <= 1) & (np.abs(z) <= 1),
        "cone": (across <= (1 - z) / 2) & (np.abs(z) <= 1),
        "capsule": across**2 + (z - np.clip(z, -STRETCH, STRETCH)) ** 2 <= 1,
        "tube": (across <= 1) & (across >= HOLE) & (np.abs(z) <= 1),
    }[shape]


@pytest.mark.parametrize("shape", [*CLASSES, *CLUTTER])
def test_rays_meet_solids_where_small_steps_along_them_do(shape):
    rng = np.random.default_rng(7)
    o = rng.normal(size=(3, 300))
    o *= rng.uniform(2.6, 5, 300) / np.linalg.norm(o, axis=0)
    d = rng.uniform(-1, 1, (3, 300)) - o
    steps = np.linspace(0, 2.5, 4001)
    within = np.array([inside(shape, o + t * d) for t in steps])
    with np.errstate(all="ignore"):
        own = np.array(FACETS.get(shape, np.eye(3)))
        t, hit = first(shape, tuple(own @ o), tuple(own @ d))
        dark = blocked(shape, tuple(own @ o), tuple(own @ d))
    met = within.any(axis=0)
    assert (met == hit).mean() > 0.99  # steps may jump over a corner, never find one that is not there
    assert not (met & ~hit).any()
    assert np.array_equal(dark, hit)
    assert np.abs(steps[within.argmax(axis=0)] - t)[met].max() < 0.002


@pytest.mark.parametrize("shape", [*CLASSES, *CLUTTER])
def test_shadows_fall_ahead_only_and_light_comes_through_a_hole(shape):
    own = np.array(FACETS.get(shape, np.eye(3)))
    middle, above, up, aside = (
        np.array(each)[:, None] for each in ([0, 0, 0], [0, 0, 3], [1e-3, 2e-3, 1], [1, 1e-3, 2e-3])
    )
    with np.errstate(all="ignore"):
        assert not blocked(shape, tuple(own @ above), tuple(own @ up))[0]
        assert blocked(shape, tuple(own @ middle), tuple(own @ aside))[0]
        assert blocked(shape, tuple(own @ middle), tuple(own @ up))[0] == (shape != "tube")


def test_faceted_solids_stay_in_their_boxes():
    for shape in FACETS:
        assert np.abs(corners(shape)).max() <= 1 + 1e-6


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_fog_takes_contrast_by_the_exponential_of_distance(seed):
    one = replace(world(seed), grain=0.0)
    depth = drawn(one, 96).depth
    levels = {}
    for haze in (1e-6, 0.1, 0.3):
        hazy = replace(one, air=replace(one.air, haze=haze))
        picture = finished(hazy, drawn(hazy, 96), Dice(np.random.default_rng(0)))
        levels[haze] = (picture[..., 1] / 255.0) ** 2 - one.air.horizon[1]
    far = (np.abs(levels[1e-6]) > 0.2) & (levels[1e-6] + one.air.horizon[1] < 0.98) & np.isfinite(depth)
    kept = {haze: levels[haze][far] / levels[1e-6][far] for haze in (0.1, 0.3)}
    for haze, share in kept.items():
        assert np.median(np.abs(share - np.exp(-haze * depth[far]))) < 0.02  # edges are blended, so not all pixels
    assert (kept[0.3] < kept[0.1] + 0.02).mean() > 0.95


def test_nights_are_darker_than_days_and_fogs_flatter_than_clear_days():
    bright = {
        (weather, light): [
            finished(one, drawn(one, 64), Dice(np.random.default_rng(0))).astype(float)
            for one in (world(seed, weather, light) for seed in range(12))
        ]
        for weather, light in (("clear", "day"), ("clear", "night"), ("fog", "day"))
    }
    mean = {key: np.mean(pictures) for key, pictures in bright.items()}
    spread = {key: np.mean([picture.std() for picture in pictures]) for key, pictures in bright.items()}
    assert mean["clear", "night"] < 0.6 * mean["clear", "day"]
    assert spread["fog", "day"] < spread["clear", "day"]


def test_what_a_row_says_is_what_its_pictures_hold():
    drawn_rows = rows(40).to_pylist()
    for row in drawn_rows:
        objects, instances, depth = json.loads(row["label"]), read(row["instances"]), read(row["depth"])
        assert read(row["image"]).shape == (64, 64, 3)
        assert depth.dtype == np.uint16
        assert depth.shape == instances.shape == (64, 64)
        assert set(np.unique(instances)) - {0, 255} == set(range(1, len(objects) + 1))
        for name in CLASSES:
            assert (row[f"holds_{name}"] == "yes") == any(each["label"] == name for each in objects)
        for number, each in enumerate(objects, 1):
            down, across = np.nonzero(instances == number)
            assert [across.min(), down.min(), across.max() + 1, down.max() + 1] == list(each.values())[:4]
            assert (depth[down, across] > 0).all()
        assert len(json.loads(row["visible"])) == len(objects)
        assert set(json.loads(row["camera"])) == {"at", "forward", "reach"}
    assert len({row["light"] for row in drawn_rows}) == 3


def test_masks_are_the_instances():
    for row, boxed in zip(rows(6, truth="masks").to_pylist(), rows(6).to_pylist(), strict=True):
        instances = read(row["instances"])
        assert row["image"] == boxed["image"]
        for number, each in enumerate(json.loads(row["label"]), 1):
            assert np.array_equal(read(base64.b64decode(each["mask"])) > 0, instances == number)


def test_a_class_that_must_occur_occurs_even_in_a_crowd():
    targets = (Target("holds_cone", "yes", 1.0), Target("crowding", "crowded", 1.0), Target("weather", "fog", 0.5))
    drawn_rows = rows(60, targets=targets)
    assert set(drawn_rows["holds_cone"].to_pylist()) == {"yes"}
    assert all('"cone"' in label for label in drawn_rows["label"].to_pylist())
    assert 15 < drawn_rows["weather"].to_pylist().count("fog") < 45


@settings(max_examples=20, deadline=None)
@given(seeds, st.lists(st.sampled_from(CLASSES), min_size=1, max_size=6, unique=True))
def test_bodies_hung_in_a_grid_are_all_seen(seed, shapes):
    dice = Dice(np.random.default_rng(seed))
    camera = layout.camera(dice)
    one = layout.world(layout.hung(shapes, camera, dice), camera, "clear", "day", dice)
    assert truth_of(one, drawn(one, 64)).labels == tuple(shapes)


def test_a_picture_holds_the_classes_of_its_cell_whatever_its_throws():
    cell = Cell("clear", "day", "crowded", "", CLASSES)
    for seed in range(5):
        picture = Scene(size=48, objects=8).picture(cell, np.random.default_rng(seed))
        assert set(picture.truth.labels) == set(CLASSES)


@pytest.mark.parametrize(
    "targets",
    [
        (Target("weather", "snow", 0.5),),
        (Target("holds_torus", "yes", 0.5),),
        (Target("holds_box", "yes", 0.8), Target("holds_box", "no", 0.8)),
    ],
)
def test_targets_that_cannot_be_met_are_refused(targets):
    with pytest.raises(InputError):
        rows(2, targets=targets)


def test_a_target_that_the_arguments_leave_no_room_for_is_refused():
    with pytest.raises(InputError, match="night"):
        rows(2, light="day", targets=(Target("light", "night", 0.5),))


@pytest.mark.parametrize(
    "arguments",
    [
        {"size": 16},
        {"size": 65},
        {"size": 64.0},
        {"size": True},
        {"objects": 0},
        {"clutter": -1},
        {"weather": "hail"},
        {"light": "noon"},
        {"truth": "polygons"},
        {"classes": ()},
        {"classes": ("box", "box")},
        {"classes": ("torus",)},
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        Scene(**arguments)


def test_fewer_classes_leave_the_others_out():
    drawn_rows = rows(12, classes=("cone", "tube"), objects=3)
    assert {each["label"] for label in drawn_rows["label"].to_pylist() for each in json.loads(label)} == {
        "cone",
        "tube",
    }
    assert "holds_box" not in drawn_rows.column_names


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from([(np.uint8, ()), (np.uint8, (3,)), (np.uint16, ())]))
def test_pillow_reads_what_png_writes(seed, kind):
    dtype, colour = kind
    picture = np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (9, 7, *colour), dtype, endpoint=True)
    assert np.array_equal(read(png(picture)), picture)

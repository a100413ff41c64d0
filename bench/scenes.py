"""Scenes: how many a CPU second, whether boxes and masks agree to the pixel, and what a detector learns from them.

The detector is trained on scenes alone and tested on other scenes and on bodies that fell; no photographs of such
solids are at hand, so nothing here says how it would do on real ones. MuJoCo's own renderer, the peer, runs in the
Python named by BIMETAL_BENCH_PEERS and needs EGL. Run: python bench/scenes.py [--pictures 200] [--seeds 5]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.generators._scene import layout
from bimetal.generators._scene.dice import Dice
from bimetal.generators._scene.finish import finished
from bimetal.generators._scene.palette import LIGHTS, WEATHERS
from bimetal.generators._scene.raster import drawn
from bimetal.generators._scene.truth import Truth, png, truth_of
from bimetal.generators._scene.world import CLASSES
from bimetal.generators.bodies import Bodies
from bimetal.generators.scene import Scene
from bimetal.learners.detector import Detector
from bimetal.metrics.box_ap import BoxAp
from bimetal.plugins import Exchange, make
from bimetal.stats import seed_t
from bimetal.types import Spec

PEERS = os.environ.get("BIMETAL_BENCH_PEERS", "")
FRAMES = Path(__file__).parent / "peers" / "mujoco_frames.py"
SIDE, OBJECTS, CLUTTER = 256, 8, 4
ROUNDS = 5
TESTS = 100
BOXES = pa.list_(pa.struct([*((edge, pa.float32()) for edge in ("x0", "y0", "x1", "y1")), ("label", pa.string())]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--train", type=int, default=200)
    typed = parser.parse_args()
    print(f"## Speed, {SIDE} x {SIDE}, one thread\n\n| | a CPU second |\n|---|---|")
    speed(typed.pictures)
    print("\n## Truth\n")
    exactness(typed.pictures)
    exported(typed.pictures)
    print("\n## A detector that saw scenes alone\n", flush=True)
    detector(typed.seeds, typed.train)


def speed(pictures: int) -> None:
    """Print rates over rounds of worlds never drawn before, the middle one and the best: others may share the CPU."""
    one(0)  # the noise tiles are made once
    mixed = f"scenes of {OBJECTS} objects and {CLUTTER} of clutter, all weathers and lights"
    show(f"{mixed}: picture, depth, boxes, masks as arrays", rates(pictures, one))
    show(f"the same of {OBJECTS} objects alone", rates(pictures, lambda seed: one(seed, 0)))
    show(
        "the same, with clutter, then picture, depth and instances as PNG",
        rates(pictures, lambda seed: encoded(*one(seed))),
    )
    show(
        "`scene`, rows as they come (1-8 objects)",
        rates(1, lambda seed: rows(Scene(), pictures, seed), times=pictures),
    )
    few = max(pictures // 4, 8)
    show("`bodies`, rows as they come, physics included", rates(1, lambda seed: rows(Bodies(), few, seed), times=few))
    if not PEERS:
        print("| MuJoCo's renderer: peer not measured (BIMETAL_BENCH_PEERS is unset) | |")
        return
    told = [json.loads(subprocess.check_output([PEERS, FRAMES, str(pictures)], text=True)) for _ in range(3)]
    show(
        f"peer: MuJoCo {told[0]['mujoco']} through EGL, 8 bodies, colour, segmentation, boxes as arrays",
        [each["frames"] for each in told],
    )


def show(name: str, found: list[float]) -> None:
    print(f"| {name} | {np.median(found):,.0f} (best of {len(found)} rounds {max(found):,.0f}) |", flush=True)


def rates(pictures: int, work: Callable[[int], Any], times: int = 1) -> list[float]:
    found = []
    for turn in range(ROUNDS):
        start = process_time()
        for seed in range(pictures):
            work(1000 * turn + seed)
        found.append(times * pictures / (process_time() - start))
    return found


def one(seed: int, clutter: int = CLUTTER) -> tuple[Any, Truth, Any]:
    """Throw a world of eight objects, draw it, read its truth."""
    dice = Dice(np.random.default_rng(seed))
    camera = layout.camera(dice)
    bodies = layout.placed([dice.pick(CLASSES) for _ in range(OBJECTS)], clutter, camera, dice)
    world = layout.world(bodies, camera, dice.pick(tuple(WEATHERS)), dice.pick(tuple(LIGHTS)), dice)
    frame = drawn(world, SIDE)
    truth = truth_of(world, frame)
    return finished(world, frame, dice), truth, truth.masks()


def encoded(picture: Any, truth: Truth, _: Any) -> tuple[bytes, ...]:
    return png(picture), png(truth.depth), png(truth.instances)


def rows(generator: Any, n: int, seed: int) -> pa.Table:
    drawn_rows = pa.Table.from_batches(generator(n, np.random.default_rng(seed)))
    return drawn_rows.append_column("id", pa.array([f"{seed}-{row}" for row in range(n)]))


def exactness(pictures: int) -> None:
    """Print how many boxes are exactly their masks' extents, counted from the pixels by another way."""
    right = total = shared = 0
    for seed in range(pictures):
        _, truth, masks = one(seed)
        shared += int((masks.sum(axis=0) > 1).sum())
        for mask, box in zip(masks, truth.boxes.tolist(), strict=True):
            down, across = np.nonzero(mask)
            right += [across.min(), down.min(), across.max() + 1, down.max() + 1] == box
            total += 1
    print(f"- boxes equal to their masks' extents: {right:,} of {total:,} ({right / total:.4f})")
    print(f"- pixels that two masks share: {shared}")


def exported(pictures: int) -> None:
    """Print whether pycocotools finds the same masks and boxes in what the COCO connector writes."""
    from PIL import Image
    from pycocotools import mask as runs
    from pycocotools.coco import COCO

    table = rows(Scene(truth="masks"), min(pictures, 100), 1)
    files: dict[str, bytes] = {}
    for name, piece in make(Spec("connectors", "coco")).write(Exchange(table, "masks", CLASSES)):
        files[name] = files.get(name, b"") + piece
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "annotations.json"
        path.write_bytes(files["annotations.json"])
        opened = COCO(str(path))
    least = [1.0, 1.0]
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools' own, about NumPy 2
        for picture, encoded_instances in zip(opened.dataset["images"], table["instances"], strict=True):
            instances = np.asarray(Image.open(io.BytesIO(encoded_instances.as_py())))
            for number, each in enumerate(opened.loadAnns(opened.getAnnIds(picture["id"])), 1):
                ours, theirs = instances == number, opened.annToMask(each) > 0
                least[0] = min(least[0], (ours & theirs).sum() / (ours | theirs).sum())
                box = runs.toBbox(opened.annToRLE(each))
                least[1] = min(least[1], float(runs.iou([box], [each["bbox"]], [0])[0, 0]))
                count += 1
    print(f"- {count:,} masks written as COCO and opened in pycocotools: least IoU {least[0]:.4f}")
    print(f"- their boxes against what pycocotools makes of the masks: least IoU {least[1]:.4f}")


def detector(seeds: int, train: int) -> None:
    """Print the AP at IoU .5 of the shelf's detector, over seeds of training scenes, test scenes and its own."""
    kinds: dict[str, dict[str, Any]] = {
        "1 or 2 objects, no clutter, clear day": {"objects": 2, "clutter": 0, "weather": "clear", "light": "day"},
        "1-8 objects, clutter, all weathers and lights": {},
    }
    print(f"{train} training and {TESTS} test pictures of 128 x 128, {seeds} seeds; AP at IoU .5 [95 % interval]\n")
    print("| trained on scenes | other scenes | bodies that fell |\n|---|---|---|")
    for name, arguments in kinds.items():
        scores = np.array([scored(arguments, train, seed) for seed in range(seeds)])
        print(f"| {name} | {seed_t(scores[:, 0])} | {seed_t(scores[:, 1])} |", flush=True)
    print("\nReal photographs of such solids are not at hand: transfer to them is not measured.")


def scored(arguments: dict[str, Any], train: int, seed: int) -> tuple[float, float]:
    taught = boxed(rows(Scene(size=128, **arguments), train, 10 * seed))
    model: Any = Detector()(taught, np.ones(train), None, np.random.default_rng(seed))
    tests = (
        boxed(rows(Scene(size=128, **arguments), TESTS, 10 * seed + 1)),
        boxed(rows(Bodies(size=128, **arguments), TESTS, 10 * seed + 2)),
    )
    found = [float(BoxAp()(test["label"], model.predict(test)).mean()) for test in tests]
    return found[0], found[1]


def boxed(table: pa.Table) -> pa.Table:
    labels = pa.array([json.loads(str(each)) for each in table["label"].to_pylist()], BOXES)
    return table.select(["id", "image"]).append_column("label", labels)


if __name__ == "__main__":
    main()

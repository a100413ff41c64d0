"""Rows of pictures with their truth: what the generators of scenes share, whatever makes their bodies lie where."""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._scene import layout
from bimetal.generators._scene.cells import MIXED, Cell, cells_of, only, shapes_of
from bimetal.generators._scene.dice import Dice
from bimetal.generators._scene.finish import finished
from bimetal.generators._scene.palette import LIGHTS, WEATHERS
from bimetal.generators._scene.raster import drawn
from bimetal.generators._scene.truth import Truth, png, truth_of
from bimetal.generators._scene.world import CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.generators._scene.world import Body, Camera, World
    from bimetal.types import FloatArray, Target

Kind = Literal["boxes", "masks"]

BATCH = 32
THROWS = 6  # layouts tried until every class of a row's slice can be seen
FACTS = ("visible", "hidden", "camera")


@dataclass(frozen=True)
class Picture:
    """A picture, its world and its truth: `colour` has shape (side, side, 3)."""

    colour: NDArray[np.uint8]
    truth: Truth
    world: World


@dataclass(frozen=True)
class Pictures(ABC):
    """What every generator of scenes takes; how bodies come to lie is its own."""

    size: int = 256
    objects: int = 8
    clutter: int = 4
    classes: tuple[str, ...] = CLASSES
    weather: str = MIXED
    light: str = MIXED
    truth: Kind = "boxes"

    licence: ClassVar[str] = "CC0-1.0"
    told: ClassVar[tuple[str, ...]] = ("weather", "light", "crowding")

    @property
    def skies(self) -> tuple[Mapping[str, float], ...]:
        """The shares of weathers, lights and moments."""
        return only(self.weather, WEATHERS), only(self.light, LIGHTS), {"": 1.0}

    def __post_init__(self) -> None:
        for name, low, high in (("size", 32, 1024), ("objects", 1, 32), ("clutter", 0, 32)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise InputError(f"{name} is {value!r}, expected a whole number from {low} to {high}", f"change {name}")
        if self.size % 2:
            raise InputError(f"size is {self.size}, expected an even number of pixels", f"try {self.size + 1}")
        choices = {"weather": (MIXED, *WEATHERS), "light": (MIXED, *LIGHTS), "truth": get_args(Kind)}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise InputError(f"{name} is {getattr(self, name)!r}", f"choose one of: {', '.join(known)}")
        wrong = [each for each in self.classes if each not in CLASSES]
        if wrong or not self.classes or len(set(self.classes)) < len(self.classes):
            raise InputError(f"classes are {self.classes!r}", f"name some of: {', '.join(CLASSES)}, each once")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        cells, shares = cells_of(self.classes, self.objects, self.skies, self.told, targets)
        return (self._batch(count, child, cells, shares) for count, child in batches(n, rng, BATCH))

    def picture(self, cell: Cell, rng: np.random.Generator) -> Picture:
        """Take one picture in which all classes of a cell are seen and no others."""
        dice = Dice(rng)
        for _ in range(THROWS):
            picture = self._taken(cell, shapes_of(cell, self.objects, dice), dice)
            if set(picture.truth.labels) == set(cell.present):
                return picture
        seen_by = layout.camera(dice)
        bodies = layout.hung(cell.present, seen_by, dice)
        return self._shot(layout.world(bodies, seen_by, cell.weather, cell.light, dice), dice)

    @abstractmethod
    def bodies(self, shapes: list[str], cell: Cell, seen_by: Camera, dice: Dice) -> list[Body]:
        """Put bodies of these shapes, and some clutter, where the camera sees them."""

    def _taken(self, cell: Cell, shapes: list[str], dice: Dice) -> Picture:
        seen_by = layout.camera(dice)
        bodies = self.bodies(shapes, cell, seen_by, dice)
        return self._shot(layout.world(bodies, seen_by, cell.weather, cell.light, dice), dice)

    def _shot(self, world: World, dice: Dice) -> Picture:
        frame = drawn(world, self.size)
        return Picture(finished(world, frame, dice), truth_of(world, frame), world)

    def _batch(self, count: int, rng: np.random.Generator, cells: list[Cell], shares: FloatArray) -> pa.RecordBatch:
        chosen = [cells[at] for at in rng.choice(len(cells), BATCH, p=shares)[:count]]
        taken = [self.picture(cell, child) for cell, child in zip(chosen, rng.spawn(count), strict=True)]
        columns: dict[str, pa.Array[Any]] = {
            "image": pa.array([png(each.colour) for each in taken], pa.binary()),
            "label": pa.array([spelled(each.truth, self.truth) for each in taken], pa.string()),
            "depth": pa.array([png(each.truth.depth) for each in taken], pa.binary()),
            "instances": pa.array([png(each.truth.instances) for each in taken], pa.binary()),
        }
        for name in self.told:
            columns[name] = pa.array([getattr(cell, name) for cell in chosen], pa.string())
        for name in self.classes:
            held = ["yes" if name in cell.present else "no" for cell in chosen]
            columns[f"holds_{name}"] = pa.array(held, pa.string())
        facts = [_facts(each) for each in taken]
        for k, name in enumerate(FACTS):
            columns[name] = pa.array([each[k] for each in facts], pa.string())
        return pa.RecordBatch.from_pydict(columns)


def spelled(truth: Truth, kind: Kind) -> str:
    """Spell boxes, or masks as PNG in base64, as the JSON list of a label."""
    if kind == "boxes":
        named = (dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in truth.boxes.tolist())
        objects = [{**box, "label": label} for box, label in zip(named, truth.labels, strict=True)]
    else:
        masks = (base64.b64encode(png(mask.astype(np.uint8) * 255)).decode() for mask in truth.masks())
        objects = [{"mask": mask, "label": label} for mask, label in zip(masks, truth.labels, strict=True)]
    return json.dumps(objects, separators=(",", ":"))


def _facts(picture: Picture) -> tuple[str, str, str]:
    camera, truth = picture.world.camera, picture.truth
    shown = {
        "at": camera.at.round(4).tolist(),
        "forward": camera.forward.round(4).tolist(),
        "reach": round(float(np.linalg.norm(camera.right)), 4),
    }
    shares = [round(share, 3) for share in truth.shares]
    return json.dumps(shares), str(truth.unlabelled), json.dumps(shown)

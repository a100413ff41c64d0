"""Boxes or masks of objects in pictures: regions apart from a plain ground, told apart by any image learner."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import with_pixels
from bimetal.learners._fitting import check_weight
from bimetal.learners._objects import FOUND, Scene, scenes
from bimetal.learners._proposals import LEVELS, apart, contrast, crops, overlap, proposals, region
from bimetal.learners.patches import Patches
from bimetal.payload import pictures
from bimetal.plugins import Predictions

if TYPE_CHECKING:
    from bimetal.plugins import Learner, Model
    from bimetal.types import BoolArray, FloatArray

Kind = Literal["boxes", "masks"]

BACKGROUND = ""
ALIKE, UNLIKE = 0.5, 0.3  # a proposal with such an overlap shows the object; with less than the other, background
WINDOWS = 4  # random windows for each picture, so that background is known where nothing else is in the way


@dataclass(frozen=True)
class Detector:
    """Fit `base` on crops of what stands out in the training pictures, labelled by the box they overlap or background.

    `label` is a list of (x0, y0, x1, y1, label) in pixels, or of (mask, label) with a PNG of the picture's size, empty
    where a picture holds none; what is predicted carries a `confidence` of `least` or more. Finds objects that do not
    touch, on ground of one brightness: what no connected region shows, it cannot learn to find. Crops are scaled to
    squares of `side` pixels, so size is not seen. Raises InputError where the training rows hold no object.
    """

    kind: Kind = "boxes"
    base: Learner = field(default_factory=Patches)
    side: int = 16
    least: float = 0.05

    columns: ClassVar[tuple[str, ...]] = ("image",)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind) or self.side < 8 or not 0 <= self.least <= 1:
            raise ValueError(
                f"kind is {self.kind!r}, side {self.side!r}, least {self.least!r}; "
                "expected boxes or masks, 8 or more, 0 to 1"
            )

    @property
    def task(self) -> str:
        return self.kind

    def prepare(self, table: pa.Table) -> pa.Table:
        """Leave pictures as they are, since their sizes may differ."""
        return table

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,
    ) -> Finder:
        seen = scenes(train, self.kind)
        check_weight(train, weight)
        if not any(scene.labels for scene in seen):
            raise InputError(f"the training rows hold no {self.kind}", "bring rows with objects of one label or more")
        lessons = [_lesson(scene, self.side, rng) for scene in seen]
        heavy = np.repeat(np.asarray(weight, float), [len(each.labels) for each in lessons])
        labels = [label for each in lessons for label in each.labels]
        rows = with_pixels(
            pa.table({"image": pa.nulls(len(labels)), "label": pa.array(labels, pa.string())}),
            np.concatenate([each.crops for each in lessons]),
        )
        moves, shares = (np.concatenate([getattr(each, name) for each in lessons]) for name in ("moves", "shares"))
        of = np.repeat(np.asarray(weight, float), [len(each.moves) for each in lessons])
        level = LEVELS[int((of @ shares).argmax())]
        return Finder(self, self.base(rows, heavy, None, rng), _medians(moves, of), level)


@dataclass(frozen=True)
class Finder:
    """A fitted detector: proposals are judged by `model`, moved by `move` (in their size) and cut at `level`."""

    learner: Detector
    model: Model
    move: FloatArray
    level: float

    def predict(self, rows: pa.Table) -> Predictions:
        return Predictions(pa.array([self._found(each) for each in pictures(rows)], FOUND[self.learner.kind]))

    def _found(self, picture: Any) -> list[dict[str, Any]]:
        far = contrast(picture)
        boxes = proposals(far)
        if not len(boxes):
            return []
        table = with_pixels(pa.table({"image": pa.nulls(len(boxes))}), crops(picture, boxes, self.learner.side))
        scores = self.model.predict_proba(table)
        objects = [at for at, label in enumerate(self.model.classes) if label != BACKGROUND]
        surest = np.array(objects)[scores[:, objects].argmax(axis=1)]
        confidence = scores[np.arange(len(boxes)), surest]
        moved = _moved(boxes, self.move)
        kept = [at for at in apart(moved, confidence, UNLIKE) if confidence[at] >= self.learner.least]
        return [
            {
                **self._shape(far, moved[at]),
                "label": self.model.classes[surest[at]],
                "confidence": float(confidence[at]),
            }
            for at in kept
        ]

    def _shape(self, far: FloatArray, box: FloatArray) -> dict[str, Any]:
        if self.learner.kind == "masks":
            return {"mask": _png(region(far, box, self.level))}
        return dict(zip(("x0", "y0", "x1", "y1"), box.tolist(), strict=True))


@dataclass(frozen=True)
class _Lesson:
    """What one picture teaches: labelled crops, and of each object found, how its box lies and which level fits it."""

    crops: Any
    labels: list[str]
    moves: FloatArray
    shares: FloatArray


def _lesson(scene: Scene, side: int, rng: np.random.Generator) -> _Lesson:
    far = contrast(scene.picture)
    offered = np.concatenate([proposals(far), _windows(scene, rng)])
    shared = overlap(offered, scene.boxes) if scene.labels else np.zeros((len(offered), 1))
    best, nearest = shared.max(axis=1), shared.argmax(axis=1)
    shown, empty = np.flatnonzero(best >= ALIKE), np.flatnonzero(best < UNLIKE)
    boxes = np.concatenate([scene.boxes, offered[shown], offered[empty]])
    labels = [*scene.labels, *(scene.labels[nearest[at]] for at in shown), *([BACKGROUND] * len(empty))]
    size = np.tile(offered[shown, 2:] - offered[shown, :2], 2)
    moves = (scene.boxes[nearest[shown]] - offered[shown]) / size if len(shown) else np.zeros((0, 4))
    shares = [_fit(far, scene, nearest[at]) for at in shown]
    return _Lesson(crops(scene.picture, boxes, side), labels, moves, np.array(shares).reshape(-1, len(LEVELS)))


def _windows(scene: Scene, rng: np.random.Generator) -> FloatArray:
    height, width = scene.picture.shape
    size = rng.uniform(0.1, 0.5, (WINDOWS, 1)) * min(height, width)
    corner = rng.uniform(0, 1, (WINDOWS, 2)) * (np.array([width, height]) - size)
    return np.hstack([corner, corner + size])


def _fit(far: FloatArray, scene: Scene, at: int) -> list[float]:
    if not scene.masks:
        return [0.0] * len(LEVELS)
    truth = scene.masks[at]
    marked = [region(far, scene.boxes[at], level) for level in LEVELS]
    return [float((truth & each).sum() / max((truth | each).sum(), 1)) for each in marked]


def _moved(boxes: FloatArray, move: FloatArray) -> FloatArray:
    return boxes + move * np.tile(boxes[:, 2:] - boxes[:, :2], 2)


def _medians(moves: FloatArray, weight: FloatArray) -> FloatArray:
    if not weight.sum():
        return np.zeros(4)
    order = np.argsort(moves, axis=0, kind="stable")
    reached = np.cumsum(weight[order], axis=0) >= weight.sum() / 2
    return np.asarray(np.take_along_axis(moves, order, axis=0)[reached.argmax(axis=0), np.arange(4)], float)


def _png(mask: BoolArray) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(mask).save(out, "PNG")
    return out.getvalue()

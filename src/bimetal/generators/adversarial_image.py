"""Seed pictures moved just so that a model changes its mind, each beside random noise of the same size, label kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._pictures import png
from bimetal.generators._redteam.attacks import (
    SMALL,
    Gradient,
    PredictProba,
    fgsm,
    finite_differences,
    margin,
    noise,
    noise_patch,
    patch,
    pgd,
    random_directions,
    square,
)
from bimetal.generators._redteam.choices import refuse_others
from bimetal.generators._redteam.seeded import Seeded
from bimetal.payload import pixels
from bimetal.plugins import make
from bimetal.types import UNKNOWN_LICENCE, Spec, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.plugins import Model
    from bimetal.types import IntArray

    Pictures = NDArray[np.uint8]

__all__ = [
    "AdversarialImage",
    "Gradient",
    "PredictProba",
    "fgsm",
    "finite_differences",
    "margin",
    "noise",
    "noise_patch",
    "patch",
    "pgd",
    "random_directions",
    "square",
]

BATCH = 64
METHODS = ("fgsm", "pgd", "square", "patch")
TEXTS = ("label", "role", "method", "said_clean", "said", "twin")
SCHEMA = pa.schema(
    [pa.field("image", pa.binary())]
    + [pa.field(name, pa.string()) for name in TEXTS]
    + [pa.field("epsilon", pa.int64()), pa.field("fooled", pa.bool_())]
)


@dataclass(frozen=True)
class AdversarialImage:
    """Fit a learner to seed pictures, attack it on them, and give each attacked picture beside a noisy one.

    `learner` is the name of one, or one made; it sees pictures in grey. `epsilon` (1-255) is how many levels a pixel
    may move under fgsm, pgd and square; `patch` repaints a square of 3/10 of the shorter side, and its epsilon is 255.
    Roles are adversarial and control; `fooled` says whether the model's answer (`said`) is another than to the clean
    seed (`said_clean`), whose id is `twin`. A model of one's own is attacked with this module's functions instead.
    Targets may name label or method.

    >>> grey = np.random.default_rng(0).integers(0, 256, (8, 6, 6)).astype(np.uint8)
    >>> seed = pa.table({"image": [png(each) for each in grey], "label": ["a", "b"] * 4})
    >>> rows = pa.Table.from_batches(AdversarialImage(methods=("pgd",))(2, np.random.default_rng(0), seed))
    >>> rows.select(["role", "method", "epsilon"]).to_pylist()[1]
    {'role': 'control', 'method': 'pgd', 'epsilon': 16}
    """

    epsilon: int = 16
    methods: tuple[str, ...] = METHODS
    learner: Any = "linear"

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "image"
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn",)

    def __post_init__(self) -> None:
        if self.epsilon not in range(1, 256):
            raise InputError(f"epsilon is {self.epsilon!r}, expected a whole number from 1 to 255", "give grey levels")
        if not (isinstance(self.learner, str) or callable(self.learner)):
            raise InputError(f"learner is {self.learner!r}, expected the name of one", "see: bimetal list learners")
        refuse_others("methods", self.methods, METHODS)
        if not self.methods:
            raise InputError("methods is empty", f"give a list of: {', '.join(METHODS)}")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        if seed_rows is not None and "label" in seed_rows.column_names:
            seed_rows = seed_rows.filter(pc.is_valid(seed_rows["label"]))
        seeds = Seeded.of(seed_rows, "image", {"method": self.methods}, targets)
        parts, images = batches(n, rng, BATCH), pixels(seeds.rows)
        learner = make(Spec("learners", self.learner)) if isinstance(self.learner, str) else self.learner
        train = _table(images).append_column("label", seeds.rows["label"].cast(pa.string()))
        model = learner(train, np.ones(len(images)), None, rng)
        return (self._batch(seeds, (images, model), count, child) for count, child in parts)

    def _batch(
        self, seeds: Seeded, known: tuple[Pictures, Model], count: int, rng: np.random.Generator
    ) -> pa.RecordBatch:
        images, model = known
        rows, ways = seeds.draw(BATCH // 2, rng)
        clean, labels = images[rows], seeds.column("label", rows)
        truth = np.array([model.classes.index(label) for label in labels.to_pylist()])
        moved, control = clean.copy(), clean.copy()
        for way, child in enumerate(rng.spawn(len(self.methods))):
            hit = np.flatnonzero(ways == way)
            if len(hit):
                moved[hit], control[hit] = self._attacked(self.methods[way], model, clean[hit], truth[hit], child)
        both = np.stack([moved, control], axis=1).reshape(-1, *clean.shape[1:])[:count]
        place = np.repeat(np.arange(len(rows)), 2)[:count]
        said_clean = _answers(model, clean)[place]
        said = _answers(model, both)
        named = [self.methods[way] for way in ways[place]]
        columns = [
            pa.array([png(each) for each in both], pa.binary()),
            seeds.column("label", rows[place]),
            pa.array((["adversarial", "control"] * len(rows))[:count], pa.string()),
            pa.array(named, pa.string()),
            pa.array(said_clean.tolist(), pa.string()),
            pa.array(said.tolist(), pa.string()),
            seeds.column("id", rows[place]),
            pa.array([255 if each == "patch" else self.epsilon for each in named], pa.int64()),
            pa.array((said != said_clean).tolist(), pa.bool_()),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)

    def _attacked(
        self, method: str, model: Model, clean: Pictures, truth: IntArray, rng: np.random.Generator
    ) -> tuple[Pictures, Pictures]:
        def ask(pictures: Pictures) -> Any:
            return model.predict_proba(_table(pictures))

        small = clean[0].size <= SMALL
        gradient = finite_differences if small else random_directions(rng)
        if method == "patch":
            side = max(1, round(0.3 * min(clean.shape[1:3])))
            return patch(ask, clean, truth, side, rng, gradient), noise_patch(clean, side, rng)
        if method == "square":
            moved = square(ask, clean, truth, self.epsilon, rng)
        else:
            moved = (fgsm if method == "fgsm" else pgd)(ask, clean, truth, self.epsilon, gradient)
        return moved, noise(clean, self.epsilon, rng)


def _answers(model: Model, pictures: Pictures) -> NDArray[np.object_]:
    if not len(pictures):
        return np.array([], object)
    named: NDArray[np.object_] = np.array(model.classes, object)
    said: NDArray[np.object_] = named[model.predict_proba(_table(pictures)).argmax(axis=1)]
    return said


def _table(pictures: Pictures) -> pa.Table:
    shape = pictures.shape[1:]
    stored = pa.FixedSizeListArray.from_arrays(pa.array(pictures.ravel()), int(np.prod(shape)))
    tensor = pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.uint8(), shape), stored)
    return pa.table({"image": tensor})

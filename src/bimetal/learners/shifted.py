"""Image augmentation by pixel shifts around another learner, each row's weight split over its copies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import FEATURES, payload, prepare, vectors, with_pixels, with_vectors
from bimetal.learners._fitting import Prepares, targets
from bimetal.learners.patches import Patches
from bimetal.payload import pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bimetal.learners._features import Represent
    from bimetal.plugins import Learner, Model
    from bimetal.types import FloatArray

AROUND = ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True)
class Shifted(Prepares):
    """Train `base` on every labelled image and its 4 (or 8) neighbours `pixels` away, zeros moving in.

    Images only; raises InputError for any other payload. Predictions are of the unshifted image.
    """

    modalities: ClassVar[tuple[str, ...]] = ("image",)

    base: Learner = field(default_factory=Patches)
    pixels: int = 1
    neighbours: int = 4

    def __post_init__(self) -> None:
        if self.neighbours not in (4, 8) or self.pixels < 1:
            raise ValueError(
                f"neighbours {self.neighbours!r} must be 4 or 8 and pixels {self.pixels!r} a whole number of at least 1"
            )

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model:
        targets(train, weight)
        views = _views(train) if FEATURES in train.column_names else self._moved(train)
        each = np.asarray(weight, float) / len(views)
        return self.base(pa.concat_tables(views), np.tile(each, len(views)), unlabelled, rng)

    def represent(self, train: pa.Table, unlabelled: pa.Table | None, rng: np.random.Generator) -> Represent:
        """Represent each image and its neighbours as the views of one `_features` row, where `base` can."""
        inner = getattr(self.base, "represent", None)
        if inner is None:
            return _unchanged
        return _Views(inner(train, unlabelled, rng), self._moved)

    def _moved(self, table: pa.Table) -> list[pa.Table]:
        if payload(table) != ("image",):
            raise InputError(f"only images can be shifted, the payload is {', '.join(payload(table))}", "use the base")
        table = prepare(table)
        pictures = pixels(table)
        if self.pixels >= min(pictures.shape[1:]):
            raise InputError(f"a shift of {self.pixels} pixels leaves nothing of the images", "shift by fewer pixels")
        steps = [(self.pixels * down, self.pixels * across) for down, across in AROUND[: self.neighbours + 1]]
        return [with_pixels(table, shift(pictures, down, across)) for down, across in steps]


@dataclass(frozen=True)
class _Views:
    represent: Represent
    moved: Callable[[pa.Table], list[pa.Table]]

    def __call__(self, table: pa.Table) -> pa.Table:
        if FEATURES in table.column_names:
            return table
        if not table.num_rows:
            return self.represent(table)
        views = [vectors(self.represent(each))[:, 0] for each in self.moved(table)]
        return with_vectors(table, np.stack(views, axis=1))


def shift(pictures: NDArray[np.uint8], down: int, across: int) -> NDArray[np.uint8]:
    """Move pictures of shape (rows, height, width) by whole pixels; zeros move in.

    >>> shift(np.array([[[1, 2], [3, 4]]], np.uint8), 1, 0)
    array([[[0, 0],
            [1, 2]]], dtype=uint8)
    """
    _, height, width = pictures.shape
    moved = np.zeros_like(pictures)
    moved[:, max(down, 0) : height + min(down, 0), max(across, 0) : width + min(across, 0)] = pictures[
        :, max(-down, 0) : height - max(down, 0), max(-across, 0) : width - max(across, 0)
    ]
    return moved


def _views(table: pa.Table) -> list[pa.Table]:
    seen = vectors(table)
    return [with_vectors(table, seen[:, [view]]) for view in range(seen.shape[1])]


def _unchanged(table: pa.Table) -> pa.Table:
    return table

"""Networks that draw a table's rows given their label: what the adversarial and the diffusion one share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._labelled import MOST, Labelled
from bimetal.generators._nets.columns import Columns
from bimetal.generators._nets.layers import refuse_settings
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray

    Vectors = NDArray[np.float32]

BATCH = 256  # rows a draw makes at once
SEEN = 128  # rows a step of training sees

Draw = Callable[["Vectors", np.random.Generator], "Vectors"]


@dataclass(frozen=True)
class Conditional(ABC):
    """Fit a network to labelled rows and draw others, label first.

    `only` is a label, "rarest" for the class with the fewest seed rows, or "" for every class in the seed's shares; the
    network learns from the rows of all classes whatever it then draws, and sees each class equally often. `steps` of
    training take the time, `width` is of its layers, `rate` of its learning.
    Raises InputError where the seed rows have no labels or columns it cannot learn, MissingExtra where JAX is not
    installed.
    """

    only: str = ""
    steps: int = 2000
    width: int = 128
    rate: float = 1e-3

    learns: ClassVar[bool] = True
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    label_origin: ClassVar[str] = "model"
    packages: ClassVar[tuple[str, ...]] = ("jax",)

    def __post_init__(self) -> None:
        refuse_settings(self.steps, self.width, self.rate)

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seed = Labelled.of(seed_rows)
        labels = seed.chosen(self.only)
        if len(seed.known) > MOST:  # which `only` does not help: all are learned from
            raise InputError(
                f"the seed rows have {len(seed.known)} labels, expected up to {MOST}",
                "make a column with fewer values the label",
            )
        shares = raked([len(seed.members(label)) for label in labels], {"label": labels}, targets)
        rows = seed.rows.drop_columns("label")
        if not rows.num_columns:
            raise InputError("the seed rows have no columns beside the label", "pass rows with a payload")
        columns, learning = Columns.of(rows), rng.spawn(1)[0]
        given = _ones(np.searchsorted(seed.known, seed.labels), len(seed.known))
        draw = self.fitted(columns, (columns.vectors(rows, learning), given), learning)
        wanted = [seed.known.index(label) for label in labels]
        drawn = _Drawn(columns, seed.known, draw)
        return (drawn(count, child, (wanted, shares)) for count, child in batches(n, rng, BATCH))

    @abstractmethod
    def fitted(self, columns: Columns, seen: tuple[Vectors, Vectors], rng: np.random.Generator) -> Draw:
        """Learn from vectors and labels, shapes (rows, width) and (rows, classes); see `Columns` for the vectors.

        Returns a function that draws as many vectors as it is given labels, all draws from its generator.
        """


def evenly(given: Vectors, steps: int, rng: np.random.Generator) -> IntArray:
    """Pick the rows each step sees, each class equally often: shape (steps, 128)."""
    share = (given / given.sum(axis=0)).sum(axis=1)
    return rng.choice(len(given), (steps, SEEN), p=share / share.sum())


@dataclass(frozen=True, eq=False)
class _Drawn:
    columns: Columns
    known: tuple[str, ...]
    draw: Draw

    def __call__(self, count: int, rng: np.random.Generator, classes: tuple[list[int], FloatArray]) -> pa.RecordBatch:
        wanted, shares = classes
        codes = np.array(wanted)[rng.choice(len(wanted), BATCH, p=shares)]
        vectors = self.draw(_ones(codes, len(self.known)), rng)
        labels = pa.array([self.known[code] for code in codes], pa.string())
        table = self.columns.table(vectors, rng).append_column("label", labels).slice(0, count)
        return table.combine_chunks().to_batches()[0] if count else pa.RecordBatch.from_pylist([], table.schema)


def _ones(codes: IntArray, width: int) -> Vectors:
    return np.eye(width, dtype=np.float32)[codes]

"""A small diffusion model for pictures, trained from scratch on seed rows: noise made into a class's picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._nets.diffusion import compiled
from bimetal.generators._nets.layers import begun, refuse_settings
from bimetal.generators._nets.pictures import drawn, velocity
from bimetal.generators._pictures import Pictures, png
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bimetal.types import FloatArray

NEEDS = ("jax",)
BATCH = 128
SEEN = 64  # pictures a step of training sees
LARGEST = 64  # pixels a side


@dataclass(frozen=True)
class ImageDiffusion:
    """Train a U-Net of `width` channels by `steps` to take noise away, the label given; draw in 50 steps.

    For pictures of 4 to 64 pixels a side, grey or colour. Each class is seen equally often. Time goes by steps and
    pixels. Targets may name the label. Raises MissingExtra without JAX.
    """

    steps: int = 2000
    width: int = 32
    rate: float = 2e-3

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "image"
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
        seed = Pictures.of(seed_rows)
        _, height, width, _ = seed.levels.shape
        if not 4 <= min(height, width) <= max(height, width) <= LARGEST:
            raise InputError(f"the images are {width} x {height} pixels, expected 4 to {LARGEST} a side", "resize them")
        labels = list(seed.known)
        shares = raked([len(seed.members(label)) for label in labels], {"label": labels}, targets)
        draw = self.fitted(seed, rng.spawn(1)[0])
        return (_batch(seed, draw, shares, count, child) for count, child in batches(n, rng, BATCH))

    def fitted(
        self, seed: Pictures, rng: np.random.Generator
    ) -> Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]:
        """Train on the seed pictures; returns what draws values in -1..1, shape (rows, values), for labels."""
        import jax

        shape = seed.levels.shape[1], seed.levels.shape[2], seed.levels.shape[3]
        rows = (seed.levels.reshape(len(seed.levels), -1) / 127.5 - 1).astype(np.float32)
        given = np.eye(len(seed.known), dtype=np.float32)[[seed.known.index(label) for label in seed.labels]]
        share = (given / given.sum(axis=0)).sum(axis=1)
        picks = rng.choice(len(rows), (self.steps, SEEN), p=share / share.sum())
        layers = drawn(shape, len(seed.known), self.width, rng)
        train, make = compiled(velocity(shape))
        key = jax.random.key(rng.integers(2**31))
        fit = train((layers, begun(layers)), (rows, given), picks, key, np.float32(self.rate))

        def draw(labels: NDArray[np.float32], child: np.random.Generator) -> NDArray[np.float32]:
            return np.asarray(make(fit, labels, rows.shape[1], jax.random.key(child.integers(2**31))))

        return draw


def _batch(
    seed: Pictures,
    draw: Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]],
    shares: FloatArray,
    count: int,
    rng: np.random.Generator,
) -> pa.RecordBatch:
    classes = rng.choice(len(shares), BATCH, p=shares)
    values = draw(np.eye(len(shares), dtype=np.float32)[classes], rng)
    levels = np.clip(np.rint((values + 1) * 127.5), 0, 255).astype(np.uint8)[:count].reshape(-1, *seed.levels.shape[1:])
    labels = [seed.known[each] for each in classes[:count]]
    return pa.RecordBatch.from_arrays(
        [pa.array(map(png, levels), pa.binary()), pa.array(labels, pa.string())], ["image", "label"]
    )

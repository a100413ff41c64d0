"""Seed pictures turned, moved, sheared, relit and blurred at random: the label stays, the picture is another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._pictures import Pictures, png
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray

BATCH = 64
SPREADS = {"turn": (0.0, 180.0), "move": (0.0, 0.5), "scale": (0.0, 0.5), "shear": (0.0, 0.5), "light": (0.0, 1.0)}
BLURRED = 0.7  # pixels, at most


@dataclass(frozen=True)
class AugmentedImage:
    """Pick a seed picture of a class and change it: each argument is the widest change, drawn evenly to both sides.

    `turn` is in degrees (0-180), `move` and `shear` in shares of the side (0-.5), `scale` in shares of the size (0-.5),
    `light` scales contrast, brightness and gamma (0-1), `noise` is a standard deviation in levels (0-64), `blur` says
    how many of the pictures are softened (0-1). What comes in at a rim repeats the rim. No flips: a mirrored 7 is no 7.
    The column `of` names the seed row. Targets may name the label.
    """

    turn: float = 10.0
    move: float = 0.08
    scale: float = 0.1
    shear: float = 0.1
    light: float = 0.15
    noise: float = 4.0
    blur: float = 0.2

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "image"
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone

    def __post_init__(self) -> None:
        for name, (low, high) in {**SPREADS, "noise": (0.0, 64.0), "blur": (0.0, 1.0)}.items():
            value = getattr(self, name)
            if not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(
                    f"{name} is {value!r}, expected a number from {low:g} to {high:g}", "0 changes nothing"
                )

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seed = Pictures.of(seed_rows)
        labels = list(seed.known)
        shares = raked([len(seed.members(label)) for label in labels], {"label": labels}, targets)
        return (self._batch(seed, shares, count, child) for count, child in batches(n, rng, BATCH))

    def _batch(self, seed: Pictures, shares: FloatArray, count: int, rng: np.random.Generator) -> pa.RecordBatch:
        members = [seed.members(label) for label in seed.known]
        classes, where = rng.choice(len(members), BATCH, p=shares), rng.random(BATCH)
        rows = np.array([members[each][int(at * len(members[each]))] for each, at in zip(classes, where, strict=True)])
        warped = _warped(seed.levels[rows[:count]], self._moves(rng)[:count])
        lit = self._lit(warped, rng)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(map(png, lit), pa.binary()),
                pa.array([seed.labels[row] for row in rows[:count]], pa.string()),
                pa.array([seed.ids[row] for row in rows[:count]], pa.string()),
            ],
            ["image", "label", "of"],
        )

    def _moves(self, rng: np.random.Generator) -> FloatArray:
        """Draw an affine map a picture, shape (64, 2, 3), from its own place to the seed's, in shares of the side."""
        change = rng.uniform(-1, 1, (BATCH, 6))
        angle = np.deg2rad(self.turn) * change[:, 0]
        size, shear = 1 + self.scale * change[:, 1], self.shear * change[:, 2]
        maps = np.empty((BATCH, 2, 3))
        maps[:, 0] = np.stack([np.cos(angle) / size, np.sin(angle) / size, self.move * change[:, 3]], axis=1)
        maps[:, 1] = np.stack([-np.sin(angle) / size, np.cos(angle) / size, self.move * change[:, 4]], axis=1)
        maps[:, 0, 1] += shear
        return maps

    def _lit(self, pictures: FloatArray, rng: np.random.Generator) -> NDArray[np.uint8]:
        change = rng.uniform(-1, 1, (BATCH, 3))[: len(pictures), :, None, None, None] * self.light
        soft = rng.random(BATCH)[: len(pictures)] < self.blur
        grain = rng.standard_normal((BATCH, *pictures.shape[1:]))[: len(pictures)]
        if soft.any():
            from scipy.ndimage import gaussian_filter

            pictures[soft] = gaussian_filter(pictures[soft], (0, BLURRED, BLURRED, 0), mode="nearest")
        shares = np.clip(pictures / 255, 0, 1) ** np.exp2(change[:, 0])
        shares = 0.5 + (shares - 0.5) * (1 + change[:, 1]) + change[:, 2] / 2
        levels: NDArray[np.uint8] = np.clip(np.rint(255 * shares + self.noise * grain), 0, 255).astype(np.uint8)
        return levels


def _warped(levels: NDArray[np.uint8], maps: FloatArray) -> FloatArray:
    """Read each picture at moved places, between pixels by their four neighbours."""
    rows, height, width, _ = levels.shape
    y, x = np.meshgrid((np.arange(height) + 0.5) / height - 0.5, (np.arange(width) + 0.5) / width - 0.5, indexing="ij")
    spots = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    places = maps @ spots if rows else np.zeros((0, 2, x.size))
    across = np.clip((places[:, 0] + 0.5) * width - 0.5, 0, width - 1)
    down = np.clip((places[:, 1] + 0.5) * height - 0.5, 0, height - 1)
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    rest_x, rest_y = (across - left)[..., None], (down - top)[..., None]
    row = np.arange(rows)[:, None]
    upper = levels[row, top, left] * (1 - rest_x) + levels[row, top, right] * rest_x
    lower = levels[row, bottom, left] * (1 - rest_x) + levels[row, bottom, right] * rest_x
    warped: FloatArray = (upper * (1 - rest_y) + lower * rest_y).reshape(levels.shape)
    return warped

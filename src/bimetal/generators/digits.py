"""Handwritten digits drawn from a stroke grammar and from type, without ever looking at a real picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._capture import boxed, centred, png
from bimetal.generators._glyphs import FACES
from bimetal.generators._hand import written
from bimetal.generators._shares import raked
from bimetal.generators._strokes import VARIANTS
from bimetal.payload import pixels
from bimetal.types import Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Style = Literal["mixed", "stroke", "font"]
Capture = Literal["auto", "boxed", "centred"]

BATCH = 256
COLUMNS = ("label", "style", "variant", "thickness", "slant")
SCHEMA = pa.schema([pa.field("image", pa.binary())] + [pa.field(name, pa.string()) for name in COLUMNS])
FONT_SHARE = 0.1
THICKNESS_SHARES = {"thin": 0.25, "medium": 0.5, "thick": 0.25}
SLANT_SHARES = {"left": 0.15, "upright": 0.5, "right": 0.35}


@dataclass(frozen=True)
class Digits:
    """Draw white digits on black, `size` pixels a side (8-128), labelled '0' to '9'.

    `style` is stroke (a grammar of human writing variants), font (printed digits bent like handwriting) or mixed;
    `capture` is boxed (the digit fills the picture, as in the UCI optical digits), centred (a margin and the centre of
    mass in the middle, as in MNIST) or auto (boxed up to 16 pixels); `wildness` scales how freely people write (0-2).
    Targets may name label, style, variant (such as '7-barred' or 'DejaVuSans'), thickness or slant.

    >>> rows = pa.Table.from_batches(Digits(size=8)(3, np.random.default_rng(0)))
    >>> rows.column_names
    ['image', 'label', 'style', 'variant', 'thickness', 'slant']
    """

    size: int = 28
    style: Style = "mixed"
    capture: Capture = "auto"
    wildness: float = 1.0

    licence: ClassVar[str] = "CC0-1.0"

    def __post_init__(self) -> None:
        if not isinstance(self.size, int) or not 8 <= self.size <= 128:
            raise InputError(f"size is {self.size!r}, expected a whole number from 8 to 128", "give pixels a side")
        for name, choices in (("style", get_args(Style)), ("capture", get_args(Capture))):
            if getattr(self, name) not in choices:
                raise InputError(f"{name} is {getattr(self, name)!r}", f"choose one of: {', '.join(choices)}")
        if not isinstance(self.wildness, int | float) or not 0 <= self.wildness <= 2:
            raise InputError(f"wildness is {self.wildness!r}, expected a number from 0 to 2", "1 is the default")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        cells, prior = _cells(self.style)
        shares = raked(prior, dict(zip(COLUMNS, zip(*cells, strict=True), strict=True)), targets)
        return (self._batch(count, child, cells, shares) for count, child in batches(n, rng, BATCH))

    def like(self, rows: pa.Table) -> Digits:
        """Return the generator that draws in the size of these images; raises InputError where they are not square."""
        _, height, width = pixels(rows.slice(0, 1)).shape
        if height != width:
            raise InputError(f"the images are {width} x {height} pixels", "digits are drawn square; pad the images")
        return replace(self, size=height)

    def _batch(
        self, count: int, rng: np.random.Generator, cells: list[tuple[str, ...]], shares: FloatArray
    ) -> pa.RecordBatch:
        drawn = [cells[cell] for cell in rng.choice(len(cells), BATCH, p=shares)]
        shapes, pens = [(cell[0], cell[2]) for cell in drawn], [(cell[3], cell[4]) for cell in drawn]
        ink = written(shapes, pens, max(80, 2 * self.size), self.wildness, rng)
        fill = self.capture == "boxed" or (self.capture == "auto" and self.size <= 16)
        pictures = (boxed if fill else centred)(ink, self.size, count, rng)
        facts = [pa.array([cell[k] for cell in drawn[:count]], pa.string()) for k in range(len(COLUMNS))]
        return pa.RecordBatch.from_arrays([pa.array(map(png, pictures), pa.binary()), *facts], schema=SCHEMA)


def _cells(style: Style) -> tuple[list[tuple[str, ...]], list[float]]:
    # Every kind of row there is, and its share of an unsteered draw: slices are sums of these.
    shapes = [
        (label, "stroke", f"{label}-{variant.name}", (1 - FONT_SHARE) * variant.share / sum(v.share for v in variants))
        for label, variants in VARIANTS.items()
        for variant in variants
    ]
    shapes += [(label, "font", face, FONT_SHARE / len(FACES)) for label in VARIANTS for face in FACES]
    cells: list[tuple[str, ...]] = []
    prior: list[float] = []
    for label, kind, variant, share in shapes:
        for thickness, pens in THICKNESS_SHARES.items():
            for slant, leans in SLANT_SHARES.items():
                if style in {"mixed", kind}:
                    cells.append((label, kind, variant, thickness, slant))
                    prior.append(share * pens * leans)
    return cells, prior

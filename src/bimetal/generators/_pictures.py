"""Labelled seed pictures of one size: decoded once, grey or colour, and the classes a draw asks for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import IntArray

GREY = {"1", "L", "F", "LA"}


@dataclass(frozen=True, eq=False)
class Pictures:
    """Levels 0-255, shape (rows, height, width, channels) with 1 channel or 3, ids and labels as text."""

    levels: NDArray[np.uint8]
    ids: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, given: pa.Table | None) -> Pictures:
        """Decode the rows that have a label; all become colour where one is.

        Raises InputError without seed rows, labels or images, for a broken picture, and for several sizes.
        """
        if given is None:
            raise InputError("this generator learns and got no seed rows", "pass labelled images to draw from")
        if "label" not in given.column_names or modality(given) != "image":
            raise InputError(
                f"the seed rows have the columns {', '.join(given.column_names)}, expected `image` and `label`",
                "pass labelled images",
            )
        rows = given.filter(pc.is_valid(given["label"]))
        if not rows.num_rows:
            raise InputError("the seed rows have no labelled rows", "pass images with labels")
        decoded = [_decoded(each, row) for row, each in enumerate(rows["image"].to_pylist())]
        shapes = {each.shape[:2] for each in decoded}
        if len(shapes) > 1:
            (h, w), (other_h, other_w) = sorted(shapes)[:2]
            raise InputError(f"the images differ in size: {w} x {h} and {other_w} x {other_h} pixels", "bring to one")
        channels = max(each.shape[2] for each in decoded)
        levels = np.stack([np.broadcast_to(each, (*each.shape[:2], channels)) for each in decoded])
        ids = rows["id"].to_pylist() if "id" in rows.column_names else range(len(decoded))
        return cls(levels, tuple(map(str, ids)), tuple(map(str, rows["label"].to_pylist())))

    @property
    def known(self) -> tuple[str, ...]:
        """Name every label, sorted."""
        return tuple(sorted(set(self.labels)))

    def members(self, label: str) -> IntArray:
        """Number the rows of a label."""
        return np.flatnonzero(np.array(self.labels) == label)


def encoded(levels: NDArray[np.uint8]) -> bytes:
    """Spell a picture of shape (height, width, channels) as PNG.

    >>> encoded(np.zeros((2, 2, 1), np.uint8))[1:4]
    b'PNG'
    """
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels).save(stream, "PNG")
    return stream.getvalue()


def _decoded(picture: Any, row: int) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    if not isinstance(picture, bytes):
        raise InputError(f"seed row {row} has no image bytes", "remove the row or store the image as PNG")
    try:
        with Image.open(io.BytesIO(picture)) as found:
            if found.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion would clip them at 255
                return np.round(np.asarray(found)[..., None] / 257).clip(0, 255).astype(np.uint8)
            levels = np.asarray(found.convert("L" if found.mode in GREY else "RGB"))
    except UnidentifiedImageError as fault:  # whose own words name an address in memory
        raise InputError(f"seed row {row} holds no image", "remove the row or store the image as PNG") from fault
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as fault:
        raise InputError(f"seed row {row} holds a broken image: {fault}", "remove the row, or save it again") from fault
    return levels[..., None] if levels.ndim == 2 else levels

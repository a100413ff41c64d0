"""Pictures of seed rows with their colours, labelled ones of one size, and back to PNG, level for level."""

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
        seen = [np.atleast_3d(decoded(rows, row)) for row in range(rows.num_rows)]
        shapes = {each.shape[:2] for each in seen}
        if len(shapes) > 1:
            (h, w), (other_h, other_w) = sorted(shapes)[:2]
            raise InputError(f"the images differ in size: {w} x {h} and {other_w} x {other_h} pixels", "bring to one")
        channels = max(each.shape[2] for each in seen)
        levels = np.stack([np.broadcast_to(each, (*each.shape[:2], channels)) for each in seen])
        ids = rows["id"].to_pylist() if "id" in rows.column_names else range(len(seen))
        return cls(levels, tuple(map(str, ids)), tuple(map(str, rows["label"].to_pylist())))

    @property
    def known(self) -> tuple[str, ...]:
        """Name every label, sorted."""
        return tuple(sorted(set(self.labels)))

    def members(self, label: str) -> IntArray:
        """Number the rows of a label."""
        return np.flatnonzero(np.array(self.labels) == label)


def decoded(rows: pa.Table, row: int) -> NDArray[np.uint8]:
    """Decode one picture, shape (height, width) where it is grey, else (height, width, 3).

    Transparency is laid on white, 16 bits are rounded to 8. Raises InputError for a picture that is missing or broken.
    """
    from PIL import Image, UnidentifiedImageError

    column = rows["image"]
    if isinstance(column.type, pa.FixedShapeTensorType):
        tensor: Any = column.slice(row, 1).chunk(0)
        return np.asarray(tensor.to_numpy_ndarray()[0], np.uint8)
    encoded: Any = column[row].as_py()
    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            if picture.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion would clip them at 255
                return np.round(np.asarray(picture) / 257).clip(0, 255).astype(np.uint8)
            if "A" in picture.mode or "transparency" in picture.info:
                see_through = picture.convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                return np.asarray(Image.alpha_composite(white, see_through).convert("RGB"))
            return np.asarray(picture.convert("L" if picture.mode in {"1", "L"} else "RGB"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, TypeError) as fault:
        named = f"row {rows['id'][row].as_py()!r}" if "id" in rows.column_names else f"row {row}"
        unread = isinstance(fault, UnidentifiedImageError | TypeError)  # whose own words name an address, or a type
        found = "no picture" if unread else f"a broken picture: {fault}"
        raise InputError(f"{named} holds {found}", "remove the row or store the picture as PNG") from fault


def png(picture: NDArray[np.uint8]) -> bytes:
    """Encode a grey or colour picture, shape (height, width), (height, width, 1) or (height, width, 3), without loss.

    >>> png(np.zeros((2, 2, 1), np.uint8))[1:4]
    b'PNG'
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[2:] == (1,) else picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()

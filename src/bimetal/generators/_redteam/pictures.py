"""Pictures of seed rows with their colours, and back to PNG, level for level."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
                return np.round(np.asarray(picture) / 257).astype(np.uint8)
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
    """Encode a grey or colour picture without loss."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()

"""Other people's formats: one file a format, read and written, with what each cannot carry said."""

from collections.abc import Mapping

import pyarrow as pa

_LABEL: tuple[str, pa.DataType] = ("label", pa.string())
_BOX: list[tuple[str, pa.DataType]] = [*((name, pa.float64()) for name in ("x0", "y0", "x1", "y1"))]
LABELS: Mapping[str, pa.DataType] = {
    "classification": pa.int64(),
    "tags": pa.list_(pa.string()),
    "spans": pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string())])),
    "boxes": pa.list_(pa.struct([*_BOX, _LABEL])),
    "polygons": pa.list_(pa.struct([("points", pa.list_(pa.list_(pa.float64()))), ("label", pa.string())])),
    "keypoints": pa.string(),
    "pairs": pa.string(),
    "ranking": pa.string(),
    "best-worst": pa.string(),
    "score": pa.float64(),
    "text": pa.string(),
}
"""How a column of labels is typed for each task."""

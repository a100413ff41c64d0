"""What a table's rows carry: its payload told apart from its provenance, as pixels, named columns or one matrix."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal import audio
from bimetal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from bimetal.types import FloatArray

Modality = Literal["image", "audio", "text", "table"]

PROVENANCE = (
    "id",
    "label",
    "item_origin",
    "label_origin",
    "source",
    "licence",
    "recipe",
    "annotator",
    "boundary",
    "holdout",
)
SIDE = 32  # in matrices larger images are averaged down to this many pixels a side
TEXT_FEATURES = 256
CATEGORIES = 64  # a column of names or codes shall not make a matrix as wide as it is long
INK = 128  # a pixel counts as ink from mid-grey up


def modality(table: pa.Table) -> Modality:
    """Say what the payload is: `image` where that column stands, else `audio`, else `text`, else the plain columns.

    >>> modality(pa.table({"text": ["lost card"], "label": ["cards"]}))
    'text'
    """
    kinds: tuple[Modality, ...] = ("image", "audio", "text")
    return next((kind for kind in kinds if kind in table.column_names), "table")


def payload_columns(table: pa.Table) -> tuple[str, ...]:
    """Name the columns that are payload; everything else, and whatever begins with _, is provenance or description.

    >>> payload_columns(pa.table({"id": ["1"], "age": [33], "label": ["yes"]}))
    ('age',)
    """
    kind = modality(table)
    if kind != "table":
        return (kind,)
    return tuple(name for name in table.column_names if name not in PROVENANCE and not name.startswith("_"))


def where(table: pa.Table, column: str, *values: str | None) -> pa.Table:
    """Keep the rows whose column holds one of some values.

    >>> where(pa.table({"label": ["1", "7", None]}), "label", "1", None).num_rows
    2
    """
    wanted = frozenset(values)
    return table.filter(pa.array([each in wanted for each in table[column].to_pylist()], pa.bool_()))


def pixels(table: pa.Table) -> NDArray[np.uint8]:
    """Decode the `image` column to grey levels, shape (rows, height, width).

    Takes encoded pictures (PNG or whatever Pillow reads; colour is turned to grey) or a fixed-shape
    tensor column. Raises InputError naming the row whose picture is missing, broken or of another size.
    """
    if "image" in table.column_names and isinstance(table["image"].type, pa.FixedShapeTensorType):
        return _tensor(table)
    decoded: list[NDArray[np.uint8]] = []
    for row, picture in enumerate(pictures(table)):
        if decoded and picture.shape != decoded[0].shape:
            raise InputError(
                f"{_row(table, row)} is {_size(picture)} pixels, the first is {_size(decoded[0])}",
                "bring all images to one size",
            )
        decoded.append(picture)
    return np.stack(decoded) if decoded else np.zeros((0, 1, 1), np.uint8)


def pictures(table: pa.Table) -> Iterator[NDArray[np.uint8]]:
    """Decode the `image` column picture by picture, each of shape (height, width), sizes may differ; see `pixels`."""
    if "image" not in table.column_names:
        raise InputError("the table has no column 'image'", "pass images, or use a generator made for this payload")
    if isinstance(table["image"].type, pa.FixedShapeTensorType):
        yield from _tensor(table)
        return
    for row, encoded in enumerate(table["image"]):
        yield _decoded(encoded.as_py(), table, row)


def waves(table: pa.Table) -> Iterator[NDArray[np.float32]]:
    """Decode the `audio` column, WAV or FLAC bytes, to waves in -1..1 at 16 kHz, one channel each.

    Raises InputError naming the row whose sound is missing or broken, MissingExtra for FLAC without `soundfile`.
    """
    for row, encoded in enumerate(table["audio"]):
        if not isinstance(encoded.as_py(), bytes):
            raise InputError(f"{_row(table, row)} has no sound bytes", "remove the row or store the sound as WAV")
        try:
            yield audio.decoded(encoded.as_py())
        except ValueError as fault:
            raise InputError(
                f"{_row(table, row)} holds a broken sound: {fault}", "remove the row or store the sound as WAV"
            ) from fault


def sounds(table: pa.Table) -> NDArray[np.float32]:
    """Summarise the `audio` column, shape (rows, 235), see `audio.summary`; takes bytes or such a tensor column."""
    if isinstance(table["audio"].type, pa.FixedShapeTensorType):
        chunks: list[Any] = table["audio"].chunks
        return np.concatenate([np.zeros((0, audio.SUMMARY), np.float32), *(each.to_numpy_ndarray() for each in chunks)])
    return np.stack([np.zeros(audio.SUMMARY, np.float32), *map(audio.summary, waves(table))])[1:]


def columns(table: pa.Table) -> Mapping[str, NDArray[Any]]:
    """Turn the payload into named columns: float64 with NaN for missing, or str objects with None for missing.

    Images give brightness, contrast, ink share and centre of mass (0-1); sounds seconds, loudness, silence and
    centroid; texts give lengths and shares.

    >>> sorted(columns(pa.table({"text": ["Where is my card?"]})))
    ['characters', 'digits', 'distinct_words', 'punctuation', 'uppercase', 'word_length', 'words']
    """
    kind = modality(table)
    if kind == "image":
        return _image_columns(pixels(table))
    if kind == "audio":
        heard = [audio.facts(wave) for wave in waves(table)]
        return {name: np.array([each[name] for each in heard], float) for name in audio.FACTS}
    if kind == "text":
        return _text_columns(_texts(table))
    return {name: _plain_column(table[name], name) for name in payload_columns(table)}


def matrix(table: pa.Table) -> FloatArray:
    """Turn the payload into one matrix of shape (rows, d); see `matrices`."""
    return matrices(table)[0]


def matrices(*tables: pa.Table) -> tuple[FloatArray, ...]:
    """Turn several tables of one payload into matrices with the same columns, nothing missing in them.

    Images: grey levels 0-1, averaged down to 32 pixels a side at most. Sounds: log-mel summaries, standardised over
    all tables. Text: hashed character n-grams of unit length. Plain columns: numbers standardised over all tables,
    the commonest categories one-hot, and a column that says where a number was missing.
    Raises InputError where the tables' payloads differ.

    >>> matrices(pa.table({"age": [20, 40], "sex": ["f", "m"]}), pa.table({"age": [30], "sex": ["f"]}))[1]
    array([[0., 1., 0.]])
    """
    if all(modality(table) == "image" for table in tables):
        return _grey_levels(tables)
    if all(modality(table) == "audio" for table in tables):
        whole = _standardised(np.concatenate([sounds(table) for table in tables]))
    else:
        pooled = _pooled(tables)
        whole = _hashed(_texts(pooled)) if modality(pooled) == "text" else _encoded(columns(pooled), pooled.num_rows)
    ends = np.cumsum([table.num_rows for table in tables])[:-1]
    return tuple(np.split(whole, ends))


def _grey_levels(tables: tuple[pa.Table, ...]) -> tuple[FloatArray, ...]:
    decoded = [pixels(table) for table in tables]
    sizes = [pictures[0] for pictures in decoded if len(pictures)]
    for picture in sizes:
        if picture.shape != sizes[0].shape:
            raise InputError(
                f"the images differ in size: {_size(sizes[0])} against {_size(picture)} pixels",
                "bring all images to one size",
            )
    shrunk = [np.stack([_shrunk(each) for each in pictures]) if len(pictures) else None for pictures in decoded]
    d = _shrunk(sizes[0]).size if sizes else 0
    return tuple(np.zeros((0, d)) if each is None else each.reshape(len(each), d) / 255.0 for each in shrunk)


def _standardised(summaries: NDArray[np.float32]) -> FloatArray:
    values = summaries.astype(float)
    return (
        (values - values.mean(axis=0)) / np.where(values.std(axis=0) > 0, values.std(axis=0), 1)
        if len(values)
        else values
    )


def _shrunk(picture: NDArray[np.uint8]) -> FloatArray:
    from PIL import Image

    height, width = picture.shape
    if max(height, width) <= SIDE:
        return picture.astype(float)
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX), float)


def _pooled(tables: tuple[pa.Table, ...]) -> pa.Table:
    named = [sorted(payload_columns(table)) for table in tables]
    for names in named[1:]:
        if names != named[0]:
            raise InputError(
                f"the payloads differ: {', '.join(named[0]) or 'no column'} against {', '.join(names) or 'no column'}",
                "pass tables with the same payload columns",
            )
    try:
        return pa.concat_tables(
            [table.select([*named[0], *_id_of(table)]) for table in tables], promote_options="permissive"
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        raise InputError(f"the payloads differ: {fault}", "give each column one type") from fault


def _id_of(table: pa.Table) -> list[str]:
    return ["id"] if "id" in table.column_names else []


def _decoded(encoded: Any, table: pa.Table, row: int) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    if not isinstance(encoded, bytes):
        raise InputError(f"{_row(table, row)} has no picture bytes", "remove the row or store the picture as PNG")
    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            if picture.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion would clip them at 255
                return np.round(np.asarray(picture) / 257).astype(np.uint8)
            return np.asarray(picture.convert("L"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as fault:
        raise InputError(
            f"{_row(table, row)} holds a broken picture: {fault}", "remove the row or store the picture as PNG"
        ) from fault


def _tensor(table: pa.Table) -> NDArray[np.uint8]:
    kind = table["image"].type
    if len(kind.shape) != 2 or kind.value_type != pa.uint8() or table["image"].null_count:
        raise InputError(f"the image column is {kind}", "use uint8 tensors of shape (height, width) without nulls")
    chunks: list[Any] = table["image"].chunks
    parts = [chunk.to_numpy_ndarray() for chunk in chunks]
    return np.concatenate(parts) if parts else np.zeros((0, *kind.shape), np.uint8)


def _row(table: pa.Table, row: int) -> str:
    return f"row {table['id'][row].as_py()!r}" if "id" in table.column_names else f"row {row}"


def _size(picture: NDArray[np.uint8]) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]}"


def _texts(table: pa.Table) -> list[str]:
    texts = []
    for row, text in enumerate(table["text"].to_pylist()):
        if not isinstance(text, str):
            raise InputError(f"{_row(table, row)} has no text", "remove the row or fill its text")
        texts.append(text)
    return texts


def _image_columns(pictures: NDArray[np.uint8]) -> Mapping[str, FloatArray]:
    levels = pictures / 255.0
    _, height, width = levels.shape
    weight = levels.sum(axis=(1, 2))
    across = (levels.sum(axis=1) * (np.arange(width) + 0.5)).sum(axis=1) / width
    down = (levels.sum(axis=2) * (np.arange(height) + 0.5)).sum(axis=1) / height
    blank = weight == 0  # an empty picture has its centre in the middle
    return {
        "brightness": levels.mean(axis=(1, 2)),
        "contrast": levels.std(axis=(1, 2)),
        "ink": (pictures >= INK).mean(axis=(1, 2)),
        "centre_x": np.where(blank, 0.5, across / np.where(blank, 1.0, weight)),
        "centre_y": np.where(blank, 0.5, down / np.where(blank, 1.0, weight)),
    }


def _text_columns(texts: list[str]) -> Mapping[str, FloatArray]:
    rows = [_text_row(text) for text in texts]
    return {name: np.array([row[name] for row in rows], float) for name in _text_row("")}


def _text_row(text: str) -> dict[str, float]:
    words, long = text.split(), max(len(text), 1)
    return {
        "characters": len(text),
        "words": len(words),
        "word_length": sum(map(len, words)) / max(len(words), 1),
        "distinct_words": len({word.lower() for word in words}) / max(len(words), 1),
        "uppercase": sum(map(str.isupper, text)) / long,
        "digits": sum(map(str.isdigit, text)) / long,
        "punctuation": sum(not (mark.isalnum() or mark.isspace()) for mark in text) / long,
    }


def _plain_column(column: pa.ChunkedArray[Any], name: str) -> NDArray[Any]:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = np.array(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False), float)
        return np.where(np.isfinite(values), values, np.nan)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise InputError(f"column {name!r} holds {kind}, which cannot be compared", "drop it or turn it into numbers")
    return np.array([None if each is None else str(each) for each in column.to_pylist()], object)


def _hashed(texts: list[str]) -> FloatArray:
    from sklearn.feature_extraction.text import HashingVectorizer

    if not texts:
        return np.zeros((0, TEXT_FEATURES))
    grams = HashingVectorizer(n_features=TEXT_FEATURES, analyzer="char_wb", ngram_range=(2, 4))
    return np.asarray(grams.transform(texts).toarray(), float)


def _encoded(named: Mapping[str, NDArray[Any]], rows: int) -> FloatArray:
    blocks = [_categories(values) if values.dtype == object else _numbers(values) for values in named.values()]
    return np.concatenate([np.zeros((rows, 0)), *blocks], axis=1)


def _numbers(values: FloatArray) -> FloatArray:
    missing = np.isnan(values)
    known = values[~missing]
    centre = known.mean() if known.size else 0.0
    spread = (known.std() if known.size else 0.0) or 1.0
    standard = np.where(missing, 0.0, (values - centre) / spread)[:, None]
    return np.hstack([standard, missing[:, None].astype(float)]) if missing.any() else standard


def _categories(values: NDArray[Any]) -> FloatArray:
    spelled = np.array(["missing" if each is None else f"={each}" for each in values], str)
    found, counts = np.unique(spelled, return_counts=True)
    common = found[np.argsort(-counts, kind="stable")[:CATEGORIES]]
    encoded: FloatArray = (spelled[:, None] == np.sort(common)[None, :]).astype(float)
    return encoded

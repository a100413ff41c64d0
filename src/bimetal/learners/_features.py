"""Rows as a float matrix: which columns are payload, and how pixels, sounds, texts and plain columns become numbers.

One rule for every learner: a `_features` column (vectors an earlier step computed) wins, then `image`, `audio`, `text`,
else every column that is neither provenance nor begins with `_`. What is fitted is fitted on training rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._scripts import mostly_spaceless
from bimetal.payload import columns, modality, payload_columns, pixels, sounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = "_features"
CATEGORIES = 64  # a column of names or codes shall not make a matrix as wide as it is long

Matrix = Any  # a numpy array, or a scipy CSR matrix for texts: scikit-learn takes both
Encoder = Callable[[pa.Table], Matrix]
Represent = Callable[[pa.Table], pa.Table]


def payload(table: pa.Table) -> tuple[str, ...]:
    """Name the columns a learner reads; raises InputError where there is none.

    >>> payload(pa.table({"id": ["1"], "age": [33], "_region": ["north"], "label": ["yes"]}))
    ('age',)
    """
    if FEATURES in table.column_names:
        return (FEATURES,)
    found = payload_columns(table)
    if not found:
        raise InputError(
            f"no payload column among: {', '.join(table.column_names) or 'none'}",
            "bring an `image`, `audio`, a `text` or plain feature columns",
        )
    return found


def prepare(table: pa.Table) -> pa.Table:
    """Decode images or sounds once, to a fixed-shape tensor column in their place; leave every other table as it is.

    Images become grey levels (uint8), sounds summaries (float32). Raises InputError naming the row whose picture or
    sound is missing or broken, or whose picture is of another size.
    """
    kind = modality(table)
    if not table.num_rows or kind not in {"image", "audio"} or isinstance(table[kind].type, pa.FixedShapeTensorType):
        return table
    if kind == "image":
        return with_pixels(table, pixels(table))
    return table.set_column(table.column_names.index("audio"), "audio", _tensor(sounds(table)))


def with_pixels(table: pa.Table, pictures: NDArray[np.uint8]) -> pa.Table:
    """Replace the `image` column by grey levels of shape (rows, height, width)."""
    return table.set_column(table.column_names.index("image"), "image", _tensor(pictures))


def with_vectors(table: pa.Table, vectors: NDArray[np.float32]) -> pa.Table:
    """Replace the payload by a `_features` column of shape (rows, views, d); learners predict from the first view."""
    kept = table.drop_columns(list(payload(table)))
    return kept.append_column(FEATURES, _tensor(vectors))


def vectors(table: pa.Table) -> NDArray[np.float32]:
    """Read the `_features` column back, shape (rows, views, d)."""
    column = table[FEATURES]
    chunks: list[Any] = column.chunks
    parts = [chunk.to_numpy_ndarray() for chunk in chunks]
    return np.concatenate(parts)


def fit_encoder(train: pa.Table) -> Encoder:
    """Learn from training rows how a table becomes a matrix of shape (rows, d).

    Vectors and pixels (0-1) as they are; sounds as standardised summaries; texts as TF-IDF of words and character
    n-grams, of the latter alone where most letters are of scripts without spaces; numbers standardised with the
    median for missing ones and a column that says so; categories one-hot, unseen ones all zero.

    >>> encode = fit_encoder(pa.table({"age": [20.0, 40.0], "sex": ["f", "m"], "label": ["a", "b"]}))
    >>> encode(pa.table({"age": [30.0], "sex": ["x"]}))
    array([[0., 0., 0.]])
    """
    names = payload(train)
    if names == (FEATURES,):
        return _Vectors(vectors(train).shape[2])
    if names == ("image",):
        return _Pixels(pixels(train).shape[1:])
    if names == ("audio",):
        heard = sounds(train)
        return _Sounds(heard.mean(axis=0), (heard.std(axis=0) + 1e-6) * np.sqrt(heard.shape[1]))
    if names == ("text",):
        return _Texts(fit_tfidf(texts(train)))
    return _fit_columns(train, names)


def fit_tfidf(written: list[str]) -> Any:
    """Fit TF-IDF of word and character n-grams on texts; of characters alone where words are not spaced.

    >>> fit_tfidf(["我的卡丢了", "转账失败"]).get_feature_names_out()[:2].tolist()
    ['丢', '丢了']
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    if mostly_spaceless(written):
        return TfidfVectorizer(ngram_range=(1, 4), sublinear_tf=True, analyzer="char").fit(written)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(ngram_range=(2, 4), sublinear_tf=True, analyzer="char_wb")
    try:
        return FeatureUnion([("words", words), ("letters", letters)]).fit(written)
    except ValueError as fault:
        raise InputError("the training texts hold no words", "bring texts with at least one letter or digit") from fault


@dataclass(frozen=True)
class _Vectors:
    size: int

    def __call__(self, table: pa.Table) -> Matrix:
        require(table, (FEATURES,))
        return vectors(table)[:, 0]


@dataclass(frozen=True)
class _Pixels:
    shape: tuple[int, ...]

    def __call__(self, table: pa.Table) -> Matrix:
        require(table, ("image",))
        return levels(table, self.shape).reshape(table.num_rows, -1)


@dataclass(frozen=True)
class _Sounds:
    centre: NDArray[np.float32]
    spread: NDArray[np.float32]

    def __call__(self, table: pa.Table) -> Matrix:
        require(table, ("audio",))
        return (sounds(table) - self.centre) / self.spread


@dataclass(frozen=True)
class _Texts:
    fitted: Any

    def __call__(self, table: pa.Table) -> Matrix:
        return self.fitted.transform(texts(table))


@dataclass(frozen=True)
class _Columns:
    centre: dict[str, tuple[float, float, bool]]
    one_hot: Any
    categorical: tuple[str, ...]

    def __call__(self, table: pa.Table) -> Matrix:
        require(table, (*self.centre, *self.categorical))
        found = columns(table.select([*self.centre, *self.categorical]))
        blocks = [_standard(found[name], name, *fitted) for name, fitted in self.centre.items()]
        if self.categorical:
            blocks.append(self.one_hot.transform(_spelled(found, self.categorical)))
        return np.concatenate(blocks, axis=1)


def levels(table: pa.Table, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Read grey levels 0-1, shape (rows, height, width); raises InputError where the size is not `shape`."""
    pictures = pixels(table)
    if table.num_rows and pictures.shape[1:] != shape:
        height, width = pictures.shape[1:]
        raise InputError(
            f"the images are {width} x {height} pixels, the training images {shape[1]} x {shape[0]}",
            "bring all images to one size",
        )
    return pictures.reshape(table.num_rows, *shape).astype(np.float32) / np.float32(255)


def _tensor(values: NDArray[Any]) -> pa.Array[Any]:
    # not from_numpy_ndarray, which refuses the strides numpy gives axes of length one
    shape = values.shape[1:]
    stored = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), int(np.prod(shape)))
    return pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(stored.type.value_type, shape), stored)


def require(table: pa.Table, names: tuple[str, ...]) -> None:
    """Raise InputError naming the feature columns a table lacks."""
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise InputError(
            f"the model was trained on {', '.join(map(repr, missing))}, which the table lacks",
            "predict on rows with the columns of the training table",
        )


def texts(table: pa.Table, column: str = "text") -> list[str]:
    """Read a column of texts; raises InputError naming the row that has none."""
    require(table, (column,))
    found: list[str] = []
    for row, text in enumerate(table[column].to_pylist()):
        if not isinstance(text, str):
            raise InputError(f"{named(table, row)} has no {column}", f"remove the row or fill its {column}")
        found.append(text)
    return found


def named(table: pa.Table, row: int) -> str:
    """Name a row as a person finds it: by its id, else by its number.

    >>> named(pa.table({"id": ["a", "b"]}), 1)
    "row 'b'"
    """
    return f"row {table['id'][row].as_py()!r}" if "id" in table.column_names else f"row {row}"


def _fit_columns(train: pa.Table, names: tuple[str, ...]) -> _Columns:
    from sklearn.preprocessing import OneHotEncoder

    found = columns(train.select(list(names)))
    numeric = {name: _centre(values) for name, values in found.items() if values.dtype != object}
    categorical = tuple(name for name in names if name not in numeric)
    one_hot = OneHotEncoder(handle_unknown="ignore", max_categories=CATEGORIES, sparse_output=False)
    if categorical:
        one_hot.fit(_spelled(found, categorical))
    return _Columns(numeric, one_hot, categorical)


def _centre(values: NDArray[Any]) -> tuple[float, float, bool]:
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 1.0, True
    return float(np.median(known)), float(known.std()) or 1.0, known.size < values.size


def _standard(values: NDArray[Any], name: str, centre: float, spread: float, flagged: bool) -> NDArray[np.float64]:
    if values.dtype == object:
        raise InputError(f"column {name!r} held numbers when the model was trained and holds text now", "pass numbers")
    missing = np.isnan(values)
    standard = np.where(missing, 0.0, (values - centre) / spread)
    return np.column_stack([standard, missing]) if flagged else standard[:, None]


def _spelled(found: Any, names: tuple[str, ...]) -> NDArray[Any]:
    spelled = [["missing" if each is None else f"={each}" for each in found[name]] for name in names]
    return np.array(spelled, object).reshape(len(names), -1).T

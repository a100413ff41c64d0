"""Real handwritten digits for the demo: the 1,797 UCI digits, cut into panel, labelled rows, pool and production."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bimetal.programme.sources import Source

SOURCE = "uci-optical-digits"
LICENCE = "CC-BY-4.0"
REGISTERED = Source(
    SOURCE,
    "public",
    origin="UCI Machine Learning Repository, dataset 80: optical recognition of handwritten digits",
    collector="E. Alpaydin and C. Kaynak, Bogazici University",
    purpose="research on reading handwritten digits",
    basis="not personal",
    personal_data="none",
    geography="TR",
    region="any",
    licence=LICENCE,
)
RNG_SEED = 20260101
PANEL, LABELLED, POOL, WINDOW = 597, 400, 200, 150
LABELS = tuple("0123456789")


@dataclass(frozen=True)
class Digits:
    """Disjoint parts of one real data set; `production` windows after the first two come from a new scanner."""

    panel: pa.Table
    labelled: pa.Table
    pool: pa.Table
    production: tuple[pa.Table, ...]


def load() -> Digits:
    """Cut the digits by a fixed permutation; the panel is the first part, so no other part ever holds its items."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images * 255 / 16).astype(np.uint8)
    order = np.random.default_rng(RNG_SEED).permutation(len(images))
    cuts = np.cumsum([PANEL, LABELLED, POOL, WINDOW, WINDOW, WINDOW])
    panel, labelled, pool, *windows = np.split(order, cuts)
    production = [_table(images[part], bunch.target[part], part) for part in windows[:2]]
    production += [_table(new_scanner(images[part]), bunch.target[part], part) for part in windows[2:]]
    first, second, third = (_table(images[part], bunch.target[part], part) for part in (panel, labelled, pool))
    return Digits(first, second, third, tuple(production))


def new_scanner(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Imitate a change in the field: a scanner that slants the page, thickens the pen and fades the ink.

    Takes and gives grey levels of shape (rows, height, width).
    """
    from scipy.ndimage import affine_transform, grey_dilation, zoom

    slant = np.array([[1.0, 0.0], [0.35, 1.0]])
    changed = []
    for image in images:
        large = zoom(image.astype(float), 4, order=1)
        middle = (np.array(large.shape) - 1) / 2
        sheared = affine_transform(large, slant, offset=middle - slant @ middle, order=1)
        thick = grey_dilation(sheared, size=(3, 3)) * 0.8
        changed.append(thick.reshape(8, 4, 8, 4).mean(axis=(1, 3)))
    return np.clip(np.round(changed), 0, 255).astype(np.uint8)


def _table(images: NDArray[np.uint8], labels: NDArray[np.int64], rows: NDArray[np.int64]) -> pa.Table:
    return pa.table(
        {
            "id": [f"uci-{row:04d}" for row in rows],
            "image": pa.array([_png(image) for image in images], pa.binary()),
            "label": [str(label) for label in labels],
        }
    )


def _png(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()

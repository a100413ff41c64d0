"""Small problems every learner can solve: digits as pictures, cards as texts, shoppers as columns."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.datasets import load_digits


def png(picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.round(picture * 255 / 16).astype(np.uint8), mode=None).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def digits() -> pa.Table:
    """Two hundred 8 x 8 pictures of 0, 1 and 2, as PNG."""
    data = load_digits(n_class=3)
    return pa.table(
        {
            "id": [f"d{row}" for row in range(200)],
            "image": pa.array([png(each) for each in data.images[:200]], pa.large_binary()),
            "label": [str(each) for each in data.target[:200]],
            "item_origin": ["real"] * 200,
        }
    )


@pytest.fixture(scope="session")
def cards() -> pa.Table:
    lost = [f"I lost my card {place}" for place in ("today", "at home", "abroad", "again", "in town", "on a bus")]
    paid = [f"my transfer {what}" for what in ("is late", "failed", "has not come", "was refused", "hangs", "is gone")]
    return pa.table({"text": lost + paid, "label": ["lost"] * 6 + ["transfer"] * 6})


@pytest.fixture(scope="session")
def shoppers() -> pa.Table:
    rng = np.random.default_rng(5)
    age = rng.uniform(18, 90, 120)
    return pa.table(
        {
            "age": pa.array([None if row % 17 == 0 else value for row, value in enumerate(age)], pa.float64()),
            "visits": rng.poisson(3, 120),
            "member": rng.random(120) < 0.5,
            "town": rng.choice(["Hue", "Ubud", "Yangon"], 120).astype(str),
            "label": np.where(age > 50, "buys", "leaves"),
        }
    )

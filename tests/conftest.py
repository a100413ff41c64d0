"""Small real-shaped tables that many tests share."""

import os

import numpy as np
import pyarrow as pa
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run in parallel; linear algebra shall not


@pytest.fixture
def blobs():
    """Return a function that draws n rows of three overlapping classes; `shift` moves a simulator off the real world."""

    def draw(n: int, seed: int = 0, shift: float = 0.0, prefix: str = "row") -> pa.Table:
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 3, n)
        centres = np.array([[0.0, 0.0], [2.0, 0.5], [1.0, 2.0]])
        points = centres[labels] + rng.normal(0, 0.7, (n, 2)) + shift
        return pa.table(
            {
                "id": [f"{prefix}-{seed}-{i}" for i in range(n)],
                "x": points[:, 0],
                "y": points[:, 1],
                "label": [f"c{label}" for label in labels],
            }
        )

    return draw

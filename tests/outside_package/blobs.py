"""Three overlapping blobs: a simulator that is a little off."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Blobs:
    """Draw points of three classes around their centres, `shift` away from the real ones."""

    shift: float = 0.1
    licence: ClassVar[str] = "CC0-1.0"

    def __call__(self, n, rng, seed_rows=None, targets=()):
        which, where = rng.spawn(1)[0].spawn(2)  # streams of their own: row i does not depend on n
        labels = np.array([which.integers(0, 3) for _ in range(n)], int)
        centres = np.array([[0.0, 0.0], [2.0, 0.5], [1.0, 2.0]])
        points = centres[labels] + where.normal(0, 0.7, (n, 2)) + self.shift
        yield pa.RecordBatch.from_pydict(
            {"x": points[:, 0], "y": points[:, 1], "label": [f"c{label}" for label in labels]}
        )

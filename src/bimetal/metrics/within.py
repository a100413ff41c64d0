"""Agreement of scores: the share of items scored within a tolerance of what people said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.metrics._pairs import numbers

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Within:
    """Score 1 where the predicted number lies at most `tolerance` from the true one, else 0.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> Within(0.5)(pa.chunked_array([[3.0, 4.0]]), Predictions(pa.array([3.5, 5.0])))
    array([1., 0.])
    """

    tolerance: float = 0.5
    task: ClassVar[str] = "score"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        known, said = numbers(truth, predicted)
        slack = 1e-9 * np.maximum(1.0, np.abs(known))  # 0.3 - 0.2 shall lie within 0.1
        return np.asarray(np.abs(known - said) <= self.tolerance + slack, float)

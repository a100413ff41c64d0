"""Accuracy: the share of items whose label is predicted right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.metrics._pairs import labels

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Accuracy:
    """Score 1 where the predicted label is the true one, else 0.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> Accuracy()(pa.chunked_array([["a", "b"]]), Predictions(pa.array(["a", "a"])))
    array([1., 0.])
    """

    task: ClassVar[str] = "classification"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        known, said = labels(truth, predicted)
        return np.asarray(known == said, float)

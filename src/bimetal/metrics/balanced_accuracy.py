"""Balanced accuracy: the mean over classes of the share of each that is predicted right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.metrics._pairs import centred, labels

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class BalancedAccuracy:
    """Score each class of the truth by its recall and weigh all alike, linearised over items.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> BalancedAccuracy()(pa.chunked_array([["a", "a", "a", "b"]]), Predictions(pa.array(["a", "a", "b", "b"])))
    array([1.05..., 1.05..., 0.38..., 0.83...])
    """

    task: ClassVar[str] = "classification"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        known, said = labels(truth, predicted)
        _, kind, counts = np.unique(known, return_inverse=True, return_counts=True)
        right = (known == said).astype(float)
        recall = np.bincount(kind, right) / counts
        influence = (right - recall[kind]) / (counts * len(counts) / len(known))[kind]
        return centred(float(recall.mean()), influence)

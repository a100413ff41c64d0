"""Macro F1: the mean over classes of the harmonic mean of precision and recall."""

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
class MacroF1:
    """Score each class, true or predicted, by its F1 and weigh all alike, linearised over items.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> found = MacroF1()(pa.chunked_array([["a", "a", "a", "b"]]), Predictions(pa.array(["a", "a", "b", "b"])))
    >>> found.mean().round(3)
    np.float64(0.733)
    """

    task: ClassVar[str] = "classification"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        known, said = labels(truth, predicted)
        classes, codes = np.unique(np.concatenate([known, said]), return_inverse=True)
        is_true, is_said = np.split(codes, 2)
        right = np.bincount(is_true[is_true == is_said], minlength=len(classes))
        size = np.bincount(codes, minlength=len(classes))
        f1, share = 2 * right / size, size / len(known)
        agreed = np.where(is_true == is_said, 2 / share[is_true], 0.0)
        influence = agreed - (f1 / share)[is_true] - (f1 / share)[is_said]
        return centred(float(f1.mean()), influence / len(classes))

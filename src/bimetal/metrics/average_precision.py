"""Average precision of a rare class: the area under the steps of precision over recall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.metrics._pairs import binary
from bimetal.metrics._ranked import ranked_precision

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class AveragePrecision:
    """Rank items by their score for `positive` ("" is the rarest class of the truth), linearised over items.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> scores = np.array([[0.2, 0.8], [0.4, 0.6], [0.5, 0.5], [0.9, 0.1]])
    >>> said = Predictions(pa.array(["b", "b", "b", "a"]), ("a", "b"), scores)
    >>> AveragePrecision("b")(pa.chunked_array([["b", "a", "b", "a"]]), said).mean().round(3)
    np.float64(0.833)
    """

    positive: str = ""
    task: ClassVar[str] = "classification"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        wanted, score = binary(truth, predicted, self.positive)
        return ranked_precision(wanted, score, np.arange(len(score)), wanted.astype(float))

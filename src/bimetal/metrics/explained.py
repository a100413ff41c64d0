"""Explained variance of scores (R squared): one minus the squared error over the variance of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from bimetal.errors import InputError
from bimetal.metrics._pairs import centred, numbers

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Explained:
    """Score predictions 1 where exact, 0 where no better than the panel's own mean, below 0 where worse; linearised.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> Explained()(pa.chunked_array([[1.0, 2.0, 3.0]]), Predictions(pa.array([1.0, 2.0, 2.0]))).mean()
    np.float64(0.5)
    """

    task: ClassVar[str] = "score"

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        known, said = numbers(truth, predicted)
        error, spread = (known - said) ** 2, (known - known.mean()) ** 2
        variance = float(spread.mean())
        if not variance:
            raise InputError(f"every item of the panel is scored {known[0]:g}", "put items of other scores there")
        ratio = float(error.mean()) / variance
        return centred(1 - ratio, (ratio * spread - error) / variance)

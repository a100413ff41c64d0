"""Recall at a fixed false-positive rate: how much of a rare class is found for so many false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.errors import InputError
from bimetal.metrics._pairs import binary, centred

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Predictions
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class RecallAtFpr:
    """Take the highest recall of any threshold that lets pass at most `fpr` of the negatives, linearised over items.

    A negative moves the threshold, and with it the recall by the slope of the ROC: the ratio of both densities there,
    read off the ROC across what `fpr` itself varies by (two standard errors on either side; a numerical delta method,
    Hong and Li 2018). `positive` "" is the rarest class of the truth. Raises InputError for fewer than 1/fpr negatives.

    >>> import pyarrow as pa
    >>> from bimetal.plugins import Predictions
    >>> scores = np.array([[0.2, 0.8], [0.4, 0.6], [0.5, 0.5], [0.9, 0.1]])
    >>> said = Predictions(pa.array(["b", "b", "b", "a"]), ("a", "b"), scores)
    >>> RecallAtFpr(0.5, "b")(pa.chunked_array([["b", "a", "b", "a"]]), said).mean().round(3)
    np.float64(1.0)
    """

    fpr: float = 0.01
    positive: str = ""
    task: ClassVar[str] = "classification"

    def __post_init__(self) -> None:
        if not 0 < self.fpr < 1:
            raise ValueError(f"fpr {self.fpr} is not between 0 and 1")

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray:
        positive, score = binary(truth, predicted, self.positive)
        negatives = int((~positive).sum())
        if negatives * self.fpr < 1 - 1e-9:
            raise InputError(
                f"{negatives} negatives cannot show a false-positive rate of {self.fpr:g}",
                f"put {int(np.ceil(1 / self.fpr - 1e-9))} or more in the panel, or raise fpr",
            )
        recalls, rates = _roc(positive, score)
        at = int(np.searchsorted(rates, self.fpr + 1e-12, side="right")) - 1
        found = score >= _cuts(score)[at - 1] if at else np.zeros(len(score), bool)
        recall, share = float(recalls[at]), float(positive.mean())
        of_positives = (found - recall) / share
        of_negatives = (found - rates[at]) / (1 - share) * _slope(recalls, rates, self.fpr, negatives)
        return centred(recall, np.where(positive, of_positives, -of_negatives))


def _cuts(score: FloatArray) -> FloatArray:
    return np.unique(score)[::-1]


def _roc(positive: np.ndarray[Any, Any], score: FloatArray) -> tuple[FloatArray, FloatArray]:
    _, place = np.unique(-score, return_inverse=True)
    counts = [np.bincount(place, kind).cumsum() for kind in (positive, ~positive)]
    recalls, rates = (np.concatenate([[0.0], each / each[-1]]) for each in counts)
    return recalls, rates


def _slope(recalls: FloatArray, rates: FloatArray, fpr: float, negatives: int) -> float:
    reach = max(2 * (fpr * (1 - fpr) / negatives) ** 0.5, 1 / negatives)
    low, high = max(fpr - reach, 0.0), min(fpr + reach, 1.0)
    # The ROC stands upright wherever positives lie between two negatives: its last point at a rate is what counts.
    flat, last = np.unique(rates[::-1], return_index=True)
    below, above = np.interp([low, high], flat, recalls[::-1][last])
    return float((above - below) / (high - low))

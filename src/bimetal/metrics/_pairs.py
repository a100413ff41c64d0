"""Truth and predictions brought side by side, refused with a reason where they do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.plugins import Predictions
    from bimetal.types import BoolArray, FloatArray


def labels(truth: pa.ChunkedArray[Any], predicted: Predictions) -> tuple[NDArray[Any], NDArray[Any]]:
    """Spell true and predicted labels as strings, shape (items,); a missing prediction is "", and wrong."""
    checked(truth, predicted)
    said = predicted.values.cast(pa.string()).to_pylist()
    return np.array(truth.to_pylist(), str), np.array([each or "" for each in said], str)


def numbers(truth: pa.ChunkedArray[Any], predicted: Predictions) -> tuple[FloatArray, FloatArray]:
    """Read true and predicted scores as numbers, shape (items,), however they are spelled."""
    checked(truth, predicted)
    return _floats(truth, "the truth"), _floats(predicted.values, "the predictions")


def binary(truth: pa.ChunkedArray[Any], predicted: Predictions, positive: str) -> tuple[BoolArray, FloatArray]:
    """Tell which items are positive, and the score of each for being so; "" stands for the rarest class.

    A model that has never seen the class gives it no score: all items then have 0.
    """
    checked(truth, predicted)
    known = np.array(truth.to_pylist(), str)
    found, counts = np.unique(known, return_counts=True)
    name = positive or str(found[counts.argmin()])
    if name not in found:
        raise InputError(f"no item of the panel is {name!r}", f"put some there, or choose among {_listed(found)}")
    if len(found) == 1:
        raise InputError(f"every item of the panel is {name!r}", "put items of another class there")
    if predicted.scores is None:
        raise InputError("the predictions have no scores", "use a learner that gives probabilities")
    scores = np.asarray(predicted.scores, float)
    if scores.shape != (len(known), len(predicted.classes)):
        raise InputError(f"scores of shape {scores.shape} do not fit", "give one row an item, one column a class")
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores).all(axis=1))[0])
        raise InputError(f"the scores of item {row} hold NaN or infinity", "give finite scores, or leave out the model")
    column = scores[:, predicted.classes.index(name)] if name in predicted.classes else np.zeros(len(known))
    return known == name, column


def checked(truth: pa.ChunkedArray[Any], predicted: Predictions) -> None:
    """Raise InputError unless every item has a true value and a prediction beside it."""
    if len(truth) != len(predicted.values):
        raise InputError(f"{len(predicted.values)} predictions for {len(truth)} items", "predict each item once")
    if not len(truth):
        raise InputError("there is no item to score", "pass a panel with rows")
    if truth.null_count:
        raise InputError(f"{truth.null_count} of {len(truth)} items have no label", "take them out of the panel")


def centred(metric: float, influence: FloatArray) -> FloatArray:
    """Add an influence function to its metric so that the mean is the metric to the last digit."""
    return np.asarray(metric + influence - influence.mean())


def _floats(column: pa.ChunkedArray[Any] | pa.Array[Any], whose: str) -> FloatArray:
    try:
        values = np.array([np.nan if each is None else float(each) for each in column.to_pylist()], float)
    except (TypeError, ValueError) as fault:
        raise InputError(f"{whose} hold what is no number: {fault}", "score with numbers") from fault
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise InputError(f"{whose} hold {values[row]} at item {row}, expected a number", "give every item a number")
    return values


def _listed(found: NDArray[Any]) -> str:
    return ", ".join(map(repr, found[:10].tolist())) + (" ..." if len(found) > 10 else "")

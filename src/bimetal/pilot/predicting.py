"""What a model says of rows, brought to one spelling: a value each, and a score for every class there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.plugins import Predictions

if TYPE_CHECKING:
    from bimetal.types import FloatArray


def predictions(model: Any, rows: pa.Table, classes: tuple[str, ...]) -> Predictions:
    """Ask a model; classes it never met in training score 0.

    >>> said = predictions(constant("a"), pa.table({"x": [1.0]}), ("a", "b"))
    >>> said.values.to_pylist(), said.scores.tolist()
    (['a'], [[1.0, 0.0]])
    """
    if not hasattr(model, "predict_proba"):
        said: Predictions = model.predict(rows)
        return said
    known = np.asarray(model.predict_proba(rows), float)
    everything = (*classes, *(each for each in model.classes if each not in classes))
    scores = np.zeros((rows.num_rows, len(everything)))
    scores[:, [everything.index(each) for each in model.classes]] = known
    best = scores.argmax(axis=1)
    return Predictions(pa.array(everything, pa.string()).take(pa.array(best)), everything, scores)


@dataclass(frozen=True, slots=True)
class _Constant:
    classes: tuple[str, ...]

    def predict_proba(self, rows: pa.Table) -> FloatArray:
        return np.ones((rows.num_rows, 1))


def constant(label: str) -> _Constant:
    """Return the model of labels that are all alike: it can say nothing else."""
    return _Constant((label,))

"""Ridge regression for labels that are numbers: scores, ratings, measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import Encoder, fit_encoder, named
from bimetal.learners._fitting import Prepares, check_rows, check_weight
from bimetal.plugins import Predictions

if TYPE_CHECKING:
    from bimetal.types import FloatArray

CHOOSING_ROWS = 1_000  # the penalty is chosen on so many at most: the leave-one-out errors take rows squared


@dataclass(frozen=True)
class Regression(Prepares):
    """Fit a ridge regression on the rows' matrix to a numeric `label` column; predicts float64.

    A `penalty` of 0 stands for the one of 1e-3 to 1e4 with the least leave-one-out error.

    >>> rows = pa.table({"x": [0.0, 1.0, 2.0, 3.0], "label": [1.0, 3.0, 5.0, 7.0]})
    >>> model = Regression()(rows, np.ones(4), None, np.random.default_rng(0))
    >>> model.predict(pa.table({"x": [4.0]})).values.to_numpy().round(2)
    array([9.])
    """

    penalty: float = 0.0

    task: ClassVar[str] = "score"

    def __post_init__(self) -> None:
        if not 0 <= self.penalty < np.inf:
            raise ValueError(f"penalty is {self.penalty!r}, expected 0 or more")

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,
    ) -> Scorer:
        from sklearn.linear_model import Ridge

        scores = _scores(train)
        check_weight(train, weight)
        encode = fit_encoder(train)
        matrix = encode(train)
        penalty = self.penalty or _chosen(matrix, scores, np.asarray(weight, float), rng)
        return Scorer(encode, Ridge(penalty).fit(matrix, scores, sample_weight=weight))


@dataclass(frozen=True)
class Scorer:
    """A fitted regression over tables."""

    encode: Encoder
    fitted: Any

    def predict(self, rows: pa.Table) -> Predictions:
        if not rows.num_rows:
            return Predictions(pa.array([], pa.float64()))
        return Predictions(pa.array(np.asarray(self.fitted.predict(self.encode(rows)), float)))


def _scores(train: pa.Table) -> FloatArray:
    check_rows(train)
    labels = train["label"].to_pylist()
    for row, label in enumerate(labels):
        if isinstance(label, bool) or not isinstance(label, int | float) or not np.isfinite(label):
            raise InputError(
                f"{named(train, row)} has the label {label!r}, expected a number", "score it, or leave it out"
            )
    if len(set(labels)) < 2:
        raise InputError(f"the training rows hold one score, {labels[0]!r}", "bring rows with two scores or more")
    return np.array(labels, float)


def _chosen(matrix: Any, scores: FloatArray, weight: FloatArray, rng: np.random.Generator) -> float:
    from sklearn.linear_model import RidgeCV

    rows = np.flatnonzero(weight)
    rows = np.sort(rng.choice(rows, min(CHOOSING_ROWS, len(rows)), replace=False))
    search = RidgeCV(np.logspace(-3, 4, 15)).fit(matrix[rows], scores[rows], sample_weight=weight[rows])
    return float(search.alpha_)

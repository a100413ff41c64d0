"""Regularised logistic regression on pixels, TF-IDF or plain columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.learners._features import fit_encoder
from bimetal.learners._fitting import Fitted, Prepares, targets

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from bimetal.plugins import Model
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Linear(Prepares):
    """Fit a logistic regression; a smaller `C` regularises more.

    >>> import numpy as np, pyarrow as pa
    >>> rows = pa.table({"x": [0.0, 1.0, 9.0, 10.0], "label": ["low", "low", "high", "high"]})
    >>> model = Linear()(rows, np.ones(4), None, np.random.default_rng(0))
    >>> model.classes
    ('high', 'low')
    >>> model.predict_proba(pa.table({"x": [0.5]})).argmax()
    np.int64(1)
    """

    C: float = 10.0
    iterations: int = 2000

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,  # noqa: ARG002 - the protocol's; the solver draws nothing
    ) -> Model:
        from sklearn.linear_model import LogisticRegression

        classes, codes = targets(train, weight)
        encode = fit_encoder(train)
        regression = LogisticRegression(C=self.C, max_iter=self.iterations)
        regression.fit(encode(train), codes, sample_weight=weight)
        return Fitted(classes, encode, regression.predict_proba)

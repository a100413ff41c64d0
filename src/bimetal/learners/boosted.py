"""Gradient-boosted trees on histograms: the usual strong learner for plain columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.learners._features import fit_encoder
from bimetal.learners._fitting import Fitted, Prepares, targets

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Model
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Boosted(Prepares):
    """Fit boosted trees (Ke et al. 2017, LightGBM's way); texts are first reduced to `components` dimensions.

    >>> import numpy as np, pyarrow as pa
    >>> rows = pa.table({"x": list(range(40)), "label": ["low"] * 20 + ["high"] * 20})
    >>> model = Boosted()(rows, np.ones(40), None, np.random.default_rng(0))
    >>> model.predict_proba(pa.table({"x": [3]})).argmax()
    np.int64(1)
    """

    rounds: int = 100
    rate: float = 0.1
    leaf: int = 5
    components: int = 100

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,
    ) -> Model:
        from sklearn.ensemble import HistGradientBoostingClassifier

        classes, codes = targets(train, weight)
        encode = fit_encoder(train)
        matrix = encode(train)
        seed = int(rng.integers(2**31))
        reduce = self._reduction(matrix, seed)
        trees = HistGradientBoostingClassifier(
            learning_rate=self.rate,
            max_iter=self.rounds,
            min_samples_leaf=self.leaf,
            early_stopping=False,
            random_state=seed,
        )
        trees.fit(reduce(matrix), codes, sample_weight=weight)
        return Fitted(classes, encode, lambda rows: trees.predict_proba(reduce(rows)))

    def _reduction(self, matrix: Any, seed: int) -> Any:
        from scipy.sparse import issparse
        from sklearn.decomposition import TruncatedSVD

        size = max(1, min(self.components, min(matrix.shape) - 1))
        if not issparse(matrix):
            return np.asarray
        return TruncatedSVD(size, random_state=seed).fit(matrix).transform

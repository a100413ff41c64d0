"""Clusters of embeddings: k-means on few rows, mini-batch k-means on many, the same by seed on any number of cores."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray

MANY_ROWS = 20_000
MANY_CLUSTERS = 50


def clustered(rows: NDArray[np.float32], k: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    """Return each row's cluster, 0 to k - 1, and the squared distance to its centre; clusters may stay empty.

    Beyond 20,000 rows, or 50 clusters on more than 5,000, mini-batches of 5,000 stand in for all rows.
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    seed = int(rng.integers(2**31))
    if len(rows) > MANY_ROWS or (len(rows) > 5000 and k > MANY_CLUSTERS):
        model = MiniBatchKMeans(k, batch_size=5000, n_init=1, random_state=seed)
    else:
        model = KMeans(k, n_init=1, random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(1):  # threads add up centres in an order of their own
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters: some stay empty
        codes = model.fit(rows).labels_.astype(np.int64)
    apart = np.empty(len(rows))
    for start in range(0, len(rows), 4096):
        part = slice(start, start + 4096)
        apart[part] = ((rows[part] - model.cluster_centers_[codes[part]]) ** 2).sum(axis=1)
    return codes, apart

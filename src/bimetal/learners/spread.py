"""Graph-based semi-supervision: labels and first guesses spread over the nearest neighbours among real rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.learners._features import fit_encoder
from bimetal.learners._fitting import OnPool, targets
from bimetal.learners.linear import Linear

if TYPE_CHECKING:
    from bimetal.plugins import Learner, Model
    from bimetal.types import FloatArray, IntArray

HELD = 100.0  # strength of a label beside the mean strength of a row's links
STEEPNESS = 4.0  # how fast links weaken towards the last neighbour
ECHO = 0.05  # share of the pull that is left to guesses of a base that saw no other rows than the graph holds


@dataclass(frozen=True)
class Spread(OnPool):
    """Fit `base`, smooth its guesses about unlabelled rows over their neighbours, and fit it again on what results.

    Every real row, labelled or not, is linked to its `neighbours` nearest by cosine; scores are the harmonic function
    that labels hold in place and the base's probabilities pull (Zhu, Ghahramani and Lafferty 2003, with an external
    classifier). Rows whose `item_origin` is synthetic speak through those guesses alone: they are not in the graph nor
    in the second fit, where a row that was given its label by the graph weighs `weight`. The strength of a guess,
    relative to a row's links, is `prior` times the synthetic share of the training rows: a base that saw people's
    labels alone knows little that the graph does not. Without unlabelled rows this is `base`.

    >>> rows = pa.table({"x": [-1.0, 1.0], "y": [0.1, 0.2], "label": ["west", "east"]})
    >>> pool = pa.table({"x": [-0.9, -0.5, 0.4, 0.8], "y": [0.5, 0.9, 0.9, 0.5]})
    >>> Spread(neighbours=1)(rows, np.ones(2), pool, np.random.default_rng(0)).classes
    ('east', 'west')
    """

    modalities: ClassVar[tuple[str, ...]] = ("image",)  # where neighbours have been shown to share labels

    base: Learner = field(default_factory=Linear)
    neighbours: int = 10
    prior: float = 0.06
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.neighbours < 1 or self.prior <= 0 or self.weight <= 0:
            raise ValueError(
                f"neighbours is {self.neighbours!r}, prior {self.prior!r}, weight {self.weight!r}; "
                "expected 1 or more neighbours, prior and weight above 0"
            )

    def on_pool(self, train: pa.Table, weight: FloatArray, pool: pa.Table, rng: np.random.Generator) -> Model:
        classes, codes = targets(train, weight)
        real, weight = _real(train), np.asarray(weight, float)
        if len(real) + pool.num_rows < 2:  # a row alone has no neighbour
            return self.base(train, weight, pool, rng)
        guesses = self.base(train, weight, pool, rng).predict_proba(pool)
        trust = self.prior * max(1 - len(real) / train.num_rows, ECHO)
        nodes = pa.concat_tables([train.take(real).select(pool.column_names), pool])
        goals = np.concatenate([np.eye(len(classes))[codes[real]], guesses])
        pull = np.append(HELD * weight[real], np.full(pool.num_rows, trust))
        spread = harmonic(_vectors(nodes), self.neighbours, goals, pull)[len(real) :].argmax(axis=1)
        kept = np.union1d(real, np.flatnonzero(~np.isin(codes, spread)))  # no class shall get lost
        labels = pa.array(np.array(classes, object)[np.append(codes[kept], spread)], train["label"].type)
        rows = pa.concat_tables([train.take(kept).select(pool.column_names), pool]).append_column("label", labels)
        return self.base(rows, np.append(weight[kept], np.full(pool.num_rows, self.weight)), pool, rng)


def harmonic(rows: Any, neighbours: int, guesses: FloatArray, strength: FloatArray) -> FloatArray:
    """Minimise sum of links x squared differences + strength x squared distance from guesses, shape (rows, classes).

    `strength` is one number a row, relative to the mean strength of a row's links.

    >>> line = np.array([[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.0, 1.0]])
    >>> harmonic(line, 1, np.eye(2)[[0, 1, 0, 1]], np.array([9, 0.01, 0.01, 9])).argmax(axis=1)
    array([0, 0, 1, 1])
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    links = _links(rows, min(neighbours, rows.shape[0] - 1))
    degree = links.sum(axis=1)
    pull = strength * degree.mean()
    system, ease = diags_array(degree + pull) - links, diags_array(1 / (degree + pull))
    columns = [cg(system, pull * guess, x0=guess, rtol=1e-4, maxiter=500, M=ease)[0] for guess in guesses.T]
    return np.column_stack(columns)


def _links(rows: Any, neighbours: int) -> Any:
    from scipy.sparse import csr_array
    from sklearn.neighbors import NearestNeighbors
    from sklearn.preprocessing import normalize

    apart, near = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(normalize(rows)).kneighbors()
    reach = np.maximum(apart[:, -1], 1e-6)  # local scaling (Zelnik-Manor and Perona 2004)
    links = np.exp(-STEEPNESS * apart**2 / (reach[:, None] * reach[near]))
    starts = np.arange(0, near.size + 1, neighbours)
    directed = csr_array((links.ravel(), near.ravel(), starts), shape=(len(near), len(near)))
    return ((directed + directed.T) / 2).tocsr()


def _vectors(nodes: pa.Table) -> Any:
    vectors = fit_encoder(nodes)(nodes)
    return vectors.reshape(nodes.num_rows, -1) if isinstance(vectors, np.ndarray) else vectors


def _real(train: pa.Table) -> IntArray:
    if "item_origin" not in train.column_names:
        return np.arange(train.num_rows)
    return np.flatnonzero([origin != "synthetic" for origin in train["item_origin"].to_pylist()])

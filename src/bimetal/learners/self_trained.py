"""Self-training: pseudo-label the surest unlabelled rows with another learner and fit it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.learners._features import payload
from bimetal.learners._fitting import OnPool
from bimetal.learners.linear import Linear

if TYPE_CHECKING:
    from bimetal.plugins import Learner, Model
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class SelfTrained(OnPool):
    """Fit `base`, label unlabelled rows with it, and fit again on the surest of each class, `rounds` times.

    Sureness is the margin between the two best classes. The share of the pool that is used grows over the rounds up
    to `keep`; a pseudo-labelled row weighs `weight`. Without unlabelled rows this is `base` (Yarowsky 1995).

    >>> rows = pa.table({"x": [0.0, 1.0, 9.0, 10.0], "label": ["low", "low", "high", "high"]})
    >>> pool = pa.table({"x": [0.2, 0.4, 9.5]})
    >>> SelfTrained()(rows, np.ones(4), pool, np.random.default_rng(0)).classes
    ('high', 'low')
    """

    base: Learner = field(default_factory=Linear)
    rounds: int = 4
    keep: float = 0.8
    weight: float = 0.5

    def __post_init__(self) -> None:
        if self.rounds < 0 or not 0 <= self.keep <= 1 or self.weight < 0:
            raise ValueError(
                f"rounds is {self.rounds!r}, keep {self.keep!r}, weight {self.weight!r}; "
                "expected rounds and weight of 0 or more, keep from 0 to 1"
            )

    def on_pool(self, train: pa.Table, weight: FloatArray, pool: pa.Table, rng: np.random.Generator) -> Model:
        told = "item_origin" in train.column_names
        train = train.select([*payload(train), "label", *["item_origin"] * told])
        if told:
            pool = pool.append_column("item_origin", pa.array(["real"] * pool.num_rows, train["item_origin"].type))
        model = self.base(train, weight, pool, rng)
        for done in range(1, self.rounds + 1):
            scores = model.predict_proba(pool)
            sure = surest(scores, self.keep * done / self.rounds)
            labels = pa.array(np.array(model.classes, object)[scores[sure].argmax(axis=1)], train["label"].type)
            both = pa.concat_tables(
                [train, pool.take(sure).append_column("label", labels)], promote_options="permissive"
            )
            model = self.base(both, np.append(weight, np.full(len(sure), self.weight)), pool, rng)
        return model


def surest(scores: FloatArray, keep: float) -> IntArray:
    """Choose, of the rows each class wins, the share `keep` with the widest margin; indices ascending.

    >>> surest(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), 0.5)
    array([0, 2])
    """
    best = scores.argmax(axis=1)
    ranked = np.sort(scores, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    chosen = []
    for code in np.unique(best):
        rows = np.flatnonzero(best == code)
        chosen.append(rows[np.argsort(-margin[rows], kind="stable")][: int(np.ceil(keep * len(rows)))])
    return np.sort(np.concatenate(chosen))

"""Models as facts: a learner, a training snapshot and a seed, so that a model is fitted again, never unpickled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json, digest
from bimetal.pilot import synthetic_weight
from bimetal.pilot.cells import strengthened
from bimetal.pilot.design import STRONG_ARMS
from bimetal.plugins import Model, make
from bimetal.programme.environment import environment

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Fitted:
    """A model named by what it was fitted on: the digest of its training snapshot."""

    programme: Programme
    train: str

    @property
    def facts(self) -> dict[str, Json]:
        """What the model is: enough to fit it again, bit for bit."""
        config = self.programme.config
        return {
            "learner": config.learner_spec.json(),
            "train": self.train,
            "rng_seed": config.programme.rng_seed,
            "environment": environment(),
        }

    @property
    def digest(self) -> str:
        return digest(self.facts)

    @property
    def model(self) -> Model:
        """Fit the model, once in this process."""
        known = self.programme.fitted
        if self.digest not in known:
            known[self.digest] = self._fit()
        return known[self.digest]

    def _fit(self) -> Model:
        rows = self.programme.snapshots.get(self.train)
        learner = strengthened(make(self.programme.config.learner_spec), STRONG_ARMS[-1], rows)
        rng = np.random.default_rng([self.programme.config.programme.rng_seed, 5])
        pool = self.programme.rows("pool")
        unlabelled = None if pool is None else pool.drop_columns("label")
        fitted: Model = learner(rows, weights(rows), unlabelled, rng)
        return fitted

    def scores(self, rows: pa.Table, rows_digest: str) -> pa.Table:
        """Score rows once: a column of probability per class, in the order of the rows."""

        def score() -> pa.Table:
            scores = self.model.predict_proba(rows)
            return pa.table({label: pa.array(scores[:, at]) for at, label in enumerate(self.model.classes)})

        key: dict[str, Json] = {**self.facts, "rows": rows_digest}
        return self.programme.steps.table("score", key, score)

    def correct(self, rows: pa.Table, rows_digest: str) -> FloatArray:
        """Say for each labelled row whether the model gets it right, as 0 or 1."""
        guessed = predicted(self.scores(rows, rows_digest))
        return np.array([a == b for a, b in zip(guessed, rows["label"].to_pylist(), strict=True)], float)


def predicted(scores: pa.Table) -> list[str]:
    """Name the most probable class of each row."""
    return [scores.column_names[best] for best in matrix(scores).argmax(axis=1)]


def matrix(scores: pa.Table) -> FloatArray:
    """Turn a table of scores into an array of shape (rows, classes)."""
    return np.column_stack([scores[name].to_numpy() for name in scores.column_names])


def weights(rows: pa.Table) -> FloatArray:
    """Weigh real rows 1 and synthetic ones by the effective-sample law: replay without drowning people's labels."""
    synthetic = np.array([each == "synthetic" for each in rows["item_origin"].to_pylist()], bool)
    m = int(synthetic.sum())
    return np.where(synthetic, synthetic_weight(m), 1.0)

"""Models as facts: a learner, a training snapshot and a seed, so that a model is fitted again, never unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json, digest
from bimetal.errors import InputError
from bimetal.pilot import synthetic_weight
from bimetal.pilot.arms import STRONG_ARMS
from bimetal.pilot.cells import strengthened
from bimetal.plugins import Model, make
from bimetal.programme.environment import environment
from bimetal.types import Spec

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Fitted:
    """A model named by its facts: learner, training rows, pool, seed and environment, enough to fit it again."""

    programme: Programme
    facts: Mapping[str, Any]

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
        facts, get = self.facts, self.programme.snapshots.get
        rows = get(facts["train"])
        pool = get(facts["pool"]).drop_columns("label") if facts["pool"] else None
        learner = strengthened(make(Spec(**facts["learner"])), STRONG_ARMS[-1], rows)
        fitted: Model = learner(rows, weights(rows), pool, np.random.default_rng([facts["rng_seed"], 5]))
        return fitted

    def scores(self, rows: pa.Table, rows_digest: str) -> pa.Table:
        """Score rows once: a column of probability per class, in the order of the rows."""

        def score() -> pa.Table:
            scores = self.model.predict_proba(rows)
            return pa.table({label: pa.array(scores[:, at]) for at, label in enumerate(self.model.classes)})

        key: dict[str, Json] = {"model": self.digest, "rows": rows_digest, "environment": environment()}
        return self.programme.steps.table("score", key, score)

    def correct(self, rows: pa.Table, rows_digest: str) -> FloatArray:
        """Say for each labelled row whether the model gets it right, as 0 or 1."""
        guessed = predicted(self.scores(rows, rows_digest))
        return np.array([a == b for a, b in zip(guessed, rows["label"].to_pylist(), strict=True)], float)


def model_of_now(programme: Programme) -> Fitted:
    """Name the model fitted on every training row and pool row there is; raises InputError where there is none."""
    rows = programme.rows("train")
    if rows is None:
        raise InputError("the programme has no labelled rows", "run: bimetal add TABLE --role train --source NAME")
    return model_of(programme, rows)


def model_of(programme: Programme, rows: pa.Table) -> Fitted:
    """Name the model fitted on these labelled rows and every pool row there is."""
    pool = programme.rows("pool")
    facts: dict[str, Json] = {
        "learner": programme.config.learner_spec.json(),
        "train": programme.snapshots.put(rows),
        "pool": None if pool is None else programme.snapshots.put(pool),
        "rng_seed": programme.config.programme.rng_seed,
        "environment": environment(),
    }
    return Fitted(programme, facts)


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

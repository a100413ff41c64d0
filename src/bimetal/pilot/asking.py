"""Whom an active arm asks next: a query strategy over the whole real table, its labelled rows left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.payload import matrix
from bimetal.pilot.data import Cell
from bimetal.pilot.weights import synthetic_weight
from bimetal.plugins import Pool, Strategy, make
from bimetal.types import Spec

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

MEMBERS = 5  # of a committee


@dataclass(frozen=True, slots=True)
class Asked:
    """The real rows an active arm may ask about, and their vectors, shape (rows, d) in float32."""

    rows: pa.Table
    vectors: Any


def ask(cell: Cell, model: Any, real: Asked, again: Callable[[IntArray], Any], rng: np.random.Generator) -> IntArray:
    """Choose the next `cell.ask` rows for an active arm; `again` fits the cell's model on some of its rows.

    Without a model, or with one that knows a single class, a strategy that needs scores asks at random.
    """
    strategy = make(Spec("strategies", cell.arm.select))
    if hasattr(strategy, "known"):  # what the mix's synthetic rows are worth in labels
        m = cell.arm.made(cell.n)
        strategy = replace(strategy, known=m * synthetic_weight(m))
    labelled = np.array(cell.labelled, int)
    if model is None or len(model.classes) < 2:
        return _cold(strategy, real, labelled, cell.ask, rng)
    committee = None
    if getattr(strategy, "asks_committee", False) and len(labelled):
        committee = _committee(model, real.rows, again, len(labelled), rng)
    pool = Pool(model.predict_proba(real.rows), real.vectors, committee)
    chosen: IntArray = strategy(pool, labelled, cell.ask, rng).indices
    return chosen


def _cold(strategy: Strategy, real: Asked, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
    try:
        return strategy(Pool(embeddings=real.vectors), labelled, n, rng).indices
    except InputError:
        return rng.permutation(np.delete(np.arange(real.rows.num_rows), labelled))[:n]


def vectors_of(rows: pa.Table) -> Any:
    """Represent rows as float32 vectors for strategies that look at distances.

    Features an image learner computed are used as they are, other payloads as `payload.matrix` has them.
    """
    if "_features" in rows.column_names:
        chunks: list[Any] = rows["_features"].chunks
        return np.concatenate([chunk.to_numpy_ndarray()[:, 0] for chunk in chunks])
    return matrix(rows.drop_columns("label")).astype(np.float32)


def _committee(
    model: Any, real: pa.Table, again: Callable[[IntArray], Any], rows: int, rng: np.random.Generator
) -> FloatArray:
    members = [model]
    while len(members) < MEMBERS:
        member = again(rng.choice(rows, rows))
        members.append(member if tuple(member.classes) == tuple(model.classes) else model)
    return np.stack([np.asarray(member.predict_proba(real), float) for member in members])

"""What an aggregation believes: soft labels, the leading label, and how far it trusts each rater."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from bimetal.annotation.aggregation.votes import Votes
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Posterior:
    """Soft labels of shape (items, labels) with what stands behind them.

    `point` of shape (items,) is the code of the most probable label, -1 where two are equally probable.
    `quality` of shape (raters,) is in the method's own unit: the share of a rater's answers that the majority
    shares; the chance of a right answer (Dawid-Skene); of not guessing (MACE); the ability alpha (GLAD).
    `confusion` of shape (raters, labels, labels) is the chance of an answer (last) given the true label;
    `ease` of shape (items,) is the logarithm of GLAD's beta. `log_likelihood` is of the answers, in nats (for
    MACE its lower bound); it compares fits of one method, not methods.
    """

    votes: Votes
    soft: FloatArray
    point: IntArray
    quality: FloatArray
    confusion: FloatArray | None = None
    ease: FloatArray | None = None
    iterations: int = 0
    converged: bool = True
    log_likelihood: float | None = None

    @property
    def tied(self) -> tuple[str, ...]:
        """Name the items whose leading labels are equally probable: they stay undecided."""
        return tuple(self.votes.items[each] for each in np.flatnonzero(self.point < 0))

    def table(self) -> pa.Table:
        """Return id, label (null where undecided), its probability, and soft: all probabilities, labels sorted."""
        width = len(self.votes.labels)
        names = pa.array([*self.votes.labels, None])
        label = names.take(self.point % len(names))  # -1 is the last, null
        soft = pa.FixedSizeListArray.from_arrays(pa.array(self.soft.ravel()), width)
        columns = [pa.array(self.votes.items), label, pa.array(self.soft.max(axis=1)), soft]
        return pa.table(columns, names=["id", "label", "probability", "soft"])

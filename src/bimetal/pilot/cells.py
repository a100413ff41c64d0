"""One fit of a pilot as a pure function: rows in, the panel's predictions out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.payload import modality, where
from bimetal.pilot.design import Arm, Cell, Design
from bimetal.pilot.weights import synthetic_weight
from bimetal.plugins import Generator, Learner, find

if TYPE_CHECKING:
    from bimetal.types import FloatArray

DOUBLINGS = 6  # a generator may draw up to 32 times what is kept, then it does not know these labels
SUITS = {"shifted": ("image",)}  # what a strengthening learner can be used on; one not named here suits everything


@dataclass(frozen=True)
class Draw:
    """One seed's synthetic rows, to be drawn by a generator."""

    seed: int
    rows: int

    def json(self) -> dict[str, int]:
        return {"seed": self.seed, "rows": self.rows}


@dataclass(frozen=True)
class DrawSynthetic:
    """Draw the largest number of synthetic rows a seed needs, of the real table's labels alone.

    Smaller arms take the first of them. Raises InputError where the generator does not draw those labels.
    """

    generator: Generator
    labels: frozenset[str]
    rng_seed: int

    def __call__(self, draw: Draw) -> pa.Table:
        for n in (draw.rows * 2**times for times in range(DOUBLINGS)):
            rng = np.random.default_rng([self.rng_seed, 1, draw.seed])
            drawn = pa.Table.from_batches(list(self.generator(n, rng)))
            known = where(drawn, "label", *self.labels)
            if known.num_rows >= draw.rows:
                return known.slice(0, draw.rows)
        raise InputError(
            f"the generator drew {known.num_rows} rows with the real table's labels, {draw.rows} were needed",
            f"give both the same labels: {', '.join(sorted(self.labels)[:10])}",
        )


@dataclass(frozen=True)
class FitCell:
    """Fit one cell and predict the panel: columns `predicted` and `confidence`, in the panel's order.

    `synthetic` holds one table per seed. Sizes are nested: a seed's N labels are the first N of its permutation.
    Rows of `real` beyond N lose their labels and join `unlabelled`.
    """

    design: Design
    learner: Learner
    real: pa.Table
    panel: pa.Table
    synthetic: Mapping[int, pa.Table]
    unlabelled: pa.Table | None = None

    def __call__(self, cell: Cell) -> pa.Table:
        arm = self.design.arm(cell.arm)
        train, weight, unlabelled = self._rows(arm, cell)
        learner = strengthened(self.learner, arm, self.real)
        rng = np.random.default_rng([self.design.rng_seed, 2, cell.seed, cell.n])
        model = learner(train, weight, unlabelled, rng)
        scores = model.predict_proba(self.panel)
        _refuse_nan(scores, cell)
        best = scores.argmax(axis=1)
        predicted = pa.array(model.classes).take(pa.array(best))
        return pa.table({"predicted": predicted, "confidence": scores[np.arange(len(best)), best]})

    def _rows(self, arm: Arm, cell: Cell) -> tuple[pa.Table, FloatArray, pa.Table]:
        order = np.random.default_rng([self.design.rng_seed, 0, cell.seed]).permutation(self.real.num_rows)
        human = self.real.take(order[: cell.n])
        rest = [self.real.take(order[cell.n :]).drop_columns("label")]
        if self.unlabelled is not None:
            rest.append(self.unlabelled)
        unlabelled = stacked(rest)
        m = round(arm.synthetic * cell.n)
        if not m:
            return human, np.ones(human.num_rows), unlabelled
        made = self.synthetic[cell.seed].slice(0, m)
        if not arm.human:
            return made, np.ones(made.num_rows), unlabelled
        each = synthetic_weight(m) if self.design.weight is None else self.design.weight
        return stacked([human, made]), np.repeat([1.0, each], [human.num_rows, made.num_rows]), unlabelled


def strengthened(learner: Learner, arm: Arm, rows: pa.Table) -> Learner:
    """Wrap a learner in the arm's improvements that suit the payload, first named innermost."""
    kind = modality(rows)
    for name in arm.improve:
        if kind in SUITS.get(name, (kind,)):
            learner = find("learners", name)(base=learner)
    return learner


def as_learner(given: Any) -> Learner:
    """Take a learner as it is and wrap anything with a scikit-learn `fit`; raises InputError otherwise."""
    if hasattr(given, "fit"):
        wrapped: Learner = find("learners", "estimator")(estimator=given)
        return wrapped
    if callable(given):
        return given  # type: ignore[no-any-return]  # checked by its shelf's contract, not by a type
    raise InputError(f"the learner is {given!r}", "pass a scikit-learn estimator or a learner")


def stacked(tables: list[pa.Table]) -> pa.Table:
    """Put tables above one another on the columns they share, which must include the payload."""
    shared = [name for name in tables[0].column_names if all(name in table.column_names for table in tables)]
    missing = [name for name in _payload(tables[0]) if name not in shared]
    if missing:
        raise InputError(
            f"column {missing[0]!r} is not in every table", "give real and synthetic rows the same payload"
        )
    return pa.concat_tables([table.select(shared) for table in tables], promote_options="permissive")


def _payload(table: pa.Table) -> tuple[str, ...]:
    from bimetal.payload import payload_columns

    return tuple(payload_columns(table))


def _refuse_nan(scores: FloatArray, cell: Cell) -> None:
    bad = int(np.isnan(scores).any(axis=1).sum())
    if bad:
        raise InputError(f"the learner gave NaN for {bad} panel rows in {cell}", "use a learner that scores every row")

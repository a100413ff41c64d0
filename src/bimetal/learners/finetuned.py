"""Pre-training on synthetic rows, then fine-tuning on people's with synthetic replay, around another learner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from bimetal.errors import InputError
from bimetal.learners._fitting import Prepares, targets
from bimetal.learners.estimator import Estimator

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Learner, Model
    from bimetal.types import BoolArray, FloatArray


def _online() -> Estimator:
    return Estimator("sklearn.linear_model:SGDClassifier", {"loss": "log_loss"})


@dataclass(frozen=True)
class Finetuned(Prepares):
    """Fit `base` to the rows whose `item_origin` is synthetic, then let it go on with the others among them.

    `base` needs `continued(model, train, weight, unlabelled, rng)`, or InputError is raised. While it goes on,
    synthetic rows keep the share `replay` of all weight: without it a model forgets what it was pre-trained on
    (Robins 1995). Weights count among rows of one origin; between origins `replay` alone decides. Where rows are of
    one origin this is `base`.

    >>> import pyarrow as pa
    >>> rows = pa.table({"x": [0.0, 9.0, 4.0, 6.0], "label": ["low", "high", "low", "high"],
    ...     "item_origin": ["synthetic", "synthetic", "real", "real"]})
    >>> Finetuned()(rows, np.ones(4), None, np.random.default_rng(0)).classes
    ('high', 'low')
    """

    wants: ClassVar[str] = "continued"

    base: Learner = field(default_factory=_online)
    replay: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.replay < 1:
            raise ValueError(f"replay is {self.replay!r}, expected a share from 0 to below 1")

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model:
        targets(train, weight)
        made, weight = _made(train), np.asarray(weight, float)
        base = _going_on(self.base)
        if not weight[made].any() or not weight[~made].any():
            return self.base(train, weight, unlabelled, rng)
        # Rows without weight still tell the base which classes, words and columns there are.
        model = self.base(train, _scaled(weight, made, made.sum()), unlabelled, rng)
        people = weight[~made].sum()
        replayed = np.where(made, _scaled(weight, made, people * self.replay / (1 - self.replay)), weight)
        return base.continued(model, train, replayed, unlabelled, rng)


class Continues(Protocol):
    """A learner that can go on training a model it has fitted; the model given stays as it is."""

    def continued(
        self,
        model: Model,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,
        rng: np.random.Generator,
    ) -> Model: ...


def _going_on(base: Learner) -> Continues:
    if not hasattr(base, "continued"):
        raise InputError(
            f"{base!r} cannot go on training a fitted model", "choose a base that can, or train on all rows"
        )
    return base  # type: ignore[return-value]  # a learner is a function to mypy; this one has the method as well


def _made(train: pa.Table) -> BoolArray:
    if "item_origin" not in train.column_names:
        return np.zeros(train.num_rows, bool)
    return np.array([origin == "synthetic" for origin in train["item_origin"].to_pylist()])


def _scaled(weight: FloatArray, rows: BoolArray, total: float) -> FloatArray:
    """Scale some rows' weights to a total; the others weigh nothing."""
    scaled: FloatArray = np.where(rows, weight, 0.0) * (total / weight[rows].sum())
    return scaled

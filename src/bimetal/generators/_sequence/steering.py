"""Entities' shares such that rows meet targets: each kind of entity brings some labels, the nearest mix is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.types import FloatArray, Target

CLOSE = 1e-3


def mixed(prior: FloatArray, brings: FloatArray, labels: Sequence[str], targets: Sequence[Target]) -> FloatArray:
    """Return shares of entities, nearest to `prior` in relative entropy by rows, whose rows meet the targets.

    `brings` holds the rows of each label an entity of each kind has on average, shape (kinds, labels). Raises
    InputError where no mixture of entities meets a target.

    >>> from bimetal.types import Target
    >>> brings = np.array([[10.0, 0.0], [8.0, 2.0]])
    >>> mixed(np.array([0.9, 0.1]), brings, ["ok", "fraud"], [Target("label", "fraud", 0.1)]).round(3).tolist()
    [0.5, 0.5]
    """
    from scipy.optimize import minimize

    rows = brings.sum(axis=1)
    inside = brings / rows[:, None]
    base = prior * rows / (prior * rows).sum()
    named = [labels.index(each.value) for each in targets]
    wanted = np.array([each.share for each in targets])
    _possible(inside[:, named], targets)
    terms = inside[:, named] - wanted

    def dual(slopes: FloatArray) -> tuple[float, FloatArray]:
        logs = np.log(np.maximum(base, 1e-300)) + terms @ slopes
        weights = np.exp(logs - logs.max())
        return float(logs.max() + np.log(weights.sum())), terms.T @ weights / weights.sum()

    found = minimize(dual, np.zeros(len(named)), jac=True, method="BFGS", options={"gtol": CLOSE / 10})
    logs = np.log(np.maximum(base, 1e-300)) + terms @ found.x
    shares = np.exp(logs - logs.max())
    gaps = np.abs(terms.T @ (shares / shares.sum()))
    if gaps.max() > CLOSE:
        worst = targets[int(gaps.argmax())]
        raise InputError(
            f"label = {worst.value!r} cannot be {worst.share:g} of the rows beside the other targets:"
            " no mixture of entities has those shares",
            "lower a share or drop a target",
        )
    entities: FloatArray = shares / rows
    entities /= entities.sum()
    return entities


def _possible(inside: FloatArray, targets: Sequence[Target]) -> None:
    for target, shares in zip(targets, inside.T, strict=True):
        low, high = float(shares.min()), float(shares.max())
        if not low - CLOSE <= target.share <= high + CLOSE:
            raise InputError(
                f"label = {target.value!r} cannot be {target.share:g} of the rows: entities have it in"
                f" {low:.3g} to {high:.3g} of theirs",
                "ask for a share between these",
            )

"""Steer what share of a draw falls in a slice: raking prior shares to targets (Deming and Stephan 1940)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.types import Target

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray

_ROUNDS = 2000
_CLOSE = 1e-6


def raked(prior: Sequence[float], columns: Mapping[str, Sequence[str]], targets: tuple[Target, ...]) -> FloatArray:
    """Return the shares nearest to `prior` (in relative entropy) that meet every target; shape (cells,), sum 1.

    `columns` says each cell's value in each column a target may name. Raises InputError for a column or value no
    cell has, a share outside 0-1, and targets that cannot be met together.

    >>> kinds = {"kind": ["a", "b", "c"]}
    >>> raked([1, 1, 2], kinds, (Target("kind", "a", 0.4),)).round(3).tolist()
    [0.4, 0.2, 0.4]
    """
    shares = np.asarray(prior, dtype=float) / np.sum(prior)
    slices = [(target, _members(target, columns)) for target in targets]
    for _ in range(_ROUNDS):
        for target, inside in slices:
            shares = _moved(shares, inside, target)
        if all(abs(shares[inside].sum() - target.share) < _CLOSE for target, inside in slices):
            return shares
    unmet, inside = max(slices, key=lambda pair: abs(shares[pair[1]].sum() - pair[0].share))
    raise InputError(
        f"targets contradict each other: {unmet.column} = {unmet.value!r} cannot be {unmet.share:g} of the draw"
        f" beside the others, nearest {shares[inside].sum():.3g}",
        "lower its share or drop another target",
    )


def _members(target: Target, columns: Mapping[str, Sequence[str]]) -> BoolArray:
    if target.column not in columns:
        raise InputError(f"no column {target.column!r} can be steered", f"name one of: {', '.join(columns)}")
    if not 0 <= target.share <= 1:
        raise InputError(
            f"share of {target.column} = {target.value!r} is {target.share!r}, expected 0 to 1", "give a fraction"
        )
    inside = np.array([value == target.value for value in columns[target.column]])
    if not inside.any():
        known = ", ".join(dict.fromkeys(columns[target.column]))
        raise InputError(f"{target.column} is never {target.value!r} here", f"choose one of: {known}")
    return inside


def _moved(shares: FloatArray, inside: BoolArray, target: Target) -> FloatArray:
    now = float(shares[inside].sum())
    if (now <= 0 and target.share > 0) or (now >= 1 and target.share < 1):
        raise InputError(
            f"{target.column} = {target.value!r} is {now:.3g} of the draw and cannot become {target.share:g}",
            "drop the target, or the one that fixes the rest",
        )
    grow = target.share / now if now > 0 else 0.0
    shrink = (1 - target.share) / (1 - now) if now < 1 else 0.0
    return np.where(inside, shares * grow, shares * shrink)

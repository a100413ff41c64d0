"""Steer what share of a draw falls in a slice: raking prior shares to targets (Deming and Stephan 1940)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.types import Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

_ROUNDS = 500
_MET = 1e-6
_CLOSE = 1e-3  # shares written with three decimals need not sum to 1 exactly


def raked(prior: Sequence[float], columns: Mapping[str, Sequence[str]], targets: tuple[Target, ...]) -> FloatArray:
    """Return the shares nearest to `prior` (in relative entropy) that meet every target; shape (cells,), sum 1.

    `columns` says each cell's value in each column a target may name. Raises InputError for a column or value no
    cell has, a share outside 0-1, a value named twice, and targets that cannot be met together.

    >>> raked([1, 1, 2], {"kind": ["a", "b", "c"]}, (Target("kind", "a", 0.4),)).round(3).tolist()
    [0.4, 0.2, 0.4]
    """
    shares: FloatArray = np.asarray(prior, dtype=float) / np.sum(prior)
    named = dict.fromkeys(target.column for target in targets)
    margins = [_margin([each for each in targets if each.column == column], columns) for column in named]
    for _ in range(_ROUNDS):
        for margin in margins:
            shares = margin.moved(shares)
        if all(margin.gap(shares) < _MET for margin in margins):
            shares /= shares.sum()
            return shares
    worst = max(margins, key=lambda margin: margin.gap(shares))
    raise InputError(
        f"targets contradict each other: no draw has {_spelled(worst.targets)} beside the targets on other columns",
        "lower a share or drop a target",
    )


@dataclass(frozen=True, slots=True)
class _Margin:
    """One column's targets: `group` says which target each cell falls under, the last group being all the rest."""

    targets: list[Target]
    group: IntArray
    wanted: FloatArray

    def moved(self, shares: FloatArray) -> FloatArray:
        now = self._now(shares)
        for target, have in zip(self.targets, now[:-1], strict=True):
            if have == 0 and target.share > 0:
                raise InputError(
                    f"{target.column} = {target.value!r} cannot be {target.share:g} of the draw:"
                    " the other targets leave no room for it",
                    "lower their shares or drop it",
                )
        if now[-1] == 0 and self.wanted[-1] > _MET:
            raise InputError(
                f"{_spelled(self.targets)} leave {self.wanted[-1]:.3g} of the draw, and nothing else to draw it from",
                "let the shares sum to 1",
            )
        factor: FloatArray = self.wanted / np.where(now > 0, now, 1)
        return shares * factor[self.group]

    def gap(self, shares: FloatArray) -> float:
        return float(np.abs(self._now(shares) - self.wanted).max())

    def _now(self, shares: FloatArray) -> FloatArray:
        return np.bincount(self.group, shares, minlength=len(self.wanted)).astype(float)


def _margin(targets: list[Target], columns: Mapping[str, Sequence[str]]) -> _Margin:
    column = targets[0].column
    if column not in columns:
        raise InputError(f"no column {column!r} can be steered", f"name one of: {', '.join(columns)}")
    known = set(columns[column])
    values = [target.value for target in targets]
    for target in targets:
        if target.value not in known:
            raise InputError(f"{column} is never {target.value!r} here", f"choose one of: {', '.join(sorted(known))}")
        if not 0 <= target.share <= 1:
            raise InputError(f"share of {column} = {target.value!r} is {target.share!r}", "give a number from 0 to 1")
        if values.count(target.value) > 1:
            raise InputError(f"{column} = {target.value!r} has two targets", "keep one of them")
    total = sum(target.share for target in targets)
    if total > 1 + _CLOSE:
        raise InputError(f"{_spelled(targets)} sum to {total:.4g}, more than the whole draw", "lower the shares")
    rest = set(columns[column]) - set(values)
    scale = 1 / total if total > 1 or (not rest and total > 1 - _CLOSE) else 1.0
    group = np.array([values.index(value) if value in values else len(values) for value in columns[column]])
    return _Margin(targets, group, np.array([*(target.share * scale for target in targets), 1 - total * scale]))


def _spelled(targets: list[Target]) -> str:
    return ", ".join(f"{each.column} = {each.value!r} at {each.share:g}" for each in targets)

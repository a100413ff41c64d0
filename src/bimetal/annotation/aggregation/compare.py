"""Majority against Dawid-Skene on the same votes, side by side, with gold items as the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bimetal.annotation.aggregation.dawid_skene import dawid_skene
from bimetal.annotation.aggregation.majority import majority
from bimetal.errors import InputError
from bimetal.stats import crossed, crossed_difference

if TYPE_CHECKING:
    from bimetal.annotation.aggregation.posterior import Posterior
    from bimetal.annotation.aggregation.votes import Gold, Votes
    from bimetal.types import FloatArray, Interval


@dataclass(frozen=True)
class SideBySide:
    """Accuracies on gold items, and the difference on the same items: Dawid-Skene less majority.

    `better` names a method only where the difference's interval leaves 0 out. `apart` names the items on which
    the two disagree; a tie disagrees with every label.
    """

    majority: Interval
    dawid_skene: Interval
    difference: Interval
    gold_items: int
    apart: tuple[str, ...]

    @property
    def better(self) -> Literal["majority", "dawid_skene", "undecided"]:
        if self.difference.low > 0:
            return "dawid_skene"
        return "majority" if self.difference.high < 0 else "undecided"


def compare(votes: Votes, gold: Mapping[str, str], level: float = 0.95, prior: float = 1.0) -> SideBySide:
    """Let gold items say which aggregation to trust; they are not clamped, for they could not judge then.

    `gold` maps items to known labels and should be a random draw of the items: on easy ones both are right. A
    tie of m labels, one of them right, scores 1/m. `prior` is that of `dawid_skene`. Raises InputError where fewer than
    two gold items have answers.

    >>> from bimetal.annotation.aggregation import Votes
    >>> said = {"Ann": "xxxyyyxy", "Ben": "xxyyyyxy", "Cid": "yyxyxxxx", "Dan": "yyxxxxxx"}
    >>> rows = [(str(i), who, label) for who, labels in said.items() for i, label in enumerate(labels)]
    >>> sides = compare(Votes.of(*zip(*rows)), dict(zip("01234567", "xxxyyyxy")))
    >>> print(sides.majority.estimate, sides.dawid_skene.estimate, sides.better)
    0.6875 0.875 undecided
    """
    known = votes.gold(gold)
    if len(known.item) < 2:
        raise InputError(
            f"{len(known.item)} of {len(gold)} gold items have answers, expected two or more",
            "let people answer more gold items",
        )
    sides = majority(votes), dawid_skene(votes, prior=prior)
    plain, skilled = (_credit(side, known)[None] for side in sides)
    differ = np.flatnonzero((sides[0].point != sides[1].point) | (sides[0].point < 0))
    return SideBySide(
        crossed(plain, level),
        crossed(skilled, level),
        crossed_difference(skilled, plain, level),
        len(known.item),
        tuple(votes.items[each] for each in differ),
    )


def _credit(side: Posterior, known: Gold) -> FloatArray:
    """1 for a right label, a tie's share for one of several leading labels, else 0: shape (gold items,)."""
    rows = side.soft[known.item]
    atop = rows == rows.max(axis=1, keepdims=True)
    return np.asarray(atop[np.arange(len(rows)), known.label] / atop.sum(axis=1))

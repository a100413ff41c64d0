"""Several raters per item: how often their plurality is right, and what a noisy label is worth beside a right one."""

from __future__ import annotations

from math import comb, factorial
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import FloatArray


def plurality(raters: int, accuracy: float, classes: int) -> float:
    """Chance that the most frequent of independent answers is right, ties broken at random.

    Wrong answers are spread evenly over the other classes; of raters who share their mistakes this is too hopeful.
    Raises InputError unless raters >= 1, classes >= 2 and 0 <= accuracy <= 1.

    >>> round(plurality(3, 0.9, 2), 3), round(plurality(3, 0.9, 10), 3)
    (0.972, 0.98)
    """
    if raters < 1 or classes < 2 or not 0 <= accuracy <= 1:
        raise InputError(
            f"{raters} raters of accuracy {accuracy} on {classes} classes cannot vote",
            "give at least one rater, two classes and an accuracy between 0 and 1",
        )
    chances = [
        comb(raters, right) * accuracy**right * (1 - accuracy) ** (raters - right) for right in range(raters + 1)
    ]
    return float(sum(chance * _wins(right, raters - right, classes - 1) for right, chance in enumerate(chances)))


def label_worth(raters: int, accuracy: float, classes: int) -> float:
    """Right labels that one plurality label is worth: (1 - rho K / (K - 1))^2, rho its error rate, K the classes.

    Symmetric noise shrinks what a label says by that factor before squaring; undoing it inflates the variance of every
    unbiased estimate of the loss (Angluin and Laird 1988 and Natarajan et al. 2013 for two classes, where it is
    (1 - 2 rho)^2; Patrini et al. 2017 for K). A label no better than guessing is worth nothing.

    >>> round(label_worth(1, 0.9, 2), 2), round(label_worth(3, 0.9, 2), 2), label_worth(1, 0.5, 2)
    (0.64, 0.89, 0.0)
    """
    wrong = 1 - plurality(raters, accuracy, classes)
    return max(0.0, 1 - wrong * classes / (classes - 1)) ** 2


def _wins(right: int, wrong: int, others: int) -> float:
    """Chance that `right` votes win against `wrong` votes spread evenly over `others`, by generating functions."""
    if not right:
        return 0.0
    fewer = np.array([1 / factorial(votes) for votes in range(right)])
    chance = 0.0
    for ties in range(min(others, wrong // right) + 1):
        left = wrong - ties * right
        ways = _power(fewer, others - ties, left)[left]
        chance += comb(others, ties) * ways / factorial(right) ** ties / (ties + 1)
    return float(chance * factorial(wrong) / others**wrong)


def _power(series: FloatArray, exponent: int, degree: int) -> FloatArray:
    result = np.zeros(degree + 1)
    result[0] = 1
    for _ in range(exponent):
        result = np.convolve(result, series)[: degree + 1]
    return result

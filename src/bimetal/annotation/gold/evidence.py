"""Evidence that an accuracy lies above or below a bar, valid however often one looks: betting e-processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray


def evidence_above(right: ArrayLike, bar: float) -> FloatArray:
    """Return the log e-value after each answer against 'the accuracy is at most `bar`', shape (answers,).

    The capital of one who bets fairly at the bar on being right, averaged over bets: for an accuracy q above the bar
    the stake is (q - bar) / (bar (1 - bar)), and q is uniform from the bar to 1. Whatever the items and their order, as
    long as each answer is right with probability `bar` or less given those before it, the capital's expectation never
    rises; so it ever reaches 1 / alpha with probability alpha or less (Ville 1939; Waudby-Smith and Ramdas 2024,
    Estimating means of bounded random variables by betting). Raises InputError unless 0 < bar < 1.

    >>> np.exp(evidence_above([1] * 20, 0.8)).round(2)[[0, 9, 19]]
    array([ 1.12,  3.87, 20.46])
    """
    return _capital(_answers(right), bar)


def evidence_below(right: ArrayLike, bar: float, block: int = 20) -> FloatArray:
    """Return the log e-value after each answer against 'the accuracy is at least `bar`', also when it fell late.

    As in `evidence_above`, turned round; but a long good record would drown a later fall, so a new bet starts every
    `block` answers, and bet j = 1, 2, ... holds 1 / (j (j + 1)) of the capital. Their sum is a fair bet again.

    >>> fallen = [1] * 60 + [0] * 12
    >>> [bool(evidence_below(fallen, 0.8, block)[-1] > np.log(20)) for block in (20, 100)]
    [True, False]
    """
    wrong = 1 - _answers(right)
    starts = range(0, max(len(wrong), 1), block)
    shares = [-np.log(j * (j + 1)) for j in range(1, len(starts) + 1)]
    bets = np.full((len(starts) + 1, len(wrong)), -np.log(len(starts) + 1))  # what has not been staked yet
    for row, (start, share) in enumerate(zip(starts, shares, strict=True)):
        bets[row, :start] = share
        bets[row, start:] = share + _capital(wrong[start:], 1 - bar)
    return np.asarray(np.logaddexp.reduce(bets, axis=0))


def accuracy(right: int, answered: int, level: float = 0.95) -> Interval | None:
    """Bound an accuracy at all times at once: the chance that the truth ever leaves the bounds is 1 - level or less.

    A confidence sequence: the accuracies against which a bet spread evenly over 0 to 1 has not won 1 / (1 - level)
    (Robbins 1970). Wider than an interval for one look. None without an answer.

    >>> print(accuracy(45, 50))
    0.900 [0.712, 0.984]
    """
    from scipy.optimize import brentq
    from scipy.special import betaln, xlog1py, xlogy

    if not 0 <= right <= answered:
        raise InputError(f"{right} of {answered} is no accuracy", "give 0 <= right <= answered")
    if not answered:
        return None
    wrong, mean = answered - right, right / answered
    mixed = betaln(right + 1, wrong + 1) + np.log(1 - level)

    def won(p: float) -> float:
        return float(mixed - xlogy(right, p) - xlog1py(wrong, -p))

    low = brentq(won, 1e-300, mean) if right else 0.0
    high = brentq(won, mean, 1 - 1e-16) if wrong else 1.0
    return Interval(mean, low, high, level)


def _answers(right: ArrayLike) -> FloatArray:
    values = np.asarray(right, dtype=float)
    if values.ndim != 1 or not np.isin(values, (0.0, 1.0)).all():
        raise InputError(f"answers of shape {values.shape} are not right or wrong", "give one true or false an answer")
    return values


def _capital(hits: FloatArray, bar: float) -> FloatArray:
    """Return log of the mean over q uniform in (bar, 1) of (q / bar)^hits * ((1 - q) / (1 - bar))^misses."""
    from scipy.special import betaincc, betaln

    if not 0 < bar < 1:
        raise InputError(f"bar {bar} is no accuracy to ask for", "give a number between 0 and 1, such as 0.8")
    won = np.cumsum(hits)
    lost = np.arange(1, len(hits) + 1) - won
    with np.errstate(divide="ignore"):  # a capital too small for a float is none
        mixed = betaln(won + 1, lost + 1) + np.log(betaincc(won + 1, lost + 1, bar)) - np.log1p(-bar)
    return np.asarray(mixed - won * np.log(bar) - lost * np.log1p(-bar))

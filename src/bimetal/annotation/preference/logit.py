"""Conditional logit by Newton's method: one of several alternatives is chosen, in proportion to exp(score)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

STEPS = 100
CLOSE = 1e-12  # twice the height still to climb, below which no printed digit changes


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Sets of alternatives: what each is made of, where each set begins, how often each alternative was chosen.

    `features` is sparse, shape (alternatives, coefficients); alternatives of one set stand together. `free` is the
    direction, of length 1, in which all alternatives of every set change alike.
    """

    features: Any
    starts: IntArray
    times: FloatArray
    free: FloatArray

    @property
    def set_of(self) -> IntArray:
        return np.repeat(np.arange(len(self.starts)), np.diff([*self.starts, len(self.times)]))


def conditional_logit(sets: Sets, prior: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the most likely coefficients, the inverse of Fisher's information, and chosen less expected choices.

    `prior` are the precisions of a normal prior at 0, one a coefficient; in the free direction the coefficients stay 0.
    The likelihood is concave, so Newton's method with halved steps climbs to its one top (McFadden 1974). Raises
    InputError where that lies at infinity.

    >>> from scipy.sparse import csr_array
    >>> pair = Sets(csr_array(np.eye(2)), np.array([0]), np.array([30.0, 10.0]), np.ones(2) / 2**0.5)
    >>> found, _, _ = conditional_logit(pair, np.zeros(2))
    >>> round(float(np.exp(found[0] - found[1])), 6)
    3.0
    """
    weight = np.zeros(sets.features.shape[1])
    height, left = _climbed(sets, weight, prior)
    for _ in range(STEPS):
        information = _information(sets, left) + np.diag(prior) + np.outer(sets.free, sets.free)
        slope = sets.features.T @ left - prior * weight
        step = np.linalg.solve(information, slope)
        if float(slope @ step) < CLOSE:
            return np.asarray(weight), np.asarray(np.linalg.inv(information)), left
        for size in 0.5 ** np.arange(30):
            tried, remaining = _climbed(sets, weight + size * step, prior)
            if tried >= height:
                break
        weight, height, left = weight + size * step, tried, remaining
    raise InputError("the strengths grow without end", "compare more options with each other, or give a prior")


def _climbed(sets: Sets, weight: FloatArray, prior: FloatArray) -> tuple[float, FloatArray]:
    """Return the log likelihood with the prior, and chosen less expected choices of each alternative."""
    score, of = sets.features @ weight, sets.set_of
    score = score - np.maximum.reduceat(score, sets.starts)[of]
    total = np.add.reduceat(np.exp(score), sets.starts)
    score -= np.log(total)[of]
    expected = np.add.reduceat(sets.times, sets.starts)[of] * np.exp(score)
    return float(sets.times @ score - prior @ weight**2 / 2), sets.times - expected


def _information(sets: Sets, left: FloatArray) -> FloatArray:
    from scipy.sparse import csr_array, diags_array

    expected, asked = sets.times - left, np.add.reduceat(sets.times, sets.starts)
    gather = csr_array((expected, (sets.set_of, np.arange(len(left)))), shape=(len(asked), len(left)))
    means = gather @ sets.features
    whole = sets.features.T @ diags_array(expected) @ sets.features
    return np.asarray((whole - means.T @ diags_array(1 / asked) @ means).toarray())

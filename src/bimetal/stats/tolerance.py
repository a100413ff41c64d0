"""Tolerance bounds: a value that at least a share of a population stays below, whatever its distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def upper_tolerance(values: ArrayLike, coverage: float = 0.9, confidence: float = 0.95) -> float:
    """Bound a share `coverage` of the population from above with this confidence, from a sample of shape (n,).

    The bound is an order statistic (Wilks 1941), so it holds for every distribution, ties included. It is infinite
    where the sample is too small for any: 29 values for 90 % at 95 % confidence. Raises InputError for shares outside
    (0, 1) and for values that are not numbers.

    >>> upper_tolerance(range(1, 101), coverage=0.9)
    96.0
    >>> upper_tolerance(range(28)), upper_tolerance(range(29))
    (inf, 28.0)
    """
    from scipy.stats import binom

    for name, share in (("coverage", coverage), ("confidence", confidence)):
        if not 0 < share < 1:
            raise InputError(f"{name} is {share}", "give a share between 0 and 1, such as 0.9")
    sample = np.sort(np.asarray(values, float).ravel())
    if np.isnan(sample).any():
        raise InputError("a value is not a number", "leave out what was not measured")
    if not sample.size:
        return math.inf
    # the k-th smallest lies above the quantile unless k or more values fell below it
    rank = int(binom.ppf(confidence, sample.size, coverage)) + 1
    return float(sample[rank - 1]) if rank <= sample.size else math.inf


def share_covered(inside: int, n: int, confidence: float = 0.95) -> float:
    """Bound a share from below with this confidence, given how many of n were inside (Clopper and Pearson 1934).

    >>> round(share_covered(95, 100), 3), share_covered(0, 0)
    (0.898, 0.0)
    """
    from scipy.stats import beta

    return float(beta.ppf(1 - confidence, inside, n - inside + 1)) if inside else 0.0

"""Ratios of shares: which categories a generator amplifies or starves, with simultaneous intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def share_ratio(successes: int, n: int, base_successes: int, base_n: int, level: float = 0.95) -> Interval:
    """Bound the ratio of one share to another on the log scale (Katz et al. 1978), half a count added (Walter 1975).

    The estimate carries the half counts too, so it is finite: 0 of 100 against 0 of 100 gives 1, and a wide interval.
    Raises InputError unless each share has 0 <= successes <= n and n > 0.

    >>> print(share_ratio(60, 100, 30, 100))
    1.984 [1.417, 2.776]
    """
    from scipy.stats import norm

    for count, total in ((successes, n), (base_successes, base_n)):
        if not 0 <= count <= total or total < 1:
            raise InputError(f"{count} of {total} is not a share", "give 0 <= successes <= n with n at least 1")
    a, b, all_a, all_b = successes + 0.5, base_successes + 0.5, n + 0.5, base_n + 0.5
    factor = float(np.exp(norm.ppf((1 + level) / 2) * (1 / a - 1 / all_a + 1 / b - 1 / all_b) ** 0.5))
    ratio = a / all_a / (b / all_b)
    return Interval(ratio, ratio / factor, ratio * factor, level)


def amplification(reference_counts: ArrayLike, sample_counts: ArrayLike, level: float = 0.95) -> list[Interval]:
    """Bound each category's share in the sample over its share in the reference, all at once at `level` (Bonferroni).

    Both have shape (categories,), in the same order; above 1 the sample holds more of the category.

    >>> print(*amplification([900, 100], [950, 50]), sep=", ")
    1.056 [1.026, 1.086], 0.502 [0.346, 0.730]
    """
    reference, sample = np.asarray(reference_counts, dtype=np.int64), np.asarray(sample_counts, dtype=np.int64)
    if reference.shape != sample.shape or reference.ndim != 1 or not len(reference):
        raise InputError(
            f"counts of shape {reference.shape} and {sample.shape} cannot be compared",
            "give one count a category in both, in the same order",
        )
    each = 1 - (1 - level) / len(reference)
    pairs = zip(sample.tolist(), reference.tolist(), strict=True)
    ratios = [share_ratio(new, int(sample.sum()), old, int(reference.sum()), each) for new, old in pairs]
    return [Interval(ratio.estimate, ratio.low, ratio.high, level) for ratio in ratios]

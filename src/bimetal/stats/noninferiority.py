"""One-sided tests between two arms: is one better, and is it at least not worse by more than a margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.stats.intervals import crossed_difference, one_won_one_lost
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two arms, and one-sided p values: that it is not above 0, not above minus the margin."""

    difference: Interval
    p_superior: float
    p_noninferior: float


def difference_test(
    ahead: ArrayLike, behind: ArrayLike, margin: float = 0.0, level: float = 0.95, one: float = 1.0
) -> Comparison:
    """Test `ahead - behind`, scored on the same seeds and items, shape (seeds, items), for both at once.

    `margin` is how much worse is still good enough, 0.01 for a point. Both p are those of the t that
    `crossed_difference` inverts (`one` as there): p_noninferior is below .025 where the 95 % interval lies above
    minus the margin.
    Looking at both costs no correction (superiority implies the other); over several arms use `holm`.

    >>> right = np.repeat([[1, 0]], [960, 40], axis=1)
    >>> found = difference_test(right, np.roll(right, 5, axis=1), margin=0.02)
    >>> print(found.difference, round(found.p_superior, 2), round(found.p_noninferior, 4))
    0.000 [-0.007, 0.007] 0.5 0.0
    """
    from scipy.stats import norm, t

    if not 0 <= margin < 1:
        raise InputError(f"margin {margin} is no tolerated loss", "give a number from 0 up, such as 0.01 for a point")
    difference = crossed_difference(ahead, behind, level, one)
    effects = one_won_one_lost(np.asarray(ahead, dtype=float) - np.asarray(behind, dtype=float), one)
    law = norm if np.isinf(effects.df) else t(effects.df)
    centre, error = float(effects.mean[0]), float(effects.covariance[0, 0]) ** 0.5
    superior, noninferior = (float(law.sf((centre + slack) / error)) for slack in (0.0, margin))
    return Comparison(difference, superior, noninferior)

"""Ask at random: every open row of the pool is as likely as any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.strategies._pool import drawn, open_rows, size_of

if TYPE_CHECKING:
    import numpy as np

    from bimetal.plugins import Pool, Selection
    from bimetal.types import IntArray


@dataclass(frozen=True)
class Random:
    """Choose n rows without replacement, each with the same recorded probability; any part of the pool will do.

    >>> import numpy as np
    >>> from bimetal.plugins import Pool
    >>> Random()(Pool(np.ones((10, 2))), np.arange(5), 2, np.random.default_rng(0)).probability
    array([0.4, 0.4])
    """

    def __call__(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> Selection:
        left = open_rows(size_of(pool, n), labelled)
        return drawn(left, min(n, len(left)), rng)

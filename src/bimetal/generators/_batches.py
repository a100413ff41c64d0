"""The loop every generator shares: full batches of fixed size, each with a random child of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bimetal.errors import InputError


def batches(n: int, rng: np.random.Generator, size: int) -> Iterator[tuple[int, np.random.Generator]]:
    """Return pairs (rows wanted, rng's k-th child) that make up n rows; n = 0 is one empty batch.

    Row i depends on neither n nor the number of workers when a generator makes every random draw for `size` rows
    and then keeps the first `rows wanted`. Raises InputError for a negative n.

    >>> [count for count, _ in batches(600, np.random.default_rng(0), size=256)]
    [256, 256, 88]
    """
    if n < 0:
        raise InputError(f"n is {n}, expected 0 or more", "ask for a whole number of rows")
    return ((min(size, n - start), rng.spawn(1)[0]) for start in range(0, max(n, 1), size))

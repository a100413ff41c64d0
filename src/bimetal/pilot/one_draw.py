"""Honest spread where only one draw of human labels exists: its subsamples show less than new labels would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import FloatArray


def halvings(n: int, most: int = 5, fewest: int = 3) -> tuple[int, ...]:
    """Name the sizes to fit on n labels: all of them, half, a quarter and so on, smallest first.

    >>> halvings(100), halvings(20)
    ((6, 12, 25, 50, 100), (5, 10, 20))
    """
    sizes = [n // 2**times for times in range(most)]
    return tuple(sorted(size for size in sizes if size >= fewest))


def as_new_draws(values: FloatArray, sizes: Sequence[int], bought: int) -> FloatArray:
    """Widen the spread over seeds to what seeds would show that draw all their labels anew, mean by mean.

    `values` has shape (sizes, seeds, units); each seed's labels are a subsample of the same `bought` ones. Of the
    spread sigma^2 that fresh labels would have, subsamples of size n show 1 - n / bought, while their mean keeps an
    error of at least sigma^2 n / bought that no subsample shows (the variance of a U-statistic: Hoeffding 1948). So
    seed effects grow until their variance over the seeds is that of the mean's error. Sizes above half of the bought
    labels borrow the effects of the largest size up to half, in proportion to the error: at the full size there is
    one draw only.

    >>> rng = np.random.default_rng(0)
    >>> values = rng.random((2, 5, 300)) < np.array([[[0.7]], [[0.8]]])
    >>> wider = as_new_draws(values, (10, 20), 20)
    >>> bool(np.allclose(wider.mean(axis=(1, 2)), values.mean(axis=(1, 2))))
    True
    >>> bool((wider.mean(axis=2).std(axis=1) > values.mean(axis=2).std(axis=1)).all())
    True
    """
    values = np.asarray(values, float)
    seeds = values.shape[1]
    shares = np.asarray(sizes, float) / bought
    halves = np.flatnonzero(shares <= 0.5 + 1e-9)
    effects = values.mean(axis=2) - values.mean(axis=(1, 2))[:, None]
    errors = 1 - values.mean(axis=(1, 2))
    added = np.zeros_like(effects)
    for at, share in enumerate(shares):
        if at in halves:
            added[at] = effects[at] * (np.sqrt(1 + seeds * share / (1 - share)) - 1)
        elif len(halves):
            like = halves[-1]
            scale = errors[at] / errors[like] if errors[like] > 0 else 1.0
            added[at] = effects[like] * np.sqrt(seeds / (1 - shares[like])) * scale
    return np.asarray(values + added[:, :, None])

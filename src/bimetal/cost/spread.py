"""Distributions through three quantiles, Latin hypercube samples of them, and Poisson counts by inversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray

P10 = -1.2815515655446004  # the standard normal's tenth percentile


def through(quantiles: Sequence[float], u: ArrayLike, *, share: bool = False) -> Any:
    """Read the u-quantile of a distribution that has exactly these P10, P50 and P90.

    On a scale where it is a normal split at its median, each half with its own width: the logarithm for amounts, the
    log odds for shares (so 0 < x < 1), the plain scale cut off at 0 (and 1) where a quantile lies on that bound.

    >>> through((1, 3, 20), [0.1, 0.5, 0.9]).round(9)
    array([ 1.,  3., 20.])
    >>> through((0, 0.01, 0.08), [0.05, 0.1, 0.5, 0.9], share=True).round(9)
    array([0.  , 0.  , 0.01, 0.08])
    """
    from scipy.special import expit, logit, ndtri

    low, middle, high = map(float, quantiles)
    z = ndtri(np.asarray(u, dtype=float)) / -P10
    if low == high:
        return np.full(z.shape, middle)
    if low <= 0 or (share and high >= 1):
        drawn = _split(z, low, middle, high)
        return np.clip(drawn, 0, 1 if share else np.inf)
    if share:
        return expit(_split(z, *(float(logit(each)) for each in (low, middle, high))))
    return np.exp(_split(z, *np.log((low, middle, high))))


def _split(z: FloatArray, low: float, middle: float, high: float) -> FloatArray:
    return middle + np.where(z < 0, z * (middle - low), z * (high - middle))


def latin(dimensions: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw (dimensions, draws) uniforms, each row holding exactly one value in each of `draws` equal strata.

    McKay, Beckman and Conover (1979).

    >>> u = latin(2, 4, np.random.default_rng(0))
    >>> [sorted((row * 4).astype(int).tolist()) for row in u]
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """
    strata = np.tile(np.arange(draws, dtype=float), (dimensions, 1))
    drawn = (rng.permuted(strata, axis=1) + rng.random(strata.shape)) / draws
    return np.clip(drawn, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)


def poisson(u: ArrayLike, mean: ArrayLike) -> Any:
    """Read Poisson counts off uniforms by inversion.

    >>> poisson([0.1, 0.5, 0.99], 1.0)
    array([0., 1., 4.])
    """
    from scipy.stats import poisson as law

    return law.ppf(np.asarray(u, dtype=float), np.asarray(mean, dtype=float))

"""Prediction-powered means: few human labels sharpened by a model's scores of many unlabelled items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.stats.intervals import share_bounds
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from bimetal.types import FloatArray

FEWEST = 5


@dataclass(frozen=True, slots=True)
class _Part:
    """The mean of one stratum, the variance that people's labels leave in it, and that of the unlabelled mean."""

    mean: float
    labelled: float
    unlabelled: float
    df: float


def prediction_powered_mean(
    truth: ArrayLike, predicted: ArrayLike, unlabelled: ArrayLike, level: float = 0.95
) -> Interval:
    """Bound the mean truth of a population by PPI++ (Angelopoulos, Duchi and Zrnic 2023), however bad the predictions.

    `truth` and `predicted` have shape (n,), of items drawn at random from the population and labelled by people;
    `unlabelled` has shape (N,) and holds predictions for other items drawn alike. The model must have seen neither.
    The mean of the truth is shifted by lambda times the gap between both mean predictions; lambda is tuned, so that
    with N well above n it saves rho^2 N / (n + N) of the labels, rho the correlation of truth and prediction. Unlike
    in the paper lambda is not held between 0 and 1: predictions on another scale, or turned around, serve as well.
    A t quantile and a degree of freedom for lambda serve few labels; truth within 0 and 1 is a share, bounded by
    Wilson's score on as many labels as would give its variance. Raises InputError below 5 of either.

    >>> rng = np.random.default_rng(1)
    >>> judged = rng.normal(size=2100)
    >>> true = judged[:100] + rng.normal(0, 0.5, 100)
    >>> print(prediction_powered_mean(true, judged[:100], judged[100:]))
    -0.050 [-0.168, 0.067]
    """
    arrays = _checked(truth, predicted, unlabelled)
    return _interval([(1.0, _part(*arrays))], 0.0, arrays[0], level)


def stratified_prediction_powered_mean(
    truth: ArrayLike,
    predicted: ArrayLike,
    unlabelled: ArrayLike,
    strata: tuple[ArrayLike, ArrayLike],
    level: float = 0.95,
) -> Interval:
    """Bound the same mean with a lambda for every stratum, so that labels may be bought unevenly over strata.

    `strata` names the stratum of each labelled and of each unlabelled item, shapes (n,) and (N,). Strata weigh what
    they weigh among the unlabelled items, which must be drawn from the population; within a stratum the labelled
    ones must be too. Raises InputError for a stratum with fewer than 5 of either (Fisch et al. 2024).

    >>> rng = np.random.default_rng(1)
    >>> kind, judged = rng.integers(0, 2, 2100), rng.normal(size=2100)
    >>> true = judged[:100] * kind[:100] + rng.normal(0, 0.5, 100)
    >>> print(stratified_prediction_powered_mean(true, judged[:100], judged[100:], (kind[:100], kind[100:])))
    0.044 [-0.059, 0.148]
    """
    arrays = _checked(truth, predicted, unlabelled)
    own, others = (np.asarray(each) for each in strata)
    if own.shape != arrays[0].shape or others.shape != arrays[2].shape:
        raise InputError(
            f"strata of shape {own.shape} and {others.shape} for {len(arrays[0])} and {len(arrays[2])} items",
            "name the stratum of each item, labelled and unlabelled",
        )
    parts = []
    for name in np.unique(np.concatenate([own, others])):
        here, there = own == name, others == name
        chosen = _checked(arrays[0][here], arrays[1][here], arrays[2][there], f" in stratum {str(name)!r}")
        parts.append((float(there.mean()), _part(*chosen)))
    mean = sum(weight * part.mean for weight, part in parts)
    between = sum(weight * (part.mean - mean) ** 2 for weight, part in parts)
    return _interval(parts, between / len(others), arrays[0], level)


def tuned_lambda(truth: ArrayLike, predicted: ArrayLike, unlabelled: ArrayLike) -> float:
    """Return the weight of predictions that leaves the least variance: cov(truth, predicted) / ((1 + n/N) var).

    >>> round(tuned_lambda([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5] * 9), 3)
    0.882
    """
    return _lambda(*_checked(truth, predicted, unlabelled))


def _part(truth: FloatArray, predicted: FloatArray, unlabelled: FloatArray) -> _Part:
    n, many = len(truth), len(unlabelled)
    weight = _lambda(truth, predicted, unlabelled)
    rest = truth - weight * predicted
    mean = float(rest.mean() + weight * unlabelled.mean())
    # Lambda is fitted to the same labels: one more degree of freedom, and its own spread (regression estimation).
    spread = float(((rest - rest.mean()) ** 2).sum() / (n - 2)) if weight else float(rest.var(ddof=1))
    return _Part(mean, spread / n, float(weight**2 * unlabelled.var(ddof=1) / many), n - 2 if weight else n - 1)


def _lambda(truth: FloatArray, predicted: FloatArray, unlabelled: FloatArray) -> float:
    variance = float(np.concatenate([predicted, unlabelled]).var(ddof=1))
    if not variance:
        return 0.0
    return float(np.cov(truth, predicted, ddof=0)[0, 1] / ((1 + len(truth) / len(unlabelled)) * variance))


def _interval(parts: list[tuple[float, _Part]], between: float, truth: FloatArray, level: float) -> Interval:
    from scipy.stats import t

    mean = sum(weight * part.mean for weight, part in parts)
    labelled = [weight**2 * part.labelled for weight, part in parts]
    variance = sum(labelled) + sum(weight**2 * part.unlabelled for weight, part in parts) + between
    doubt = sum(share**2 / part.df for share, (_, part) in zip(labelled, parts, strict=True))
    quantile = float(t.ppf((1 + level) / 2, variance**2 / doubt if doubt else len(truth) - 1))
    if (truth >= 0).all() and (truth <= 1).all():
        mean = min(max(mean, 0.0), 1.0)
        low, high = share_bounds(mean, variance, len(truth), quantile)
        return Interval(mean, max(low, 0.0), min(high, 1.0), level)
    return Interval(mean, mean - quantile * variance**0.5, mean + quantile * variance**0.5, level)


def _checked(
    truth: ArrayLike, predicted: ArrayLike, unlabelled: ArrayLike, where: str = ""
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    known, judged, others = (np.asarray(each, dtype=float) for each in (truth, predicted, unlabelled))
    if known.ndim != 1 or judged.shape != known.shape or others.ndim != 1:
        raise InputError(
            f"truth, predictions and unlabelled predictions have shape {known.shape}, {judged.shape}, {others.shape}",
            "give (n,), (n,) and (N,)",
        )
    if min(len(known), len(others)) < FEWEST:
        raise InputError(
            f"{len(known)} labelled and {len(others)} unlabelled items{where} are too few",
            f"give {FEWEST} or more of each, or join strata",
        )
    if not all(np.isfinite(each).all() for each in (known, judged, others)):
        raise InputError("labels or predictions hold NaN or infinity", "give every item a finite number")
    return known, judged, others

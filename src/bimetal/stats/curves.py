"""Learning curves over label counts, and the share of human labels a hybrid saves at a target accuracy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from bimetal.errors import InputError
from bimetal.stats.crossed_effects import Effects, crossed_effects
from bimetal.stats.intervals import crossed
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray

Censored = Literal["none", "human", "hybrid", "both"]
Bound = Literal["exact", "at least", "at most", "unknown"]
DRAWS = 2000
LEAST_INSIDE = 0.05
FEWEST_SEEDS = 3


@dataclass(frozen=True, slots=True)
class Saving:
    """Human labels saved at a target accuracy, as the fraction 1 - hybrid/human; below 0 the hybrid costs more.

    A label count is None where the arm never reaches the target; it equals the smallest size where it does so at once.
    `censored` says which arms' true counts lie beyond the sizes tried, `bound` how `saved` is then to be read:
    "at least" or "at most" its estimate. `saved` is None where the sizes tried tell nothing ("unknown").
    """

    target: float
    human_labels: float | None
    hybrid_labels: float | None
    saved: Interval | None
    censored: Censored
    bound: Bound


def curve(correct: ArrayLike, level: float = 0.95) -> list[Interval]:
    """Bound the mean accuracy at each size, from correctness of shape (sizes, seeds, items).

    >>> print(*curve([[[0, 1, 0, 1]], [[1, 1, 0, 1]]]), sep=", ")
    0.500 [0.150, 0.850], 0.750 [0.301, 0.954]
    """
    return [crossed(cells, level) for cells in np.asarray(correct, dtype=float)]


def saving(
    sizes: ArrayLike, human: ArrayLike, hybrid: ArrayLike, target: float, rng: np.random.Generator, level: float = 0.95
) -> Saving:
    """Read both learning curves at a target, from correctness of shape (sizes, seeds, items), seeds and items shared.

    Curves are made monotone by least squares (isotonic regression: a running maximum would add up lucky seeds) and
    inverted by straight lines in log N. The interval is the percentile range over both curves drawn jointly with the
    crossed covariance of all their points, scaled to what it is in the one direction that moves the saving. A draw
    that leaves the sizes counts with the worst it allows at the low end and the best at the high end; nothing is put
    below what the sizes can show, 1 - largest/smallest. Sizes are label counts, increasing and above zero; raises
    InputError otherwise.

    >>> human = np.repeat([[[1, 0, 0, 0]], [[1, 1, 0, 0]], [[1, 1, 1, 0]]], 25, axis=2)
    >>> hybrid = np.repeat([[[1, 1, 0, 0]], [[1, 1, 1, 0]], [[1, 1, 1, 0]]], 25, axis=2)
    >>> found = saving([10, 100, 1000], human, hybrid, 0.7, np.random.default_rng(1))
    >>> found.human_labels, found.hybrid_labels, found.saved.estimate, found.bound
    (630.957..., 63.095..., 0.9, 'exact')
    """
    sizes, cubes = _checked(sizes, human, hybrid)
    values = np.concatenate(cubes)
    effects = crossed_effects(values)
    spans = _both_spans(effects.mean[None], sizes, target)
    censored = _censored(*spans)
    low, high = (float(ends[0]) for ends in _fractions(*spans))
    bound = _bound(low, high)
    lows, highs = _fractions(*_both_spans(_drawn(effects, values, sizes, target, rng), sizes, target))
    saved = None
    if bound != "unknown":
        estimate = low if bound == "at least" else high
        floor = 1 - sizes[-1] / sizes[0]
        tail = (1 - level) / 2
        ends = float(np.quantile(np.maximum(lows, floor), tail)), float(np.quantile(np.maximum(highs, floor), 1 - tail))
        saved = Interval(estimate, min(ends[0], estimate), max(ends[1], estimate), level)
    human_labels, hybrid_labels = (None if np.isinf(span.high[0]) else float(span.high[0]) for span in spans)
    return Saving(float(target), human_labels, hybrid_labels, saved, censored, bound)


@dataclass(frozen=True, slots=True)
class _Spans:
    """Label counts an arm may need, a pair a draw: equal where the curve crosses the target inside the sizes."""

    low: FloatArray
    high: FloatArray


def _both_spans(points: FloatArray, sizes: FloatArray, target: float) -> tuple[_Spans, _Spans]:
    human, hybrid = np.split(points, 2, axis=1)
    return _spans(_isotonic(human), sizes, target), _spans(_isotonic(hybrid), sizes, target)


def _spans(rising: FloatArray, sizes: FloatArray, target: float) -> _Spans:
    reached = rising >= target
    first = reached.argmax(axis=1)
    rows = np.arange(len(rising))
    above, below = rising[rows, first], rising[rows, first - 1]
    logs = np.log(sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip((target - below) / (above - below), 0, 1)
    inside = np.exp(logs[first - 1] + (logs[first] - logs[first - 1]) * part)
    at_once, never = reached[:, 0], ~reached[:, -1]
    return _Spans(
        np.select([at_once, never], [0.0, sizes[-1]], inside),
        np.select([at_once, never], [sizes[0], np.inf], inside),
    )


def _isotonic(curves: FloatArray) -> FloatArray:
    """Fit rising curves by least squares, shape (draws, sizes): the max-min formula of Robertson et al. (1988)."""
    fitted = np.full_like(curves, -np.inf)
    for start in range(curves.shape[1]):
        rest = curves[:, start:]
        means = np.cumsum(rest, axis=1) / np.arange(1, rest.shape[1] + 1)
        lowest = np.minimum.accumulate(means[:, ::-1], axis=1)[:, ::-1]
        fitted[:, start:] = np.maximum(fitted[:, start:], lowest)
    return fitted


def _fractions(human: _Spans, hybrid: _Spans) -> tuple[FloatArray, FloatArray]:
    with np.errstate(divide="ignore"):
        return 1 - hybrid.high / human.low, 1 - hybrid.low / human.high


def _bound(low: float, high: float) -> Bound:
    if low == high:
        return "exact"
    if high == 1 and np.isfinite(low):
        return "at least"
    return "at most" if high < 1 else "unknown"


def _censored(human: _Spans, hybrid: _Spans) -> Censored:
    outside = bool(human.low[0] != human.high[0]), bool(hybrid.low[0] != hybrid.high[0])
    names: dict[tuple[bool, bool], Censored] = {
        (False, False): "none",
        (True, False): "human",
        (False, True): "hybrid",
        (True, True): "both",
    }
    return names[outside]


def _drawn(
    effects: Effects, values: FloatArray, sizes: FloatArray, target: float, rng: np.random.Generator
) -> FloatArray:
    """Draw both curves, their spread corrected along the gradient of the log saving.

    A covariance of many points from few seeds, kept positive in all directions, is too wide in most of them; along one
    direction it is not. Normal draws with that correction cover best (bench/coverage.py): a t as well would count twice
    what drawing around curves that are noisy themselves adds. With two seeds that is too narrow, and where draws mostly
    leave the sizes there is no gradient: the plain t stays.
    """
    points = _multivariate_t(replace(effects, df=np.inf), rng)
    human, hybrid = _both_spans(points, sizes, target)
    inside = (human.low == human.high) & (hybrid.low == hybrid.high)
    if values.shape[1] < FEWEST_SEEDS or inside.mean() < LEAST_INSIDE:
        return _multivariate_t(effects, rng)
    moved, logs = points[inside] - effects.mean, np.log(human.low[inside] / hybrid.low[inside])
    gradient = np.linalg.lstsq(moved - moved.mean(axis=0), logs - logs.mean(), rcond=None)[0]
    along = float(crossed_effects(np.tensordot(gradient, values, 1)[None]).covariance[0, 0])
    drawn = float(gradient @ effects.covariance @ gradient)
    return np.asarray(effects.mean + (points - effects.mean) * (along / drawn if drawn else 1.0) ** 0.5)


def _multivariate_t(effects: Effects, rng: np.random.Generator) -> FloatArray:
    roots, directions = np.linalg.eigh(effects.covariance)
    noise = rng.standard_normal((DRAWS, len(roots))) * np.sqrt(np.maximum(roots, 0)) @ directions.T
    heavy = np.sqrt(rng.chisquare(effects.df, (DRAWS, 1)) / effects.df) if np.isfinite(effects.df) else 1.0
    return np.asarray(effects.mean + noise / heavy)


def _checked(sizes: ArrayLike, human: ArrayLike, hybrid: ArrayLike) -> tuple[FloatArray, list[FloatArray]]:
    sizes = np.asarray(sizes, dtype=float)
    cubes = [np.asarray(arm, dtype=float) for arm in (human, hybrid)]
    if sizes.ndim != 1 or not len(sizes) or sizes[0] <= 0 or (np.diff(sizes) <= 0).any():
        raise InputError(f"sizes {sizes.tolist()} are not increasing label counts", "give numbers above zero, rising")
    if any(cube.shape != cubes[0].shape or cube.ndim != 3 or len(cube) != len(sizes) for cube in cubes):
        raise InputError(
            f"arms of shape {cubes[0].shape} and {cubes[1].shape} do not fit {len(sizes)} sizes",
            "score both arms at every size with the same seeds and items: (sizes, seeds, items)",
        )
    return sizes, cubes

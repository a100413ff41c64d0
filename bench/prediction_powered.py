"""Prediction-powered means: measured coverage, and human labels saved against rho^2 N / (n + N), as Markdown.

Where ppi-python is installed it is asked for the same intervals; start with `python -P` then, for its numba would
take bench/coverage.py for the package of that name.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from bimetal.stats import prediction_powered_mean, stratified_prediction_powered_mean
from bimetal.types import Interval

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], tuple[Array, Array]]
RUNS = 1000


def main() -> None:
    print("\n**Nominal 95 % intervals, 1,000 samples each; saving is the variance taken off the mean of the labels**\n")
    heads = ["truth", "correlation", "n", "N", "coverage", "t on labels alone", "ppi-python", "saving", "promised"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}", flush=True)
    for rho in (0.0, 0.5, 0.7, 0.9):
        for n in (20, 50, 200):
            row(f"normal | {rho:.2f}", (normal(rho), 0.0, rho), n, 10 * n)
    row("normal | 0.70", (normal(0.7), 0.0, 0.7), 200, 200)
    row("normal | 0.70", (normal(0.7), 0.0, 0.7), 200, 20_000)
    for share, name in ((0.5, "right or wrong, half"), (0.9, "right or wrong, 90 %")):
        draw = judged(share)
        rho = float(np.corrcoef(*draw(np.random.default_rng(0), 1_000_000))[0, 1])
        for n in (50, 200, 1000):
            row(f"{name} | {rho:.2f}", (draw, share, rho), n, 10 * n)
    strata()


def row(name: str, law: tuple[Draw, float, float], n: int, many: int) -> None:
    draw, middle, rho = law
    rng = np.random.default_rng(1)
    held: dict[str, list[bool]] = {"ours": [], "labels": [], "ppi": []}
    means, found = [], []
    for _ in range(RUNS):
        truth, said = draw(rng, n + many)
        ours = prediction_powered_mean(truth[:n], said[:n], said[n:])
        held["ours"].append(ours.low <= middle <= ours.high)
        held["labels"].append(holds(labels_alone(truth[:n]), middle))
        found.append(ours.estimate)
        means.append(truth[:n].mean())
        if importlib.util.find_spec("ppi_py"):
            held["ppi"].append(holds(reference(truth[:n], said[:n], said[n:], ours), middle))
    shares = [f"{np.mean(each):.3f}" if each else "not installed" for each in held.values()]
    saving, promised = 1 - np.var(found) / np.var(means), rho**2 * many / (n + many)
    print(f"| {name} | {n} | {many} | {' | '.join(shares)} | {saving:.1%} | {promised:.1%} |", flush=True)


def strata() -> None:
    """A rare stratum of a tenth gets half of the labels: unweighted means would be wrong there."""
    rng = np.random.default_rng(2)
    held, widths = [], []
    for _ in range(RUNS):
        kinds = (np.repeat([0, 1], 100), (rng.random(2000) < 0.1).astype(int))
        said = [rng.normal(size=len(each)) + 2 * each for each in kinds]
        truth = 0.7 * said[0] + 0.51**0.5 * rng.normal(size=200) + 0.5 * kinds[0]
        found = stratified_prediction_powered_mean(truth, said[0], said[1], kinds)
        held.append(found.low <= 0.1 * (1.4 + 0.5) <= found.high)
        widths.append(found.high - found.low)
    print(f"\nTwo strata labelled 100 each, the second a tenth of 2,000: coverage {np.mean(held):.3f}", end="")
    print(f", mean width {np.mean(widths):.3f}.", flush=True)


def normal(rho: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        said = rng.normal(size=n)
        return rho * said + (1 - rho**2) ** 0.5 * rng.normal(size=n), said

    return draw


def judged(share: float) -> Draw:
    """Right or wrong, and a judge's probability that it is right: calibrated, with latent correlation .9."""

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        seen = rng.normal(size=n)
        cut = norm.ppf(1 - share)
        truth = 0.9 * seen + 0.19**0.5 * rng.normal(size=n) > cut
        return truth.astype(float), norm.sf((cut - 0.9 * seen) / 0.19**0.5)

    return draw


def labels_alone(truth: Array) -> tuple[float, float]:
    half = float(t.ppf(0.975, len(truth) - 1)) * truth.std(ddof=1) / len(truth) ** 0.5
    return truth.mean() - half, truth.mean() + half


def reference(truth: Array, said: Array, others: Array, ours: Interval) -> tuple[float, float]:
    """Ask ppi-python for the same interval, and hold our estimate to its own where its lambda is not cut off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ppi = importlib.import_module("ppi_py")
    weight = np.cov(truth, said, ddof=0)[0, 1] / np.concatenate([said, others]).var(ddof=1)
    if 0 < weight < 1 and 0 < ours.estimate < 1:
        np.testing.assert_allclose(
            ours.estimate, np.squeeze(ppi.ppi_mean_pointestimate(truth, said, others)), atol=1e-9
        )
    low, high = ppi.ppi_mean_ci(truth, said, others, alpha=0.05)
    return float(np.squeeze(low)), float(np.squeeze(high))


def holds(ends: tuple[float, float], middle: float) -> bool:
    return ends[0] <= middle <= ends[1]


if __name__ == "__main__":
    main()

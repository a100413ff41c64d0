"""Measured coverage of every interval and error rate of every test in bimetal.stats, as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.datasets import load_digits

from bimetal.stats import (
    Shift,
    amplification,
    categorical_shift,
    classifier_two_sample,
    clustered,
    crossed,
    crossed_difference,
    difference_test,
    numeric_shift,
    saving,
    tail_coverage,
    within_mode_shrink,
)
from bimetal.types import Interval

Array = NDArray[np.float64]
SEEDS, ITEMS = 5, 500
SIZES = np.array([20.0, 50, 100, 200, 400, 1000])


def main() -> None:
    crossed_table()
    clustered_table()
    noninferiority_table()
    saving_table()
    mode_collapse_table()
    shift_table()


def crossed_table(runs: int = 1000) -> None:
    """Accuracy .9 by probit random effects; the difference is between .93 and .9 on the same items."""
    regimes = {"seeds dominate": (0.35, 0.1), "items dominate": (0.03, 2.0), "both matter": (0.2, 1.5)}
    rows = []
    for name, (seed_sd, item_sd) in regimes.items():
        rng = np.random.default_rng(1)
        found: dict[str, list[bool]] = {"accuracy": [], "bootstrap": [], "difference": [], "paired bootstrap": []}
        for _ in range(runs):
            first, second = answers(np.array([0.9, 0.93]), seed_sd, item_sd, SEEDS, rng)
            found["accuracy"].append(holds(crossed(first), 0.9))
            found["bootstrap"].append(holds(two_level_bootstrap(first, rng), 0.9))
            found["difference"].append(holds(crossed_difference(second, first), 0.03))
            found["paired bootstrap"].append(holds(two_level_bootstrap(second - first, rng), 0.03))
        rows.append([name, *(share(hits) for hits in found.values())])
    heads = ["5 seeds x 500 items", "crossed", "two-level bootstrap", "crossed_difference", "paired bootstrap"]
    table("Coverage of nominal 95 % intervals", heads, rows)


def clustered_table(runs: int = 400) -> None:
    """Groups of 1 to 12 items share a probit effect of this size; accuracy .9, or .93 less .9 on the same items."""
    rows = []
    for between, groups in ((0.0, 100), (0.7, 100), (1.5, 100), (1.5, 30)):
        rng = np.random.default_rng(7)
        found: dict[str, list[bool]] = {"plain": [], "robust": [], "plain gap": [], "robust gap": []}
        for _ in range(runs):
            codes = np.repeat(np.arange(groups), rng.integers(1, 13, groups))
            middle = norm.ppf([0.9, 0.93]) * (1 + between**2 + 0.1**2) ** 0.5
            ease = middle[:, None, None] + between * rng.normal(size=groups)[codes] + rng.normal(0, 0.1, (2, SEEDS, 1))
            right = (ease + rng.normal(size=(2, SEEDS, len(codes))) > 0).astype(float)
            first, second = clustered(right, codes)
            found["plain"].append(holds(crossed(right[0]), 0.9))
            found["robust"].append(holds(crossed(first), 0.9))
            found["plain gap"].append(holds(crossed_difference(right[1], right[0]), 0.03))
            found["robust gap"].append(holds(crossed_difference(second, first, one=groups / len(codes)), 0.03))
        rows.append([f"effect {between:g}, {groups} groups", *(share(hits) for hits in found.values())])
    heads = ["items in groups", "crossed", "crossed, clustered", "crossed_difference", "crossed_difference, clustered"]
    table("Coverage of nominal 95 % intervals", heads, rows)


def noninferiority_table(runs: int = 1000) -> None:
    """Rejections at .025, margin one point, accuracy .95: an error at the margin's edge, the power at a tie."""
    regimes = {"seeds dominate": (0.2, 0.1), "items dominate": (0.03, 2.0), "both matter": (0.1, 1.5)}
    rows = []
    for name, (seed_sd, item_sd) in regimes.items():
        rng = np.random.default_rng(8)
        found: dict[float, list[bool]] = {-0.01: [], 0.0: [], 0.01: []}
        better = []
        for gap, hits in found.items():
            for _ in range(runs):
                behind, ahead = answers(np.array([0.95, 0.95 + gap]), seed_sd, item_sd, SEEDS, rng)
                tested = difference_test(ahead, behind, 0.01)
                hits.append(tested.p_noninferior <= 0.025)
                if not gap:
                    better.append(tested.p_superior <= 0.025)
        rows.append([name, *(share(each) for each in (*found.values(), better))])
    heads = ["5 seeds x 500 items", "one point worse", "equal", "one point better", "equal: called superior"]
    table("difference_test: rejections at .025", heads, rows)


def saving_table(runs: int = 300) -> None:
    """Error .02 + .9 N^-.6; the hybrid is worth some labels more; the truth is the smooth curve's, not the grid's."""
    rows = []
    cases = [
        ("items dominate", 0.945, 60, (0.03, 2.0), 5),
        ("both matter", 0.945, 60, (0.3, 1.5), 5),
        ("both matter, 10 seeds", 0.945, 60, (0.3, 1.5), 10),
        ("seeds dominate", 0.945, 60, (0.6, 0.1), 5),
        ("seeds dominate, 3 seeds", 0.945, 60, (0.6, 0.1), 3),
        ("no saving", 0.945, 0, (0.3, 1.5), 5),
        ("harm", 0.945, -15, (0.3, 1.5), 5),
        ("hybrid there at once", 0.90, 30, (0.3, 1.5), 5),
        ("human never there", 0.967, 300, (0.3, 1.5), 5),
    ]
    for name, target, gift, (seed_sd, item_sd), seeds in cases:
        rng = np.random.default_rng(2)
        needed = ((0.98 - target) / 0.9) ** (-1 / 0.6)
        truth = 1 - (needed - gift) / needed
        arms = np.stack([0.98 - 0.9 * (SIZES + more) ** -0.6 for more in (0, gift)])
        sds = np.tile(seed_sd * (SIZES[0] / SIZES) ** 0.3, (2, 1))
        found = []
        for _ in range(runs):
            human, hybrid = answers(arms, sds, item_sd, seeds, rng)
            found.append(saving(SIZES, human, hybrid, target, rng))
        told = [each.saved for each in found if each.saved is not None]
        rows.append(
            [
                name,
                f"{target:.3f}",
                f"{truth:.2f}",
                f"{np.median([each.estimate for each in told]):.2f}",
                share(holds(each, truth) for each in told),
                f"{np.median([each.low for each in told]):.2f} to {np.median([each.high for each in told]):.2f}",
                f"{np.mean([each.bound == 'exact' for each in found]):.0%}",
            ]
        )
    heads = ["saving", "target", "truth", "median estimate", "coverage", "median interval", "uncensored"]
    table("Coverage of the saving's nominal 95 % interval", heads, rows)


def mode_collapse_table() -> None:
    """Null cases hold two draws of one law; the others drop or shrink what the first column says."""
    digits, label = load_digits(return_X_y=True)

    def halves(rng: np.random.Generator, keep: NDArray[np.bool_]) -> tuple[Array, Array]:
        order = rng.permutation(len(digits))
        first, second = order[: len(digits) // 2], order[len(digits) // 2 :]
        return digits[first], digits[second[keep[second]]]

    def tail_lost(rng: np.random.Generator, n: int, d: int) -> tuple[Array, Array]:
        rows = rng.normal(size=(2 * n, d))
        centre = np.linalg.norm(rows[n:], axis=1)
        return rows[:n], rows[n:][centre < np.quantile(centre, 0.95)]

    def mode_lost(rng: np.random.Generator, n: int, d: int) -> tuple[Array, Array]:
        rows = rng.normal(size=(2 * n, d))
        rows[: n // 20, 0] += 6
        return rows[:n], rows[n:]

    everything = np.ones(len(digits), dtype=bool)
    cases: list[tuple[str, int, Callable[[np.random.Generator], tuple[Array, Array]]]] = [
        ("equal: normal, 500 + 500, d = 8", 200, lambda rng: (rng.normal(size=(500, 8)), rng.normal(size=(500, 8)))),
        ("equal: t(3), 300 + 900, d = 3", 200, lambda rng: (rng.standard_t(3, (300, 3)), rng.standard_t(3, (900, 3)))),
        ("equal: halves of 8x8 digits, d = 64", 60, lambda rng: halves(rng, everything)),
        ("5 % mode dropped, n = 3000, d = 8", 10, lambda rng: mode_lost(rng, 3000, 8)),
        ("outermost 5 % dropped, n = 3000, d = 8", 10, lambda rng: tail_lost(rng, 3000, 8)),
        ("outermost 5 % dropped, n = 500, d = 8", 40, lambda rng: tail_lost(rng, 500, 8)),
        ("digit 7 dropped (10 %)", 20, lambda rng: halves(rng, label != 7)),
        ("shrunk by .9, n = 500, d = 8", 40, lambda rng: (rng.normal(size=(500, 8)), 0.9 * rng.normal(size=(500, 8)))),
    ]
    rows = []
    for name, runs, draw in cases:
        rng = np.random.default_rng(3)
        tails, shrinks = [], []
        for _ in range(runs):
            real, synthetic = draw(rng)
            tails.append(tail_coverage(real, synthetic, rng).p <= 0.05)
            shrinks.append(within_mode_shrink(real, synthetic, rng)[1] <= 0.05)
        rows.append([name, str(runs), share(tails), share(shrinks)])
    table("Rejections at .05: mode collapse", ["case", "runs", "tail_coverage", "within_mode_shrink"], rows)


def shift_table() -> None:
    """`effect > 0` and `> .05` are how often the interval's low end lies above; .05 stands for a tolerance."""

    def new_mode(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        rows = rng.normal(size=(2, n))
        rows[1, : n // 100] += 6
        return rows[0], rows[1]

    def pair(moved: float) -> Array:
        return np.array([[0.0], [moved]])

    def codes(rng: np.random.Generator, n: int, kinds: int, tilt: float = 0.0) -> tuple[list[int], list[int]]:
        weight = 1 + tilt * np.where(np.arange(kinds) % 2, 1, -1)
        return rng.integers(kinds, size=n).tolist(), rng.choice(kinds, size=n, p=weight / weight.sum()).tolist()

    cases: list[tuple[str, int, Callable[..., Shift], Callable[[np.random.Generator], Any]]] = [
        ("equal normals, n = 300", 400, numeric_shift, lambda rng: rng.normal(size=(2, 300))),
        ("equal counts 0-5, n = 300", 300, numeric_shift, lambda rng: rng.poisson(1, (2, 300))),
        ("normal moved .01 sd, n = 100,000", 20, numeric_shift, lambda rng: rng.normal(size=(2, 100_000)) + pair(0.01)),
        ("normal moved .3 sd, n = 1000", 100, numeric_shift, lambda rng: rng.normal(size=(2, 1000)) + pair(0.3)),
        ("1 % new mode, n = 1000", 100, numeric_shift, lambda rng: new_mode(rng, 1000)),
        ("1 % new mode, n = 100,000", 20, numeric_shift, lambda rng: new_mode(rng, 100_000)),
        ("equal, 1000 categories, n = 10,000", 40, categorical_shift, lambda rng: codes(rng, 10_000, 1000)),
        ("equal, 5 categories, n = 200", 200, categorical_shift, lambda rng: codes(rng, 200, 5)),
        ("1000 categories, variation .2", 20, categorical_shift, lambda rng: codes(rng, 10_000, 1000, 0.4)),
        ("6 categories, variation .1, n = 2000", 50, categorical_shift, lambda rng: codes(rng, 2000, 6, 0.2)),
    ]
    rows = []
    for name, runs, test, draw in cases:
        rng = np.random.default_rng(4)
        found = [test(*draw(rng), level=0.95, rng=rng) for _ in range(runs)]
        rows.append(
            [
                name,
                str(runs),
                share(each.p <= 0.05 for each in found),
                share(each.tail_p <= 0.05 for each in found),
                share(each.effect.low > 0 for each in found),
                share(each.effect.low > 0.05 for each in found),
                f"{np.mean([each.effect.estimate for each in found]):.3f}",
            ]
        )
    table("Rejections at .05: columns", ["case", "runs", "p", "tail_p", "effect > 0", "> .05", "mean effect"], rows)
    rows = []
    for moved, runs in ((0.0, 40), (0.7, 10)):
        rng = np.random.default_rng(5)
        draws = [(rng.normal(size=(100, 10)), rng.normal(size=(100, 10)) + moved * np.eye(10)[0]) for _ in range(runs)]
        tests = [classifier_two_sample(*pair, rng) for pair in draws]
        auc = f"{np.mean([interval.estimate for interval, _ in tests]):.3f}"
        rows.append(
            [f"{moved:g} sd in one of ten columns, n = 100", str(runs), share(p <= 0.05 for _, p in tests), auc]
        )
    table("Rejections at .05: classifier", ["case", "runs", "p", "mean AUC"], rows)
    shares = np.array([0.5, 0.3, 0.15, 0.04, 0.01])
    rng = np.random.default_rng(6)
    pairs = [(rng.multinomial(500, shares), rng.multinomial(500, shares)) for _ in range(500)]
    kept = [all(holds(each, 1) for each in amplification(*pair)) for pair in pairs]
    table("amplification()", ["case", "all five ratios covered"], [["equal shares, rarest 1 %, n = 500", share(kept)]])


def answers(
    accuracy: Array, seed_sd: Array | float, item_sd: float, seeds: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw correctness by a probit model: one item effect for all, half of each seed's effect shared by all cells."""
    sds = np.broadcast_to(seed_sd, accuracy.shape)
    middle = norm.ppf(accuracy) * np.sqrt(1 + sds**2 + item_sd**2)
    shared, own = rng.normal(size=seeds), rng.normal(size=(*accuracy.shape, seeds))
    seed = np.sqrt(0.5) * (shared + own) * sds[..., None]
    noise = rng.normal(size=(*accuracy.shape, seeds, ITEMS))
    right = middle[..., None, None] + seed[..., None] + item_sd * rng.normal(size=ITEMS) + noise > 0
    return np.asarray(right, dtype=float)


def two_level_bootstrap(values: Array, rng: np.random.Generator, draws: int = 300) -> Interval:
    """Resample seeds, then items: the straw this project does not use."""
    seeds, items = values.shape
    by_seed = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=draws) / seeds
    by_item = rng.multinomial(items, np.full(items, 1 / items), size=draws) / items
    means = ((by_seed @ values) * by_item).sum(axis=1)
    return Interval(float(values.mean()), float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975)))


def holds(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


def share(hits: Iterable[bool]) -> str:
    """A share with its Monte-Carlo standard error."""
    each = np.fromiter(hits, dtype=float)
    return f"{each.mean():.3f} ± {(each.mean() * (1 - each.mean()) / len(each)) ** 0.5:.3f}"


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [heads, ["---"] * len(heads), *rows]
    print(f"\n**{title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines), flush=True)


if __name__ == "__main__":
    main()

"""The privacy check: how often it fails rows made without the seeds, what it finds of planted ones, and a trap.

Tables of five columns, numbers and names, some shared by many. False alarms: seeds, holdout and rows made come of one
law. Power: some of the rows made are seeds, as they are or with noise. The trap: singling out judged by a control
smaller than the seeds finds a risk in rows made without them. Run: python bench/privacy.py
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.checks._singling import _matching, _predicates, coded
from bimetal.checks.privacy import Privacy
from bimetal.plugins import Context
from bimetal.stats.intervals import wilson
from bimetal.types import Dataset, Origin, Task

NUMBERS = ("age", "income", "hours")
TESTS = ("copies", "share", "near copies", "membership", "sure members", "singling out")


def people(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Draw rows as a register has them."""
    return {
        "age": rng.integers(18, 90, n).astype(float),
        "income": np.exp(rng.normal(8, 1, n)),
        "hours": np.where(rng.random(n) < 0.5, 40.0, rng.integers(1, 80, n)),
        "job": np.array([f"job {each}" for each in rng.integers(0, 12, n)], object),
        "town": np.array([f"town {each}" for each in (40 * rng.random(n) ** 2).astype(int)], object),
    }


def planted(made: dict[str, Any], seeds: dict[str, Any], many: int, noise: float, rng: np.random.Generator) -> None:
    """Put seeds among the rows made, their numbers moved by a share of the columns' spread."""
    for name, cells in made.items():
        moved = noise * np.std(seeds[name]) * rng.normal(size=many) if name in NUMBERS else 0
        cells[:many] = seeds[name][:many] + moved if name in NUMBERS else seeds[name][:many]


def judged(seed: int, n: int, many: int, noise: float) -> Counter[str]:
    """Count which tests fail or warn in one run."""
    rng = np.random.default_rng([seed, n, many, int(1000 * noise)])
    seeds, holdout, made = (people(rng, n) for _ in range(3))
    planted(made, seeds, many, noise, rng)
    known = {name: [*seeds[name], *holdout[name]] for name in seeds}
    reference = dataset(known | {"holdout": [False] * n + [True] * n})
    found = Privacy()(dataset({name: list(cells) for name, cells in made.items()}), reference, Context(rng))
    alarms = Counter(each.where for each in found if each.verdict in {"warn", "fail"})
    return alarms + Counter({"any": int(bool(alarms))})


def dataset(columns: dict[str, Any]) -> Dataset:
    return Dataset("a table", pa.table(columns), Task(), "train", Origin("undeclared", "a bench"))


def table(n: int, runs: int, cases: dict[str, tuple[int, float]]) -> None:
    print(f"{n:,} seeds, as many of holdout and made; {runs} runs\n")
    print("| made |", " | ".join((*TESTS, "any, with its 95 % interval")), "|\n|---|" + "---|" * (len(TESTS) + 1))
    for name, (many, noise) in cases.items():
        alarms = sum((judged(seed, n, many, noise) for seed in range(runs)), Counter[str]())
        least = wilson(alarms["any"], runs)
        cells = [f"{alarms[test] / runs:.1%}" for test in TESTS]
        print(f"| {name} |", " | ".join(cells), f"| {least.estimate:.1%} [{least.low:.1%}, {least.high:.1%}] |")


def trap(n: int, runs: int) -> None:
    """Compare singling-out rates by two-proportion tests at 5 %, the control as large as the seeds and smaller."""
    from scipy.stats import norm

    print("| holdout rows a seed | a risk is found in rows made without the seeds |\n|---|---|")
    for share in (1.0, 0.5, 0.2, 0.1):
        alarms = 0
        for seed in range(runs):
            rng = np.random.default_rng([seed, 99])
            few = int(share * n)
            seeds, control, made = people(rng, n), people(rng, few), people(rng, n)
            codes, others = coded(made, {name: np.concatenate([seeds[name], control[name]]) for name in seeds})
            fits = [_matching(others, *each) for each in _predicates(codes, rng)]
            ones = np.array([[(each < n).sum() == 1, (each >= n).sum() == 1] for each in fits]).mean(axis=0)
            wide = np.sqrt(2 * ones.mean() * (1 - ones.mean()) / len(fits))
            alarms += int((ones[0] - ones[1]) / wide > norm.ppf(0.95))
        print(f"| {share:g} | {alarms / runs:.0%} of {runs} runs |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rows", type=int, default=500)
    given = parser.parse_args()
    print("## False alarms\n")
    table(given.rows, given.runs, {"without the seeds": (0, 0.0)})
    print("\n## Power\n")
    n = 2 * given.rows
    cases = {
        "1 % copies": (n // 100, 0.0),
        "1 % near copies, 1 % noise": (n // 100, 0.01),
        "10 % near copies, 1 % noise": (n // 10, 0.01),
        "30 % of seeds, 20 % noise": (3 * n // 10, 0.2),
    }
    table(n, max(given.runs // 10, 5), cases)
    print("\n## A smaller control\n")
    trap(given.rows, max(given.runs // 10, 5))


if __name__ == "__main__":
    main()

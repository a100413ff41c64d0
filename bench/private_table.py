"""A census table under differential privacy: utility at several epsilons, and an audit by attacks that try to break it.

UCI Adult: every seed draws 10,000 rows of the training file, fits to them and draws as many; judged on the test file.
TSTR is the AUC there of boosting trained on what was drawn; TV2 the mean total variation over all pairs of columns,
numbers cut at the test file's deciles. The lists of names are those that UCI publishes with the data, so public.
The audit draws many times from tables that differ in one row and bounds epsilon from below (Clopper and
Pearson, 99.9 %); a variant with an eighth of the noise shows that it would notice. Run: python bench/private_table.py
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import math
import os
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.endpoints.noise import noise
from bimetal.generators._asking import answered
from bimetal.generators._private.account import Budget
from bimetal.generators._private.columns import LABEL, Column, Names, Public, read
from bimetal.generators._private.exact import Noise
from bimetal.generators._private.fit import fit
from bimetal.generators._private.purse import Purse
from bimetal.generators.private_table import PrivateTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bimetal.types import FloatArray, IntArray

DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
NUMBERS = ("age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours")
COLUMNS = (
    "age", "workclass", "fnlwgt", "education", "education_num", "marital", "occupation", "relationship", "race", "sex",
    "capital_gain", "capital_loss", "hours", "country", "label",
)  # fmt: skip
NAMES = tuple(name for name in COLUMNS if name not in NUMBERS)
ROWS = 10_000


def adult(part: str) -> pa.Table:
    """Read the train or the test file."""
    with gzip.open(DATA / "tabular" / f"adult-{part}.csv.gz", "rt") as file:
        rows = [line.strip().rstrip(".").split(", ") for line in file if line.count(",") == 14]
    cells = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    return pa.table({name: pa.array(list(map(int, each)) if name in NUMBERS else each) for name, each in cells.items()})


def published(train: pa.Table, test: pa.Table) -> dict[str, list[str]]:
    """Give the lists of names, which UCI publishes in adult.names; both files together hold every one."""
    return {name: sorted({str(each) for table in (train, test) for each in table[name].to_pylist()}) for name in NAMES}


def drawn(generator: PrivateTable, seed_rows: pa.Table, n: int, key: bytes) -> pa.Table:
    """Draw rows with noise from a key."""
    steps = generator(n, np.random.default_rng(0), seed_rows)
    return pa.Table.from_batches(list(answered(steps, noise(key, "a bench"))))


def key_of(*parts: object) -> bytes:
    """Make a key that a bench can make again: no secret, unlike one that protects anybody."""
    return hashlib.sha256(repr(parts).encode()).digest()


def tstr(train: pa.Table, test: pa.Table) -> float:
    """Train boosting on one table and give its AUC on another."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    known = {name: _coded(test[name]) for name in NAMES}

    def matrix(rows: pa.Table) -> FloatArray:
        coded = [
            rows[name].to_numpy()
            if name in NUMBERS
            else [known[name].get(str(each), np.nan) for each in rows[name].to_pylist()]
            for name in COLUMNS[:-1]
        ]
        return np.column_stack([np.asarray(each, float) for each in coded])

    names = [place for place, name in enumerate(COLUMNS[:-1]) if name not in NUMBERS]
    model = HistGradientBoostingClassifier(categorical_features=names, random_state=0)
    model.fit(matrix(train), [each == ">50K" for each in train["label"].to_pylist()])
    truth = [each == ">50K" for each in test["label"].to_pylist()]
    return float(roc_auc_score(truth, model.predict_proba(matrix(test))[:, 1]))


def _coded(column: Any) -> dict[str, int]:
    return {word: code for code, word in enumerate(sorted({str(each) for each in column.to_pylist()}))}


def tv2(made: pa.Table, test: pa.Table) -> float:
    """Give the mean total variation of all pairs of columns."""
    codes = [_codes(made[name], test[name], name in NUMBERS) for name in COLUMNS]
    gaps = []
    for one, (a, b) in enumerate(codes):
        for c, d in codes[one + 1 :]:
            wide = int(max(c.max(), d.max())) + 1
            size = wide * (int(max(a.max(), b.max())) + 1)
            shares = [np.bincount(x * wide + y, minlength=size) / len(x) for x, y in ((a, c), (b, d))]
            gaps.append(0.5 * np.abs(shares[0] - shares[1]).sum())
    return float(np.mean(gaps))


def _codes(made: Any, test: Any, number: bool) -> tuple[IntArray, IntArray]:
    if number:
        cuts = np.unique(np.quantile(test.to_numpy(), np.arange(0.1, 1, 0.1)))
        filled = np.nan_to_num(made.to_numpy().astype(float), nan=-1)
        return np.searchsorted(cuts, filled, "right"), np.searchsorted(cuts, test.to_numpy(), "right")
    both = np.unique([str(each) for each in [*made.to_pylist(), *test.to_pylist()]], return_inverse=True)[1]
    return both[: len(made)], both[len(made) :]


def copies(made: pa.Table, train: pa.Table) -> float:
    """Give the share of rows drawn that stand in the training rows as they are."""
    known = set(zip(*(train[name].to_pylist() for name in COLUMNS), strict=True))
    return float(np.mean([row in known for row in zip(*(made[name].to_pylist() for name in COLUMNS), strict=True)]))


def told(values: Sequence[float], digits: int = 3) -> str:
    """Spell a mean over seeds with its 95 % t interval."""
    from scipy.stats import t

    mean, wide = np.mean(values), t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
    return f"{mean:.{digits}f} [{mean - wide:.{digits}f}, {mean + wide:.{digits}f}]"


def utility(seeds: int) -> None:
    train, test = adult("train"), adult("test")
    lists = published(train, test)
    everything, listed = PrivateTable(), PrivateTable(categories=lists)
    ends = {"age": [17, 90], "fnlwgt": [1, 2_000_000], "education_num": [1, 16], "capital_gain": [0, 99_999],
            "capital_loss": [0, 5000], "hours": [1, 99]}  # fmt: skip
    arms: dict[str, PrivateTable | None] = {
        "other real rows": None,
        "epsilon 1, names public, bins found": listed,
        "epsilon 1, names and bins found": everything,
        "epsilon 1, names and ends public": replace(listed, bounds=ends),
        "epsilon 1, delta 0, names and ends public": replace(listed, bounds=ends, delta=0.0),
        **{f"epsilon {each:g}, names public, bins found": replace(listed, epsilon=each) for each in (0.5, 2.0, 4.0)},
    }
    print(f"{seeds} seeds; mean [95 % t interval]; delta = 1e-6 where nothing else is said\n")
    print("| drawn | TSTR | TSTR less real | TV2 | copies | CPU s, fit and 10,000 rows |\n|---|---|---|---|---|---|")
    halves = [
        train.take(np.random.default_rng([seed, 5]).permutation(train.num_rows)[: 2 * ROWS]) for seed in range(seeds)
    ]
    best = [tstr(each.slice(0, ROWS), test) for each in halves]
    for name, generator in arms.items():
        rows = [_judged(generator, half, test, key_of(name, seed)) for seed, half in enumerate(halves)]
        aucs, gaps, shared, seconds = (list(each) for each in zip(*rows, strict=True))
        less = [one - other for one, other in zip(aucs, best, strict=True)]
        print(
            f"| {name} | {told(aucs)} | {told(less)} | {told(gaps, 4)} | {np.mean(shared):.2%} | {told(seconds, 2)} |"
        )
    begun = time.process_time()
    drawn(everything, train.slice(0, ROWS), 1_000_000, key_of("many"))
    print(f"\n10^6 rows: {time.process_time() - begun:.1f} CPU s, the fit included.")


def _judged(generator: PrivateTable | None, half: pa.Table, test: pa.Table, key: bytes) -> tuple[float, ...]:
    mine, others = half.slice(0, ROWS), half.slice(ROWS)
    begun = time.process_time()
    made = drawn(generator, mine, ROWS, key) if generator else others
    seconds = time.process_time() - begun
    return tstr(made, test), tv2(made, test), copies(made, mine), seconds


class Overheard(Purse):
    """A purse whose every answer an attacker hears: more than rows ever show, for they are made of these alone."""

    def __init__(self, budget: Budget, source: Noise, louder: int = 1) -> None:
        super().__init__(budget, source)
        self.heard: list[tuple[FloatArray, float]] = []
        self._louder = louder

    def counted(self, what: str, counts: IntArray, cost: float) -> FloatArray:
        """Answer as told; a variant that is broken on purpose adds less noise than it accounts for."""
        noisy = super().counted(what, counts, cost)
        noisy = counts + np.round((noisy - counts) / self._louder)
        self.heard.append((noisy, self.deviation(cost)))
        return noisy


def neighbours() -> tuple[pa.Table, pa.Table, dict[str, list[str]]]:
    """Make two tables of names, 2,000 rows of two kinds and in one of them a row like no other."""
    names = ("a", "b", "c", "d")
    common = {each: ["usual", "other"] * 1000 for each in names} | {LABEL: ["no"] * 2000}
    one_more = {each: [*cells, "canary"] for each, cells in common.items()} | {LABEL: [*common[LABEL], "yes"]}
    lists = {each: ["usual", "other", "canary"] for each in names} | {LABEL: ["no", "yes"]}
    return pa.table(common), pa.table(one_more), lists


def heard(rows: pa.Table, lists: dict[str, list[str]], budget: Budget, key: bytes, louder: int) -> float:
    """Score how much an attacker who hears everything believes that the canary is there: a log-likelihood ratio."""
    del lists
    label, found = _read(rows.num_rows % 2)
    columns = [each for each in found if isinstance(each, Names)]
    purse = Overheard(budget, Noise(key), louder)
    fit(label, columns, 16, purse)
    place = label.spelled.index("yes")
    spots = [0] + [each.spelled.index("canary") for each in columns]
    score = purse.heard[0][0][place] / purse.heard[0][1] ** 2
    for (noisy, deviation), spot in zip(purse.heard[1 : len(spots)], spots[1:], strict=True):
        score += noisy[spot, place] / deviation**2
    for noisy, deviation in purse.heard[len(spots) :]:  # pairs of columns, where rare names share the last group
        spot = spots[1] if len(noisy) == len(columns[0].spelled) else len(noisy) - 1
        score += noisy[spot, spot] / deviation**2
    return float(score)


@cache
def _read(side: int) -> tuple[Names, list[Column]]:
    *tables, lists = neighbours()
    return read(tables[side], Public({}, lists))


def shown(rows: pa.Table, lists: dict[str, list[str]], budget: Budget, key: bytes, louder: int) -> float:
    """Score the same by rows alone: how many of those drawn are like the canary in anything."""
    del louder
    made = drawn(PrivateTable(budget.epsilon, budget.delta, categories=lists), rows, 300, key)
    return float(sum(made[name].to_pylist().count("canary") for name in lists if name != LABEL)
                 + made[LABEL].to_pylist().count("yes"))  # fmt: skip


def bound(without: FloatArray, with_it: FloatArray, delta: float) -> float:
    """Bound epsilon from below at 99.9 %, the threshold chosen on the first half of the runs alone."""
    from scipy.stats import beta

    half = len(without) // 2
    best = (-math.inf, 0.0, False)
    for threshold in np.quantile(np.concatenate([without[:half], with_it[:half]]), np.linspace(0.005, 0.995, 199)):
        for turned in (False, True):
            few, many = _rates(without[:half], with_it[:half], float(threshold), turned)
            if min(few, many) * half >= 5:
                best = max(best, (math.log(many / few), float(threshold), turned))
    few, many = (round(each * half) for each in _rates(without[half:], with_it[half:], best[1], best[2]))
    high = beta.ppf(1 - 0.0005, few + 1, half - few)
    low = beta.ppf(0.0005, many, half - many + 1) if many else 0.0
    return max(0.0, math.log((low - delta) / high)) if low > delta else 0.0


def _rates(without: FloatArray, with_it: FloatArray, threshold: float, turned: bool) -> tuple[float, float]:
    rates = float(np.mean(without > threshold)), float(np.mean(with_it > threshold))
    return (1 - rates[1], 1 - rates[0]) if turned else rates


def audited(runs: int, fewer: int) -> None:
    print(f"Lower bounds at 99.9 % from {runs:,} runs on each of two neighbouring tables ({fewer:,} of rows drawn).\n")
    print("| attacker | claimed | noise | epsilon is at least | verdict |\n|---|---|---|---|---|")
    without, with_it, lists = neighbours()
    attacks: list[tuple[str, Callable[..., float], float, float, int, int]] = [
        ("hears every answer", heard, 1.0, 1e-6, 1, runs),
        ("hears every answer", heard, 1.0, 0.0, 1, runs),
        ("hears every answer", heard, 4.0, 1e-6, 1, runs),
        ("sees 300 rows", shown, 1.0, 1e-6, 1, fewer),
        ("hears every answer", heard, 1.0, 1e-6, 8, runs),
        ("hears every answer", heard, 1.0, 0.0, 8, runs),
    ]
    for who, attack, epsilon, delta, louder, times in attacks:
        budget = Budget(epsilon, delta)
        scores = [
            np.array(
                [
                    attack(rows, lists, budget, key_of(who, epsilon, delta, louder, side, k), louder)
                    for k in range(times)
                ]
            )
            for side, rows in enumerate((without, with_it))
        ]
        least = bound(scores[0], scores[1], delta)
        verdict = "breaks its claim" if least > epsilon else "within its claim"
        noisy = "as accounted for" if louder == 1 else f"1/{louder} of it, broken on purpose"
        print(f"| {who} | epsilon {epsilon:g}, delta {delta:g} | {noisy} | {least:.3f} | {verdict} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--fewer", type=int, default=1000)
    given = parser.parse_args()
    print("## Utility, Adult\n")
    utility(given.seeds)
    print("\n## Audit\n")
    audited(given.runs, given.fewer)


if __name__ == "__main__":
    main()

"""A rare class: labels asked at random or by margin, and positives made from the same labels, on mammography.

Mammography (Woods and others 1993): 11,183 rows of six numbers, 2.3 % positive. Of equal rows one is kept, which
leaves 7,848 (3.2 % positive): nobody pays twice for one label. A fixed half is the panel, judged in this script alone.
The strategy was chosen inside the other half, with five seeds: margin and committees (bald) asked equally well, margin
then k-means a little worse. Jitter and SMOTE are fitted to each cell's own labels. Run: python bench/mammography.py
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.compute import run_local
from bimetal.generators.jitter import Jitter
from bimetal.generators.smote import Smote
from bimetal.learners.boosted import Boosted
from bimetal.pilot import Arm, Design, PilotData, PilotResult, run_pilot
from bimetal.pilot.words import saving_words
from bimetal.stats import crossed_difference, saving
from bimetal.types import Spec

DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
SIZES = (100, 200, 400, 800, 1600, 3200)
FEWER = (50, 100, 200, 400, 800, 1600)
TARGETS = (0.5, 0.55, 0.6, 0.65, 0.7)
PRECISION = Spec("metrics", "average_precision", {"positive": "yes"})
RECALL = Spec("metrics", "recall_at_fpr", {"fpr": 0.01, "positive": "yes"})
# As many rare rows made as there are labels, each weighing as much as a label: what users of SMOTE do.
RANDOM = (
    Arm("human"),
    Arm("hybrid, jitter", synthetic=1, weight=1.0, source="jitter"),
    Arm("hybrid, SMOTE", synthetic=1, weight=1.0, source="smote"),
)
ACTIVE = (
    Arm("human, active", select="margin"),
    Arm("hybrid, jitter, active", synthetic=1, weight=1.0, source="jitter", select="margin"),
)


@dataclass(frozen=True)
class Balanced:
    """Weigh classes so that each weighs the same in all: what people do for a rare class without synthetic rows."""

    base: Any

    def __call__(self, train: pa.Table, weight: Any, unlabelled: pa.Table | None, rng: np.random.Generator) -> Any:
        codes = np.unique(np.array(train["label"].to_pylist(), str), return_inverse=True)[1]
        return self.base(train, weight / np.bincount(codes, weight)[codes] * len(codes) / 2, unlabelled, rng)


def distinct() -> pa.Table:
    """Read every distinct row once: columns x0 to x5, label yes or no."""
    with gzip.open(DATA / "tabular" / "mammography.csv.gz", "rt") as file:
        cells = np.genfromtxt(file, delimiter=",", dtype=str)
    numbers, first = np.unique(cells[:, :6].astype(float), axis=0, return_index=True)
    labels = np.where(np.char.strip(cells[first, 6], "'") == "1", "yes", "no")
    return pa.table({**{f"x{k}": pa.array(column) for k, column in enumerate(numbers.T)}, "label": pa.array(labels)})


def halves(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Split into a pool and a panel, the same on every machine."""
    held_out = np.random.default_rng(20260101).permutation(rows.num_rows) < rows.num_rows / 2
    return rows.filter(pa.array(~held_out)), rows.filter(pa.array(held_out))


def pilot(learner: Any, arms: tuple[Arm, ...], design: tuple[Any, ...], workers: int | None) -> PilotResult:
    """Compare arms on the panel; `design` is sizes, seeds and metric."""
    sizes, seeds, metric = design
    pool, panel = halves(distinct())
    data = PilotData(pool, panel, {"jitter": Jitter(only="rarest"), "smote": Smote(only="rarest")})

    def told(done: int, total: int, _: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done}/{total}")

    registered = Design(sizes, seeds, arms, TARGETS, metric=metric)
    return run_pilot(data, learner, registered, lambda work, cells: run_local(work, cells, workers), told)


def show(result: PilotResult) -> None:
    """Print the curves, what each mix gains on people alone, and the pilot's verdict, as Markdown."""
    sizes, values = result.design.sizes, result.values
    print(f"{result.panel_items} panel items, {result.design.seeds} seeds; {result.measure} in % [95 % interval]\n")
    print("| arm |", " | ".join(f"N = {n}" for n in sizes), "|\n|---|" + "---|" * len(sizes))
    for arm, curve in result.arms.items():
        print(f"| {arm} |", " | ".join(f"{e.estimate:.1%} [{e.low:.1%}, {e.high:.1%}]" for e in curve), "|")
    for mix in [arm for arm in result.design.arms if arm.uses_synthetic]:
        alone = next(arm for arm in result.design.baselines if arm.select == mix.select)
        gaps = [crossed_difference(a, b) for a, b in zip(values[mix.name], values[alone.name], strict=True)]
        told = [f"{gap.estimate * 100:+.1f} [{gap.low * 100:+.1f}, {gap.high * 100:+.1f}]" for gap in gaps]
        print(f"| {mix.name} less {alone.name}, points |", " | ".join(told), "|")
    print(f"\n- verdict ({result.verdict}): {result.answer}")


def asked(result: PilotResult) -> None:
    """Print how many labels asking by margin saves against asking at random: no synthetic row on either side."""
    for target in TARGETS:
        saved = saving(
            result.design.sizes,
            result.values["human"],
            result.values["human, active"],
            target,
            np.random.default_rng([0, 3]),
        )
        print(f"- active against random, at {target:.0%} {result.measure}: {saving_words(saved)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int)
    typed = parser.parse_args()
    print("## Boosted trees\n", flush=True)
    result = pilot(Boosted(), (*RANDOM, *ACTIVE), (SIZES, typed.seeds, PRECISION), typed.workers)
    show(result)
    asked(result)
    print("\n## The same with class weights, asked at random\n", flush=True)
    show(pilot(Balanced(Boosted()), RANDOM, (FEWER, typed.seeds, PRECISION), typed.workers))
    print("\n## Recall at 1 % false positives\n", flush=True)
    show(pilot(Boosted(), (*RANDOM[:2], *ACTIVE), (FEWER, typed.seeds, RECALL), typed.workers))


if __name__ == "__main__":
    main()

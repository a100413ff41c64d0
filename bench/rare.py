"""Twenty positives: what made ones add to boosted trees and logistic regression, beside class weights and thresholds.

Data and panel are those of bench/mammography.py: 7,848 distinct rows, of which a fixed half is judged in this script
alone. Of the other half every seed draws 20 positives (or takes all) and keeps all negatives. Whatever can be set (a
learner's leaf or C, the power of class weights, how many rows are made, how wide they are jittered) is chosen by
4-fold cross-validation within those rows, for each arm and seed by itself; generators learn from the folds they are
not judged on. Run: python bench/rare.py [--seeds 5] [--only 20]
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from mammography import distinct, halves

from bimetal.compute import run_local
from bimetal.learners.boosted import Boosted
from bimetal.learners.linear import Linear
from bimetal.metrics.average_precision import AveragePrecision
from bimetal.metrics.recall_at_fpr import RecallAtFpr
from bimetal.plugins import Predictions, listing, make
from bimetal.stats import crossed, crossed_difference
from bimetal.types import Spec

FOLDS = 4
FPR = 0.01
AMOUNTS = (0.1, 1.0)  # rows made, as a share of the negatives
LEARNERS: dict[str, tuple[dict[str, Any], ...]] = {
    "boosted": ({"leaf": 5}, {"leaf": 20}),
    "logistic": ({"C": 0.1}, {"C": 10.0}),
}
POSITIVES = {"20": 20, "all": None}
MADE: dict[str, tuple[dict[str, Any], ...]] = {
    "copies": ({},),
    "smote": ({},),
    "borderline": ({},),
    "jitter": ({"width": 0.5}, {"width": 1.0}),
    "table": ({},),
    "table_gan": ({},),
    "table_diffusion": ({},),
}
NAMES = {
    "none": "nothing done",
    "weights": "class weights",
    "copies": "random oversampling",
    "smote": "SMOTE",
    "borderline": "borderline-SMOTE",
    "jitter": "kernel jitter",
    "table": "CART positives",
    "table_gan": "adversarial network",
    "table_diffusion": "diffusion",
}
PLAIN = ("none", "weights")
_READ: list[pa.Table] = []


@dataclass(frozen=True)
class Cell:
    """One arm and seed with so many positives; both learners see the same rows, made ones too."""

    positives: str
    arm: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a fitted arm says of the panel: scores of `yes`, the threshold set in training, what was chosen, CPU s."""

    scores: Any
    threshold: float
    chosen: str
    seconds: float


def tables() -> tuple[pa.Table, pa.Table]:
    """Read the pool and the panel, once a process."""
    if not _READ:
        _READ.extend(halves(distinct()))
    return _READ[0], _READ[1]


def training(cell: Cell) -> pa.Table:
    """Draw a cell's rows: every arm of a seed gets the same."""
    pool = tables()[0]
    labels = np.array(pool["label"].to_pylist())
    positives = np.random.default_rng([cell.seed, 1]).permutation(np.flatnonzero(labels == "yes"))
    kept = np.concatenate([positives[: POSITIVES[cell.positives]], np.flatnonzero(labels == "no")])
    return pool.take(pa.array(kept))


def run(cell: Cell) -> dict[str, Outcome]:
    """Choose within the training rows, fit on all of them, score the panel: for each learner."""
    rows = training(cell)
    truth = np.array(rows["label"].to_pylist()) == "yes"
    return {learner: chosen(cell, rows, truth, learner) for learner in LEARNERS}


def chosen(cell: Cell, rows: pa.Table, truth: Any, learner: str) -> Outcome:
    """Try every option of one learner and arm, and score the panel with the best."""
    begun = time.process_time()
    options = list(itertools.product(LEARNERS[learner], strengths(cell.arm)))
    scores = folded(cell, rows, truth, options)
    best = max(range(len(options)), key=lambda each: average(truth, scores[each]))
    model = fitted(cell, rows, options[best], added(cell, rows, 0, options[best][1]))
    panel = model.predict_proba(tables()[1])[:, 1]
    threshold = float(np.quantile(scores[best][~truth], 1 - FPR))
    said = ", ".join(f"{key} {value:g}" for part in options[best] for key, value in part.items())
    return Outcome(panel, threshold, said, time.process_time() - begun)


def strengths(arm: str) -> tuple[dict[str, Any], ...]:
    """Say what may be set beside the learner."""
    if arm == "none":
        return ({},)
    if arm == "weights":
        return ({"power": 0.5}, {"power": 1.0})
    return tuple({**own, "made": amount} for own in MADE[arm] for amount in AMOUNTS)


def folded(cell: Cell, rows: pa.Table, truth: Any, options: list[Any]) -> Any:
    """Score each row by models that did not see it, for every option: shape (options, rows)."""
    rng = np.random.default_rng([cell.seed, 2])
    fold = np.zeros(len(truth), int)
    for side in (truth, ~truth):
        fold[side] = rng.permutation(int(side.sum())) % FOLDS
    scores = np.zeros((len(options), len(truth)))
    for each in range(FOLDS):
        inside = rows.filter(pa.array(fold != each))
        more = {str(own): added(cell, inside, each + 1, own) for own in {str(own): own for _, own in options}.values()}
        for place, option in enumerate(options):
            model = fitted(cell, inside, option, more[str(option[1])])
            scores[place, fold == each] = model.predict_proba(rows.filter(pa.array(fold == each)))[:, 1]
    return scores


def added(cell: Cell, rows: pa.Table, fold: int, strength: dict[str, Any]) -> pa.Table | None:
    """Make positives from some training rows; of one generator fewer rows are the first of more."""
    if cell.arm in PLAIN:
        return None
    labels = rows["label"].to_pylist()
    n = round(strength["made"] * labels.count("no"))
    rng = np.random.default_rng([cell.seed, 3, fold])
    if cell.arm == "copies":
        positives = np.flatnonzero(np.array(labels) == "yes")
        return rows.take(pa.array(positives[rng.integers(len(positives), size=n)]))
    own = {key: value for key, value in strength.items() if key != "made"}
    return drawn(Spec("generators", cell.arm, {"only": "yes", **own}), n, (cell, fold), rows)


_LAST: dict[Any, pa.Table] = {}


def drawn(spec: Spec, n: int, key: Any, rows: pa.Table) -> pa.Table:
    """Draw rows, from a network fitted once a fold whatever number is asked for."""
    name = (spec.name, str(spec.args), key)
    if name not in _LAST or _LAST[name].num_rows < n:
        most = round(max(AMOUNTS) * rows["label"].to_pylist().count("no"))
        rng = np.random.default_rng([key[0].seed, 4, key[1]])
        _LAST[name] = pa.Table.from_batches(make(spec)(max(n, most), rng, rows))
    return _LAST[name].slice(0, n).select(rows.column_names)


def fitted(cell: Cell, rows: pa.Table, option: Any, more: pa.Table | None) -> Any:
    """Fit the learner on the rows, those made beside them, or with class weights."""
    own, strength = option
    learner = Boosted(**own) if "leaf" in own else Linear(**own)
    rows = rows if more is None else pa.concat_tables([rows, more])
    positive = np.array(rows["label"].to_pylist()) == "yes"
    heavier = (float((~positive).sum()) / float(positive.sum())) ** strength.get("power", 0.0)
    return learner(rows, np.where(positive, heavier, 1.0), None, np.random.default_rng([cell.seed, 5]))


def average(truth: Any, scores: Any) -> float:
    """Average precision."""
    return float(contributions(AveragePrecision("yes"), truth, scores).mean())


def contributions(metric: Any, truth: Any, scores: Any) -> Any:
    """A metric's part of each item, shape (items,)."""
    named = pa.chunked_array([pa.array(np.where(truth, "yes", "no"))])
    both = np.column_stack([1 - scores, scores])
    said = pa.array(np.where(scores >= 0.5, "yes", "no"))
    return metric(named, Predictions(said, ("no", "yes"), both))


def show(named: tuple[str, str], told: dict[str, list[Outcome]]) -> None:
    """Print what every arm scores, what it adds, and what thresholds do, as Markdown."""
    learner, positives = named
    panel = np.array(tables()[1]["label"].to_pylist()) == "yes"
    arms, seeds = list(told), len(told["none"])
    precision, recall = (
        {arm: np.stack([contributions(metric, panel, each.scores) for each in told[arm]]) for arm in arms}
        for metric in (AveragePrecision("yes"), RecallAtFpr(FPR, "yes"))
    )
    known = training(Cell(positives, "none", 0))["label"].to_pylist().count("yes")
    print(f"\n## {'Boosted trees' if learner == 'boosted' else 'Logistic regression'}, {known} positives\n")
    print(f"{len(panel)} panel items, {panel.sum()} positive; {seeds} seeds; [95 % interval over seeds and items]\n")
    print(
        "| arm | average precision | recall at 1 % FPR | AP less nothing done | less class weights | CPU s | chosen |"
    )
    print("|---|---|---|---|---|---|---|")
    gains = {arm: [crossed_difference(precision[arm], precision[plain]) for plain in PLAIN] for arm in arms}
    for arm in arms:
        lead = [str(gain) if arm != plain else "" for gain, plain in zip(gains[arm], PLAIN, strict=True)]
        cost = np.mean([each.seconds for each in told[arm]])
        often = Counter(each.chosen for each in told[arm]).most_common(1)[0]
        cells = [NAMES[arm], crossed(precision[arm]), crossed(recall[arm]), *lead, f"{cost:.0f}"]
        print("|", " | ".join(map(str, cells)), f"| {often[0]} ({often[1]} of {seeds}) |")
    for arm in arms:
        if arm not in PLAIN:
            print(f"\n- {NAMES[arm]}: {verdict(gains[arm])}", end="")
    print(
        "\n\n| arm | recall at .5 | FPR at .5 | recall at the tuned threshold | FPR there | Brier score |"
        "\n|---|---|---|---|---|---|"
    )
    for arm in arms:
        at = [(each.scores, 0.5) for each in told[arm]], [(each.scores, each.threshold) for each in told[arm]]
        rates = [
            f"{np.mean([(s[side] >= cut).mean() for s, cut in each]):.3f}" for each in at for side in (panel, ~panel)
        ]
        brier = np.mean([((each.scores - panel) ** 2).mean() for each in told[arm]])
        print("|", " | ".join([NAMES[arm], *rates, f"{brier:.4f}"]), "|")


def verdict(gains: list[Any]) -> str:
    """Say by the intervals what an arm adds to nothing done and to class weights."""
    if any(gain.high < 0 for gain in gains):
        return "harms here"
    if all(gain.low > 0 for gain in gains):
        return "adds here, to nothing done and to class weights"
    if gains[0].low > 0:
        return "adds to nothing done, and nothing to class weights"
    return "adds nothing here that this bench could tell"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--only", choices=tuple(POSITIVES))
    parser.add_argument("--arms", nargs="*", choices=(*PLAIN, *MADE))
    typed = parser.parse_args()
    runs = {each.name for each in listing("generators") if each.available} | {*PLAIN, "copies"}
    arms = [arm for arm in (*PLAIN, *MADE) if arm in runs and (not typed.arms or arm in {*PLAIN, *typed.arms})]
    for absent in [arm for arm in MADE if arm not in runs]:
        print(f"{NAMES[absent]}: not measured, {absent} cannot run here\n")
    for positives in [typed.only] if typed.only else POSITIVES:
        cells = [Cell(positives, arm, seed) for arm in arms for seed in range(typed.seeds)]
        outcomes: dict[Cell, dict[str, Outcome]] = {}
        for cell, outcome in zip(cells, run_local(run, cells, typed.workers), strict=True):
            outcomes[cell] = outcome
            sys.stderr.write(f"{len(outcomes)}/{len(cells)}\n")
        for learner in LEARNERS:
            told = {arm: [outcomes[Cell(positives, arm, seed)][learner] for seed in range(typed.seeds)] for arm in arms}
            show((learner, positives), told)


if __name__ == "__main__":
    main()

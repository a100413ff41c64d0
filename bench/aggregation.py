"""Aggregation of a million answers, beside crowd-kit; accuracy on public crowd sets with known truth.

The million is made: 200,000 items, five answers each from 1,000 raters, four labels. CPU seconds, one thread, the least
of three runs, each on codes that no run has touched. crowd-kit runs in an interpreter of its own, named by
BIMETAL_BENCH_CROWDKIT (say, of a virtual environment with crowd-kit 1.4.2); without it its columns stay empty.
Run: python bench/aggregation.py [--only speed|accuracy]
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bimetal.annotation.aggregation import Posterior, Votes, compare, dawid_skene, glad, label_errors, mace, majority

DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data")) / "crowd"
CROWDKIT = os.environ.get("BIMETAL_BENCH_CROWDKIT", "")
SETS = ("rte", "product", "possent", "trec", "web", "music")
METHODS: dict[str, Callable[[Votes], Posterior]] = {
    "majority": majority,
    "dawid_skene": dawid_skene,
    "mace": lambda votes: mace(votes, np.random.default_rng(0)),
    "glad": glad,
}
NAMES = {"majority": "majority", "dawid_skene": "Dawid-Skene", "mace": "MACE", "glad": "GLAD"}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", choices=("speed", "accuracy"))
    asked.add_argument("--patience", type=int, default=180, help="seconds before crowd-kit is given up on one thing")
    args = asked.parse_args()
    only, peer = args.only, Peer(args.patience)
    if not CROWDKIT:
        print("crowd-kit was not measured: BIMETAL_BENCH_CROWDKIT names no interpreter that has it.\n")
    if only in {None, "speed"}:
        speed(Peer(900))
    if only in {None, "accuracy"}:
        accuracy(peer)


def speed(peer: Peer) -> None:
    answers, hard = crowd(200_000, (6, 2)), crowd(200_000, (2, 2))
    codes = Votes.of(*answers.columns)
    ours = {
        "coding the strings": cpu(lambda: Votes.of(*answers.columns)),
        "majority": cpu(majority, codes),
        "dawid_skene": cpu(dawid_skene, codes),
        "mace": cpu(lambda votes: mace(votes, np.random.default_rng(0)), codes),
        "glad": cpu(glad, codes),
    }
    steps = {"dawid_skene": f": {dawid_skene(codes).iterations} steps", "mace": ": 10 restarts"}
    targets = {"majority": 0.02, "dawid_skene": 0.5, "mace": 15.0, "glad": 6.0}
    print("## a million answers, coded\n")
    print("| what | CPU s | target |\n|---|---|---|")
    for name, seconds in ours.items():
        print(f"| {NAMES.get(name, name)}{steps.get(name, '')} | {seconds:.3f} | {targets.get(name, '')} |")
    votes = Votes.of(*hard.columns)
    posterior, seconds = dawid_skene(fresh(votes)), cpu(dawid_skene, votes)
    print(f"| Dawid-Skene, raters who know half of the answers: {posterior.iterations} steps | {seconds:.3f} | 0.5 |")
    print(f"| confident learning, 1,000,000 x 10 | {confident():.3f} | 0.5 |\n")
    beside(peer, answers, codes, ours)


def beside(peer: Peer, answers: pa.Table, codes: Votes, ours: dict[str, float]) -> None:
    """The same answers in crowd-kit; ratios of one run."""
    part = crowd(4_000, (6, 2))
    pairs = {
        "majority, codes": ("majority", ours["majority"]),
        "Dawid-Skene, a step": ("dawid_skene step", a_step(codes)),
        "MACE, a step of one restart": ("mace step", a_guess(codes)),
        "majority, from strings": ("majority from strings", cpu(lambda: majority(Votes.of(*answers.columns)).table())),
        "Dawid-Skene, from strings to its tolerance": (
            "dawid_skene from strings",
            cpu(lambda: dawid_skene(Votes.of(*answers.columns)).table()),
        ),
        "GLAD, 20,000 answers: one EM step there, the whole fit here": (
            "glad step",
            cpu(lambda: glad(Votes.of(*part.columns))),
        ),
    }
    theirs = {**peer("speed", answers), **peer("small", part)}
    print(f"## beside crowd-kit {theirs.get('version', '(not measured)')}\n")
    print("| what | here, CPU s | crowd-kit, CPU s | ratio |\n|---|---|---|---|")
    for what, (name, seconds) in pairs.items():
        other = f"{theirs[name]:.3f} | {theirs[name] / seconds:.0f}" if name in theirs else " | "
        print(f"| {what} | {seconds:.4f} | {other} |")
    print()


def a_step(codes: Votes) -> float:
    def run(limit: int) -> float:
        return cpu(lambda votes: dawid_skene(votes, tolerance=-np.inf, limit=limit), codes)

    return (run(11) - run(1)) / 10


def a_guess(codes: Votes) -> float:
    def run(limit: int) -> float:
        rng = np.random.default_rng(0)
        return cpu(lambda votes: mace(votes, rng, restarts=1, tolerance=-np.inf, limit=limit), codes)

    return (run(11) - run(1)) / 10


def confident() -> float:
    rng = np.random.default_rng(0)
    truth, scores = rng.integers(0, 10, 1_000_000), rng.random((1_000_000, 10))
    scores[np.arange(len(truth)), truth] += 3 * rng.random(len(truth))
    scores /= scores.sum(axis=1, keepdims=True)
    given = np.where(rng.random(len(truth)) < 0.05, rng.integers(0, 10, len(truth)), truth)
    return cpu(lambda: label_errors(scores, given))


def accuracy(peer: Peer) -> None:
    """Every set and method; a tie of m labels, one of them true, scores 1/m here; crowd-kit breaks ties itself."""
    print("## accuracy on public crowd sets, %\n")
    print(
        "A tie of m labels scores 1/m here. In brackets crowd-kit; its MACE sums by name and looks up by place, so that"
    )
    print("its labels hang on the order of rows: as in the file, then in an order where both agree.\n")
    print(f"| set | items | {' | '.join(NAMES.values())} | Dawid-Skene, no prior | better, on the truth as gold |")
    print("|---|---|---|---|---|---|---|---|")
    for name in SETS:
        answers, truth = real(name)
        votes = Votes.of(*answers.columns)
        found = {key: peer.share(truth, "labels", answers, key) for key in METHODS}
        found["mace"] += f"; {peer.share(truth, 'reordered', answers)}"
        cells = [f"{share(method(votes), truth):.2f} ({found[key]})" for key, method in METHODS.items()]
        plain, sides = dawid_skene(votes, prior=0.0), compare(votes, truth)
        gap = f"{sides.better}: {100 * sides.difference.estimate:+.1f} [{100 * sides.difference.low:+.1f}, "
        gap += f"{100 * sides.difference.high:+.1f}]"
        print(f"| {name} | {sides.gold_items} | {' | '.join(cells)} | {share(plain, truth):.2f} | {gap} |", flush=True)
    print()


def share(posterior: Posterior, truth: dict[str, str]) -> float:
    known = posterior.votes.gold(truth)
    rows = posterior.soft[known.item]
    atop = rows == rows.max(axis=1, keepdims=True)
    return 100 * float((atop[np.arange(len(rows)), known.label] / atop.sum(axis=1)).mean())


@dataclass(frozen=True)
class Peer:
    """crowd-kit in an interpreter of its own; nothing where there is none."""

    patience: int

    def __call__(self, what: str, answers: pa.Table, *rest: str) -> dict[str, Any]:
        if not CROWDKIT:
            return {"fault": "-"}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "answers.parquet"
            pq.write_table(answers, path)
            command = [CROWDKIT, str(Path(__file__).with_name("aggregation_crowdkit.py")), what, str(path), *rest]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=self.patience, check=True)
            except subprocess.TimeoutExpired:
                return {"fault": f"over {self.patience} s"}
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def share(self, truth: dict[str, str], what: str, answers: pa.Table, *rest: str) -> str:
        found = self(what, answers, *rest)
        if "labels" not in found:
            return str(found["fault"])
        right = [truth[item] == label for item, label in found["labels"].items() if item in truth]
        return f"{100 * np.mean(right):.2f}"


def crowd(items: int, skill: tuple[float, float]) -> pa.Table:
    """Five answers an item; a rater knows with a chance drawn from a Beta distribution, else guesses of four labels."""
    rng = np.random.default_rng(0)
    truth, knows = rng.integers(0, 4, items), rng.beta(*skill, 1000)
    rater = (np.argpartition(rng.random((items, 20)), 5, axis=1)[:, :5] + rng.integers(0, 980, items)[:, None]).ravel()
    item = np.repeat(np.arange(items), 5)
    value = np.where(rng.random(len(item)) < knows[rater], truth[item], rng.integers(0, 4, len(item)))
    order = rng.permutation(len(item))
    columns = {"task": (item, "item-{:06d}"), "worker": (rater, "rater-{:03d}"), "label": (value, "label-{}")}
    return pa.table({name: named(codes[order], form) for name, (codes, form) in columns.items()})


def named(codes: Any, form: str) -> pa.Array[Any]:
    return pa.array([form.format(each) for each in range(codes.max() + 1)]).take(pa.array(codes))


def real(name: str) -> tuple[pa.Table, dict[str, str]]:
    strings = {column: pa.string() for column in ("item", "worker", "label", "truth")}
    read = pacsv.ConvertOptions(column_types=strings)
    answers = pacsv.read_csv(DATA / name / "label.csv.gz", convert_options=read)
    answers = answers.rename_columns(["task", "worker", "label"])
    truth = pacsv.read_csv(DATA / name / "truth.csv", convert_options=read)
    seen = set(answers["label"].to_pylist())
    known = truth.to_pylist()
    return answers, {row["item"]: row["truth"] for row in known if row["truth"] in seen}


def fresh(votes: Votes) -> Votes:
    """The same codes, nothing counted yet."""
    return Votes(votes.item, votes.rater, votes.value, votes.items, votes.raters, votes.labels)


def cpu(run: Callable[..., object], votes: Votes | None = None) -> float:
    """The least CPU seconds of three runs; votes come with nothing counted yet."""
    seconds = []
    for _ in range(3):
        given = () if votes is None else (fresh(votes),)
        start = time.process_time()
        run(*given)
        seconds.append(time.process_time() - start)
    return min(seconds)


if __name__ == "__main__":
    main()

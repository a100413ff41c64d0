"""Rules as labels: majority, weights, EM and the one people's labels choose, on bank queries and on a census table.

The rules (bench/labelling_*.toml) were written from label and column names alone, and not changed once they had run.
Each seed draws rows people labelled; half of them choose and weigh, the other half says how right that is; then every
method is judged on all rows that are neither. Run: python bench/labelling.py [--seeds 20]
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from bimetal.annotation.labelling import METHODS, Fired, choose, credit, facts, fire, judged, parsed, resolved
from bimetal.stats import seed_t

HERE = Path(__file__).parent
DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", HERE.parents[1] / "shared" / "data"))
CENSUS = 10_000  # rows drawn
JUDGED = (50, 200, 800)  # rows people labelled
COLUMNS = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "label"),
)


def queries() -> pa.Table:
    """Read the train queries of the intents that the rules name."""
    with gzip.open(DATA / "banking77" / "train.csv.gz") as file:
        rows = pyarrow.csv.read_csv(io.BytesIO(file.read())).rename_columns(["text", "label"])
    return rows.filter(pc.is_in(rows["label"], pa.array(sorted({each["label"] for each in told("banking77")["rule"]}))))


def census() -> pa.Table:
    """Read some of the census table's training rows."""
    with gzip.open(DATA / "tabular" / "adult-train.csv.gz") as file:
        text = file.read().replace(b", ", b",")
    rows = pyarrow.csv.read_csv(io.BytesIO(text), pyarrow.csv.ReadOptions(column_names=list(COLUMNS)))
    return rows.take(pa.array(np.random.default_rng(0).permutation(rows.num_rows)[:CENSUS], pa.int64()))


def told(name: str) -> dict[str, Any]:
    """Read a file of rules."""
    return tomllib.loads((HERE / f"labelling_{name}.toml").read_text(encoding="utf-8"))


def show(name: str, rows: pa.Table, seeds: int) -> None:
    """Print what the rules do, then what each method and the chosen one come to, as Markdown."""
    rules = parsed(told(name))
    begun = time.process_time()
    labels = [str(each) for each in rows["label"].to_pylist()]
    fired = fire(rules, rows.drop_columns("label"), labels)
    truth = fired.among(labels)
    votes, sides = fired.counts.sum(axis=1), (fired.counts > 0).sum(axis=1)
    seconds = time.process_time() - begun
    print(f"{rows.num_rows} rows, {len(rules)} rules, {len(fired.labels)} labels, {seconds:.1f} CPU s to fire.")
    print(f"Some rule fires on {fired.covered.mean():.1%} of rows, two or more on {(votes > 1).mean():.1%};")
    print(f"they conflict on {(sides > 1).mean():.1%}.\n")
    print("| rule | covers | overlaps | conflicts | right |\n|---|---|---|---|---|")
    for each in facts(fired, rules, fired, truth):
        shares = [f"{count / rows.num_rows:.1%}" for count in (each.covers, each.overlaps, each.conflicts)]
        name = f"{each.rule} ({', '.join(each.labels)})"
        print("|", " | ".join([name, *shares, str(each.right or "never fires")]), "|")
    print(
        f"\nMean over covered rows (1 a right label, .5 none, 0 a wrong one), {seeds} seeds [95 % interval over them]\n"
    )
    heads = (*METHODS, "chosen", "best looking back", "chosen", "said by the untouched half", "true inside it")
    print("| rows people labelled |", " | ".join(heads), "|\n|---|" + "---|" * len(heads))
    for many in JUDGED:
        print(f"| {many} |", " | ".join(line(fired, truth, many, seeds)), "|", flush=True)
    print()


def line(fired: Fired, truth: Any, many: int, seeds: int) -> list[str]:
    """Repeat the choice over seeds: what each method, the chosen and the best of them score on all other rows."""
    scores: list[list[float]] = []
    picked: Counter[str] = Counter()
    inside, said = [], []
    for seed in range(seeds):
        order = np.random.default_rng([seed, many]).permutation(len(truth))
        by, apart, rest = order[: many // 2], order[many // 2 : many], order[many:]
        choice = choose(fired.at(by), truth[by], fired.at(rest), np.random.default_rng(seed))
        verdict = judged(fired.at(apart), truth[apart], fired.at(rest), choice)
        others = fired.at(rest)
        codes = {method: resolved(others, method, choice.reliability) for method in METHODS}
        right = [float(credit(codes[method], truth[rest])[others.covered].mean()) for method in METHODS]
        scores.append([*right, right[METHODS.index(choice.method)], max(right)])
        picked[choice.method] += 1
        given = codes[choice.method] >= 0
        true = float((codes[choice.method] == truth[rest])[given].mean())
        if verdict.right is not None:
            said.append(verdict.right)
            inside.append(verdict.right.low <= true <= verdict.right.high)
    means = [str(seed_t(column)) for column in np.array(scores).T]
    often = ", ".join(f"{method} {count}" for method, count in picked.most_common())
    return [*means, often, f"{np.mean([each.estimate for each in said]):.3f}", f"{sum(inside)} of {len(inside)}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    typed = parser.parse_args()
    print("## 15 separated intents of banking77\n")
    show("banking77", queries(), typed.seeds)
    print("## Census incomes (Adult)\n")
    show("adult", census(), typed.seeds)


if __name__ == "__main__":
    main()

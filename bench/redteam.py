"""Red-team material: how fast and how varied it is, and what it shows of a guard, of digit readers and of intents.

Guard: a linear text classifier trained on masked pairs of 12 families and tested on the 4 left out, in turn; masked,
since else the placeholder gives the label away. Intervals are over the forms of attack (three a family), not rows.
Digits: the UCI digits outside the rows of the published panel. Banking77: the first rows of its own test part.
Run: python bench/redteam.py [--only prompts|guard|digits|texts] [--prompts 43000] [--pictures 100]
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from bimetal.generators._redteam.corruptions import CORRUPTIONS, corrupted
from bimetal.generators._redteam.perturbations import EDITS
from bimetal.generators._redteam.taxonomy import SEVERITIES, taxonomy
from bimetal.generators.adversarial_image import fgsm, noise, noise_patch, patch, pgd, square
from bimetal.generators.perturbed_text import PerturbedText
from bimetal.generators.redteam import Redteam
from bimetal.learners.linear import Linear
from bimetal.learners.scattering import Scattering
from bimetal.plugins import Model
from bimetal.stats import clustered, seed_t, wilson
from bimetal.writing import normalised

DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
FOLDS = 4
PAIRS = 3000  # the guard's training rows, and a family's test rows are a tenth
QUERIES, TRAINED = 400, 3000
PANEL_SEED, PANEL = 20260101, 597
Pictures = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=("prompts", "guard", "digits", "texts"))
    parser.add_argument("--prompts", type=int, default=43_000)
    parser.add_argument("--pictures", type=int, default=100)
    asked = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "prompts": lambda: prompts(asked.prompts),
        "guard": guard,
        "digits": lambda: digits(asked.pictures),
        "texts": texts,
    }
    for name, part in parts.items():
        if asked.only in {None, name}:
            part()


def prompts(n: int) -> None:
    start = time.process_time()
    rows = pa.Table.from_batches(Redteam()(n, np.random.default_rng(0)))
    seconds = time.process_time() - start
    kinds = set(zip(*(rows[name].to_pylist() for name in ("seed", "carrier", "converters", "label")), strict=True))
    print("## Prompts\n")
    print(
        f"{n:,} rows in {seconds:.1f} CPU s, {len(set(rows['text'].to_pylist())):,} distinct texts; distinct by seed,"
    )
    print(f"carrier, converters and label alone: {len(kinds):,}. garak is not run here (6 GB install): measured apart,")
    print("its 168 offline probes gave 42,006 prompts in 13 s.\n")
    print("## Coverage of those rows: attacks by family and severity\n")
    print(f"| family | kind | {' | '.join(SEVERITIES)} |\n|---|---|{'---|' * len(SEVERITIES)}")
    told = zip(*(rows[name].to_pylist() for name in ("family", "severity", "label")), strict=True)
    counts = Counter((family, severity) for family, severity, label in told if label == "attack")
    for family, kind in dict.fromkeys((seed.family, seed.kind) for seed in taxonomy().seeds):
        print(f"| {family} | {kind} | {' | '.join(f'{counts[family, each]:,}' for each in SEVERITIES)} |")
    print()


def guard() -> None:
    print("## A guard on families it has seen and on families it has not\n")
    print("| prompts | families | attacks caught | benign twins refused |\n|---|---|---|---|")
    for name, depth in (("plain", 0), ("up to 3 converters", 3)):
        told = _guarded(Redteam(depth=depth, masked=True))
        for seen, words in ((True, "seen in training"), (False, "left out")):
            part = [row for row in told if row["seen"] is seen]
            print(f"| {name} | {words} | {_share(part, 'attack')} | {_share(part, 'benign')} |", flush=True)
    print(
        "\nFamily by family, left out of training, up to 3 converters (three forms each: no interval worth the name):\n"
    )
    print("| family | attacks caught | benign twins refused |\n|---|---|---|")
    for family in dict.fromkeys(seed.family for seed in taxonomy().seeds):
        part = [row for row in told if row["family"] == family and not row["seen"]]
        shares = [np.mean([row["flagged"] for row in part if row["label"] == label]) for label in ("attack", "benign")]
        print(f"| {family} | {shares[0]:.2f} | {shares[1]:.2f} |")
    print()


def _guarded(generator: Redteam) -> list[dict[str, Any]]:
    """Train on all folds of families but one; flag fresh rows of every family, saying which were seen."""
    rows = pa.Table.from_batches(generator(2 * PAIRS, np.random.default_rng(1)))
    fresh = pa.Table.from_batches(generator(PAIRS, np.random.default_rng(2)))
    families = list(dict.fromkeys(seed.family for seed in taxonomy().seeds))
    told: list[dict[str, Any]] = []
    for fold in range(FOLDS):
        left_out = set(families[fold::FOLDS])  # every fold has some of each kind
        known = pa.array([family not in left_out for family in rows["family"].to_pylist()])
        train = rows.filter(known).select(["text", "label"])
        model = Linear()(train, np.ones(train.num_rows), None, np.random.default_rng(0))
        flagged = model.predict_proba(fresh.select(["text"]))[:, model.classes.index("attack")] > 0.5
        for row, flag in zip(fresh.to_pylist(), flagged, strict=True):
            told.append({**row, "flagged": bool(flag), "seen": row["family"] not in left_out})
    return told


def _share(rows: list[dict[str, Any]], label: str) -> str:
    part = [row for row in rows if row["label"] == label]
    return str(seed_t(clustered([row["flagged"] for row in part], [row["seed"].partition(":")[0] for row in part])))


def digits(many: int) -> None:
    keep = np.random.default_rng(PANEL_SEED).permutation(1797)[PANEL:]
    images = np.rint(load_digits().images[keep] * 255 / 16).astype(np.uint8)
    truth = load_digits().target[keep]
    train, test = slice(0, 900), slice(900, 900 + many)
    rows = _table(images[train]).append_column("label", pa.array(truth[train].astype(str)))
    models = {
        name: learner(rows, np.ones(rows.num_rows), None, np.random.default_rng(0))
        for name, learner in (("linear", Linear()), ("scattering", Scattering()))
    }
    print(f"## Digits 8x8 under attack: accuracy on {many} pictures [95 % Wilson interval]\n")
    print("| change | linear | scattering |\n|---|---|---|")
    x, y = images[test], truth[test]
    _told("none", dict.fromkeys(models, x), models, y)
    start = time.process_time()
    for epsilon in (16, 32):
        _told(f"noise, {epsilon} levels", {n: noise(x, epsilon, np.random.default_rng(0)) for n in models}, models, y)
        _told(f"FGSM, {epsilon}", {n: fgsm(_ask(m), x, y, epsilon) for n, m in models.items()}, models, y)
        _told(f"PGD, {epsilon}", {n: pgd(_ask(m), x, y, epsilon) for n, m in models.items()}, models, y)
        found = {n: square(_ask(m), x, y, epsilon, np.random.default_rng(0)) for n, m in models.items()}
        _told(f"square, {epsilon}", found, models, y)
    _told("noise patch, 3x3", {n: noise_patch(x, 3, np.random.default_rng(0)) for n in models}, models, y)
    _told("patch, 3x3", {n: patch(_ask(m), x, y, 3, np.random.default_rng(0)) for n, m in models.items()}, models, y)
    print(f"\n{time.process_time() - start:.0f} CPU s for all of it; gradients are differences, pixel by pixel.\n")
    print(f"## The same digits corrupted: accuracy, mean of {len(CORRUPTIONS)} ways\n")
    print("| severity | linear | scattering |\n|---|---|---|")
    for severity in range(1, 6):
        damaged = np.concatenate([
            [corrupted(each, way, severity, np.random.default_rng(row)) for row, each in enumerate(x)]
            for way in CORRUPTIONS
        ])  # fmt: skip
        _told(str(severity), dict.fromkeys(models, damaged), models, np.tile(y, len(CORRUPTIONS)), len(x))
    print()


def _ask(model: Model) -> Callable[[Pictures], Any]:
    return lambda pictures: model.predict_proba(_table(pictures))


def _table(pictures: Pictures) -> pa.Table:
    return pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(pictures))})


def _told(
    change: str, found: dict[str, Pictures], models: dict[str, Model], truth: NDArray[Any], pictures: int = 0
) -> None:
    """Print a line; several corruptions of one picture are one cluster."""
    cells = []
    for name, model in models.items():
        said = np.array(model.classes)[model.predict_proba(_table(found[name])).argmax(axis=1)]
        right = said == truth.astype(str)
        grouped = clustered(right, np.arange(len(right)) % pictures) if pictures else right
        cells.append(str(seed_t(grouped) if pictures else wilson(int(right.sum()), len(right))))
    print(f"| {change} | {' | '.join(cells)} |", flush=True)


def texts() -> None:
    print("## Bank queries perturbed: accuracy of a linear reader [95 % Wilson interval]\n")
    if not (DATA / "banking77").exists():
        print(f"no Banking77 under {DATA}; set BIMETAL_BENCH_DATA\n")
        return
    train, test = (_queries(part) for part in ("train", "test"))
    train = train.take(np.random.default_rng(0).permutation(train.num_rows)[:TRAINED])
    test = test.take(np.random.default_rng(0).permutation(test.num_rows)[:QUERIES])
    model = Linear()(train, np.ones(train.num_rows), None, np.random.default_rng(0))
    print(f"{TRAINED:,} training queries of 77 intents, {QUERIES} test queries; strength is the share of characters.\n")
    print(f"Clean: {_read(model, test)}.\n")
    print("| way | strength .02 | .1 | .3 | .1, normalised on entry |\n|---|---|---|---|---|")
    for way in EDITS:
        found = [_perturbed(test, way, strength) for strength in (0.02, 0.1, 0.3)]
        tidied = [normalised(str(each)).text for each in found[1]["text"].to_pylist()]
        tidy = found[1].set_column(0, "text", pa.array(tidied, pa.string()))
        print(f"| {way} | {' | '.join(str(_read(model, each)) for each in [*found, tidy])} |", flush=True)
    print()


def _perturbed(rows: pa.Table, way: str, strength: float) -> pa.Table:
    """Perturb every query once: the generator draws with repetition, so each is drawn alone."""
    drawn = [
        pa.Table.from_batches(PerturbedText(strength, (way,))(1, np.random.default_rng(row), rows.slice(row, 1)))
        for row in range(rows.num_rows)
    ]
    return pa.concat_tables(drawn).select(["text", "label"])


def _queries(part: str) -> pa.Table:
    with gzip.open(DATA / "banking77" / f"{part}.csv.gz") as file:
        return pyarrow.csv.read_csv(io.BytesIO(file.read())).rename_columns(["text", "label"])


def _read(model: Model, rows: pa.Table) -> Any:
    said = np.array(model.classes)[model.predict_proba(rows.select(["text"])).argmax(axis=1)]
    return wilson(int((said == np.array(rows["label"].to_pylist())).sum()), rows.num_rows)


if __name__ == "__main__":
    main()

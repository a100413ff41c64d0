"""Accuracy and time of the ways to train on few labels, and what a synthetic row should weigh: 8x8 digits.

Development rows only: the 597 of the published panel are never read. The other 1,200 are split into 800 to draw
labels and unlabelled rows from and 400 to score on. Each number is a mean over seeds, in per cent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from bimetal.generators.digits import Digits
from bimetal.learners._features import with_pixels
from bimetal.learners.estimator import Estimator
from bimetal.learners.linear import Linear
from bimetal.learners.patches import Patches
from bimetal.learners.self_trained import SelfTrained
from bimetal.learners.shifted import Shifted
from bimetal.plugins import Learner, Model

PANEL_SEED, PANEL = 20260101, 597
TRAIN = 800
SIZES = (20, 50, 100, 200, 400)
SVM = Estimator("sklearn.svm:SVC", {"C": 10.0})
LEARNERS: Mapping[str, Learner] = {
    "linear": Linear(),
    "SVM": SVM,
    "SVM, shifts": Shifted(SVM),
    "SVM, shifts, self-training": SelfTrained(Shifted(SVM)),
    "patches": Patches(),
    "patches, shifts": Shifted(Patches()),
    "patches, self-training": SelfTrained(Patches()),
    "patches, shifts, self-training": SelfTrained(Shifted(Patches())),
}


def main() -> None:
    train, test = development()
    with threadpool_limits(1):  # matrices this small cost more in threads waiting than they gain
        learners_table(train, test)
        weights_table(train, test)


def learners_table(train: pa.Table, test: pa.Table, seeds: int = 5) -> None:
    """Human labels alone, every learner, one table row each."""
    print(f"| learner | {' | '.join(f'N = {n}' for n in SIZES)} | CPU s, mean | most |")
    print("|---" * (len(SIZES) + 3) + "|")
    for name, learner in LEARNERS.items():
        cells, seconds = [], []
        for n in SIZES:
            scores = []
            for seed in range(seeds):
                start = time.process_time()
                scores.append(score(learner, train, test, n, seed))
                seconds.append(time.process_time() - start)
            cells.append(f"{100 * np.mean(scores):.1f} ± {100 * np.std(scores):.1f}")
        print(f"| {name} | {' | '.join(cells)} | {np.mean(seconds):.2f} | {max(seconds):.2f} |", flush=True)


def weights_table(train: pa.Table, test: pa.Table, seeds: int = 2) -> None:
    """Ten synthetic digits for each label, the strongest learner, one table row for each weight."""
    weights: Mapping[str, Callable[[int], float]] = {
        "1": lambda _: 1.0,
        ".3": lambda _: 0.3,
        ".03": lambda _: 0.03,
        "law, ceiling 150": lambda m: law(m, 150),
        "law, ceiling 500": lambda m: law(m, 500),
    }
    sizes = (20, 100, 400)
    print(f"\n| weight of a synthetic row | {' | '.join(f'N = {n}' for n in sizes)} |")
    print("|---" * (len(sizes) + 1) + "|")
    for name, weight in weights.items():
        means = [np.mean([hybrid_score(train, test, n, weight(10 * n), seed) for seed in range(seeds)]) for n in sizes]
        print(f"| {name} | {' | '.join(f'{100 * mean:.1f}' for mean in means)} |", flush=True)


def law(m: int, ceiling: float, kappa: float = 0.5) -> float:
    """Weigh m synthetic rows as s human labels together, 1/s = 1/(kappa m) + 1/ceiling."""
    return 1 / (1 / (kappa * m) + 1 / ceiling) / m


def development() -> tuple[pa.Table, pa.Table]:
    """Return the development rows to train and to score on, as pictures with labels."""
    data = load_digits()
    pool = np.random.default_rng(PANEL_SEED).permutation(len(data.target))[PANEL:]
    pool = np.random.default_rng(7).permutation(pool)
    table = pa.table({"image": pa.array(pool), "label": [str(each) for each in data.target[pool]]})
    table = with_pixels(table, np.round(data.images[pool] * 255 / 16).astype(np.uint8))
    return table.slice(0, TRAIN), table.slice(TRAIN)


def score(learner: Learner, train: pa.Table, test: pa.Table, n: int, seed: int) -> float:
    """Fit on n random labels, the other training rows unlabelled, and return the accuracy on the test rows."""
    order = np.random.default_rng([n, seed]).permutation(train.num_rows)
    labelled, rest = train.take(order[:n]), train.take(order[n:]).drop_columns("label")
    model = learner(labelled, np.ones(n), rest, np.random.default_rng(seed))
    return accuracy(model, test)


def hybrid_score(train: pa.Table, test: pa.Table, n: int, weight: float, seed: int) -> float:
    """Fit on n random labels and 10 n synthetic rows, the other training rows unlabelled."""
    order = np.random.default_rng([n, seed]).permutation(train.num_rows)
    made = pa.Table.from_batches(list(Digits(size=8)(10 * n, np.random.default_rng(seed))))
    learner = SelfTrained(Shifted(Patches()))
    both = [train.take(order[:n]), learner.prepare(made).select(train.column_names)]
    rows = pa.concat_tables(both, promote_options="permissive")
    weights = np.repeat([1.0, weight], [n, 10 * n])
    rest = train.take(order[n:]).drop_columns("label")
    return accuracy(learner(rows, weights, rest, np.random.default_rng(seed)), test)


def accuracy(model: Model, test: pa.Table) -> float:
    return float(np.mean(np.array(predictions(model, test)) == np.array(test["label"].to_pylist())))


def predictions(model: Model, test: pa.Table) -> Sequence[str]:
    return [model.classes[code] for code in model.predict_proba(test).argmax(axis=1)]


if __name__ == "__main__":
    main()

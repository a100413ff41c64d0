"""Accuracy and time of every way to train on few labels: 8x8 handwritten digits, the development rows only.

The 597 rows of the published panel are never read. The other 1,200 are split into 800 to draw labels and unlabelled
rows from and 400 to score on. Each number is a mean over seeds, then the standard deviation, in per cent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from sklearn.datasets import load_digits

from bimetal.learners._features import with_pixels
from bimetal.learners.boosted import Boosted
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
    "boosted": Boosted(),
    "SVM": SVM,
    "SVM, shifts": Shifted(SVM),
    "SVM, shifts, self-training": SelfTrained(Shifted(SVM)),
    "patches": Patches(),
    "patches, shifts": Shifted(Patches()),
    "patches, self-training": SelfTrained(Patches()),
    "patches, shifts, self-training": SelfTrained(Shifted(Patches())),
}


def main(seeds: int = 5) -> None:
    train, test = development()
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


def accuracy(model: Model, test: pa.Table) -> float:
    return float(np.mean(np.array(predictions(model, test)) == np.array(test["label"].to_pylist())))


def predictions(model: Model, test: pa.Table) -> Sequence[str]:
    return [model.classes[code] for code in model.predict_proba(test).argmax(axis=1)]


if __name__ == "__main__":
    main()

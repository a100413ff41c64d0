"""What the convolutional extra gives on real 28x28 digits: people alone, synthetic rows alone, and fine-tuned hybrids.

Data and split are those of `mnist.py`: 3,000 panel images, scored here alone, and a pool of 7,000 whose other images
every self-training arm may use unlabelled. Labels are drawn at random. DEVELOPMENT: the number of steps, the rate, the
width and the share of replay were looked at with labels of 5,000 pool images and scored on the other 2,000.

Run: python bench/convnet.py [--seeds 3]; needs pip install 'bimetal[jax]', and says so where it is missing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from mnist import PANEL, PANEL_SEED, percent, pictures, read
from numpy.typing import NDArray

from bimetal.errors import MissingExtra
from bimetal.generators.digits import Digits
from bimetal.learners.convnet import Convnet
from bimetal.learners.finetuned import Finetuned
from bimetal.learners.self_trained import SelfTrained
from bimetal.payload import pixels
from bimetal.plugins import Learner
from bimetal.stats import crossed

SIZES = (20, 100, 400)
SYNTHETIC = 5000
ROUNDS = 2  # of self-training: each is another fit

Images = NDArray[np.uint8]
Labels = NDArray[np.str_]


def main() -> None:
    """Fit every arm and print a Markdown table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    try:
        network = Convnet()
    except MissingExtra as fault:
        print(f"Not run: {fault}")
        return
    start = time.process_time()
    arms: dict[str, tuple[Learner, bool, Sequence[int]]] = {
        "human + augmentation": (network, False, SIZES),
        "human + augmentation + self-training": (SelfTrained(network, ROUNDS), False, SIZES),
        "synthetic only": (network, True, (0,)),
        "hybrid, fine-tuned with replay": (Finetuned(network), True, SIZES),
        "hybrid, fine-tuned without replay": (Finetuned(network, replay=0.0), True, SIZES[:1]),
        "hybrid, fine-tuned with replay + self-training": (SelfTrained(Finetuned(network), ROUNDS), True, SIZES),
    }
    print(
        f"{PANEL} real panel items, {options.seeds} seeds, {SYNTHETIC} synthetic images, random choice; accuracy in %"
    )
    print(
        "[95 % interval over seeds and items]\n\n| arm |",
        " | ".join(f"N = {size}" for size in (0, *SIZES)),
        "| CPU s |",
    )
    print("|---|" + "---|" * (len(SIZES) + 2))
    for name, (learner, made, sizes) in arms.items():
        begun = time.process_time()
        cells = {size: percent(crossed(correct(learner, made, size, options.seeds))) for size in sizes}
        each = (time.process_time() - begun) / options.seeds / len(sizes)
        print(f"| {name} |", " | ".join(cells.get(size, "") for size in (0, *SIZES)), f"| {each:.0f} |", flush=True)
    print(f"\nCPU seconds are of one fit with its panel scores; {time.process_time() - start:.0f} in all.")


def correct(learner: Learner, made: bool, size: int, seeds: int) -> NDArray[np.bool_]:
    """Fit once a seed on so many labels; which panel items are right, shape (seeds, items)."""
    images, labels = read()
    order = np.random.default_rng(PANEL_SEED).permutation(len(images))
    panel, pool = order[:PANEL], order[PANEL:]
    right = []
    for seed in range(seeds):
        chosen = np.random.default_rng([PANEL_SEED, seed]).permutation(pool)
        train = table(images[chosen[:size]], labels[chosen[:size]])
        if made:
            train = pa.concat_tables([train, synthetic(seed)])
        rng = np.random.default_rng([PANEL_SEED, seed, 2])
        model = learner(train, np.ones(train.num_rows), pictures(images[chosen[size:]]), rng)
        best = np.array(model.classes)[model.predict_proba(pictures(images[panel])).argmax(axis=1)]
        right.append(best == labels[panel])
    return np.array(right)


def synthetic(seed: int) -> pa.Table:
    """Draw a seed's synthetic images."""
    rows = pa.Table.from_batches(Digits(size=28)(SYNTHETIC, np.random.default_rng([PANEL_SEED, seed, 1])))
    return table(pixels(rows), np.array(rows["label"].to_pylist()), "synthetic")


def table(images: Images, labels: Labels, origin: str = "real") -> pa.Table:
    """Make a table of labelled images."""
    named = pictures(images).append_column("label", pa.array(labels.tolist(), pa.string()))
    return named.append_column("item_origin", pa.array([origin] * len(images), pa.string()))


if __name__ == "__main__":
    main()

"""A digit reader trained on synthetic rows alone, tested on real digits: drawn without real data, or learned from some.

The first table: `digits`, which never saw a picture, read by two learners on the 10,000 images of MNIST's test file and
on the 1,797 of the UCI optical digits (8 x 8). The generator's development did look at MNIST's digits 3,000-9,999 and
at 8 x 8 digits; see bench/mnist.py. The second: generators that learn from half of the 8 x 8 digits, 10 rows drawn for
each, read by the learner on the other half, beside the real half itself. Run: python bench/readers.py [--seeds 5]
"""

from __future__ import annotations

import argparse
import gzip
import os
from collections.abc import Iterable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.datasets import load_digits

from bimetal.generators.augmented_image import AugmentedImage
from bimetal.generators.digits import Digits
from bimetal.generators.image_diffusion import ImageDiffusion
from bimetal.generators.image_mixture import ImageMixture
from bimetal.learners.linear import Linear
from bimetal.learners.scattering import Scattering
from bimetal.stats import crossed
from bimetal.types import Interval

DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data")) / "mnist"
ROWS = 5000
LEARNERS = {"linear on pixels": Linear(), "scattering": Scattering()}
LEARNED: dict[str, Any] = {
    "image_mixture": ImageMixture(),
    "augmented_image": AugmentedImage(),
    "image_diffusion": ImageDiffusion(),
}


def table(levels: Any, labels: Iterable[object]) -> pa.Table:
    """Put grey levels, (rows, height, width), into an image table."""
    tensor: Any = pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(levels, np.uint8))
    return pa.table({"image": tensor, "label": [str(each) for each in labels]})


def small() -> pa.Table:
    """The UCI optical digits, 8 x 8."""
    bunch = load_digits()
    return table(np.rint(bunch.images * 255 / 16), bunch.target)


def large() -> pa.Table | None:
    """MNIST's test file, None where it is not at hand."""
    files = [DATA / f"t10k-{name}-idx{k}-ubyte.gz" for name, k in (("images", 3), ("labels", 1))]
    if not all(each.exists() for each in files):
        return None
    images, labels = (gzip.decompress(each.read_bytes()) for each in files)
    return table(
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8, offset=8)
    )


def right(learner: Any, train: pa.Table, real: pa.Table, seed: int) -> Any:
    """Say of each real row whether it was read right, as 0 or 1."""
    model = learner(train, np.ones(train.num_rows), None, np.random.default_rng(seed))
    said = np.array(model.classes)[model.predict_proba(real).argmax(axis=1)]
    return (said == np.array(real["label"].to_pylist())).astype(float)


def spelled(score: Interval) -> str:
    return f"{100 * score.estimate:.1f} [{100 * score.low:.1f}, {100 * score.high:.1f}]"


def untaught(seeds: int) -> None:
    """Read real digits after synthetic ones that were drawn without any."""
    print(f"## Drawn without real data: {ROWS:,} rows of `digits`, {seeds} seeds\n")
    print("Accuracy on real digits in % [95 % interval].\n")
    print("| real digits | " + " | ".join(LEARNERS) + " |")
    print("|---|" + "---|" * len(LEARNERS))
    for name, real, size in (("UCI optical digits, 8 x 8", small(), 8), ("MNIST, 28 x 28", large(), 28)):
        if real is None:
            print(f"| {name} | not at hand |" + " |" * (len(LEARNERS) - 1))
            continue
        scores: dict[str, list[Any]] = {each: [] for each in LEARNERS}
        for seed in range(seeds):
            made = pa.Table.from_batches(list(Digits(size=size)(ROWS, np.random.default_rng([7, seed]))))
            for each, learner in LEARNERS.items():
                scores[each].append(right(learner, made, real, seed))
        cells = [spelled(crossed(np.array(each))) for each in scores.values()]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def taught(seeds: int) -> None:
    """Read half of the 8 x 8 digits after rows learned from the other half."""
    whole = small()
    print(f"\n## Learned from half of the 8 x 8 digits, ten rows drawn for each of its rows, {seeds} splits\n")
    print("Accuracy on the other half in %, a t interval over splits; CPU seconds to fit and draw.\n")
    print("| trained on | " + " | ".join(LEARNERS) + " | CPU s |")
    print("|---|" + "---|" * (len(LEARNERS) + 1))
    for name in ("the real half itself", *LEARNED):
        scores: dict[str, list[float]] = {each: [] for each in LEARNERS}
        spent = []
        for seed in range(seeds):
            order = np.random.default_rng([11, seed]).permutation(whole.num_rows)
            half, other = (whole.take(each) for each in np.array_split(order, 2))
            train, seconds = half, 0.0
            if name in LEARNED:
                seeds_of = encoded(half)
                begun = process_time()
                drawn = LEARNED[name](10 * half.num_rows, np.random.default_rng([13, seed]), seeds_of)
                train = pa.Table.from_batches(list(drawn)).select(["image", "label"])
                seconds = process_time() - begun
            spent.append(seconds)
            for each, learner in LEARNERS.items():
                scores[each].append(float(right(learner, train, other, seed).mean()))
        cells = [spelled(over(each)) for each in scores.values()]
        print(f"| {name} | " + " | ".join(cells) + f" | {np.mean(spent):.1f} |", flush=True)


def encoded(rows: pa.Table) -> pa.Table:
    """Spell a tensor column as PNG, as people's tables hold pictures."""
    from bimetal.generators._pictures import png
    from bimetal.payload import pixels

    images = [png(each[..., None]) for each in pixels(rows)]
    return pa.table({"image": pa.array(images, pa.binary()), "label": rows["label"].to_pylist()})


def over(scores: list[float]) -> Interval:
    from bimetal.stats import seed_t

    return seed_t(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    untaught(seeds)
    taught(seeds)


if __name__ == "__main__":
    main()

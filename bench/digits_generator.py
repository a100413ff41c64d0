"""What the digits generator is worth: rows a second, and a classifier that saw synthetic digits only, on real ones.

DEVELOPMENT numbers: the generator's writing variants were improved while looking at these same real digits, so they
flatter it. The rows of the published panels (the first 597 of the UCI digits and the first 3,000 of the MNIST test
file, in a fixed permutation) are never scored here; of
the MNIST development rows the first 3,500 are, for time. Run: python bench/digits_generator.py
"""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from bimetal.generators.digits import Digits
from bimetal.payload import pixels
from bimetal.stats import wilson

PANEL_SEED, UCI_PANEL, MNIST_PANEL, MNIST_SCORED = 20260101, 597, 3000, 3500
SYNTHETIC = 4000
DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
Images = NDArray[np.uint8]
Labels = NDArray[np.str_]


def main() -> None:
    print("DEVELOPMENT digits, synthetic-only training; accuracy [95 % Wilson interval]\n")
    print("| real digits | rows | features, SVC | accuracy | synthetic rows a CPU second |\n|---|---|---|---|---|")
    show("UCI 8x8", *uci(), size=8)
    if (DATA / "mnist").exists():
        show("MNIST 28x28", *mnist(), size=28)
    else:
        print(f"no MNIST file under {DATA}; set BIMETAL_BENCH_DATA")


def show(name: str, real: Images, truth: Labels, size: int) -> None:
    start = time.process_time()
    rows = pa.Table.from_batches(Digits(size=size)(SYNTHETIC, np.random.default_rng(0)))
    rate = SYNTHETIC / (time.process_time() - start)
    features, words = (grey, "pixels, C = 10") if size == 8 else (gradients, "oriented gradients, C = 10")
    model = SVC(C=10, gamma="scale").fit(features(pixels(rows)), rows["label"].to_pylist())
    right = int((model.predict(features(real)) == truth).sum())
    print(f"| {name} | {len(real)} | {words} | {wilson(right, len(real))} | {rate:,.0f} |", flush=True)


def grey(images: Images) -> NDArray[np.float64]:
    return images.reshape(len(images), -1) / 255


def gradients(images: Images, cell: int = 4, bins: int = 9) -> NDArray[np.float64]:
    """Histograms of oriented gradients (Dalal and Triggs 2005), blocks of 2x2 cells."""
    down, across = np.gradient(images / 255, axis=(1, 2))
    strength, turn = np.hypot(across, down), np.arctan2(down, across) % np.pi / np.pi * bins
    side = images.shape[1] // cell
    cells = np.empty((len(images), side, side, bins))
    for k in range(bins):
        near = np.clip(1 - np.abs((turn - k + bins / 2) % bins - bins / 2), 0, 1)
        cells[..., k] = (strength * near).reshape(-1, side, cell, side, cell).sum(axis=(2, 4))
    corners = [cells[:, i : side - 1 + i, j : side - 1 + j] for i in (0, 1) for j in (0, 1)]
    blocks = np.concatenate(corners, axis=3)
    scaled: NDArray[np.float64] = blocks / np.sqrt((blocks**2).sum(axis=3, keepdims=True) + 0.01)
    return scaled.reshape(len(images), -1)


def uci() -> tuple[Images, Labels]:
    bunch = load_digits()
    keep = np.random.default_rng(PANEL_SEED).permutation(len(bunch.target))[UCI_PANEL:]
    return np.rint(bunch.images[keep] * 255 / 16).astype(np.uint8), bunch.target[keep].astype(str)


def mnist() -> tuple[Images, Labels]:
    folder = DATA / "mnist"
    images = np.frombuffer(gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    keep = np.random.default_rng(PANEL_SEED).permutation(len(labels))[MNIST_PANEL:][:MNIST_SCORED]
    return images.reshape(-1, 28, 28)[keep], labels[keep].astype(str)


if __name__ == "__main__":
    main()

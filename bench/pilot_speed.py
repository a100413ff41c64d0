"""Wall time of the default pilot on 8x8 digits: on one core, on two, and beside a hand-written scikit-learn loop.

All default arms, five sizes, five seeds. The loop does the same fits with the same rows on bare arrays, generator and
query strategy included, and its accuracies must equal the pilot's wherever labels are asked at random. A ridge
classifier makes the fits short, so that what the pilot adds shows. Run: python bench/pilot_speed.py [--scattering]
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from threadpoolctl import threadpool_limits

from bimetal.compute import run_local
from bimetal.learners._features import with_pixels
from bimetal.learners.spread import harmonic
from bimetal.payload import pixels
from bimetal.pilot import Arm, Design, PilotData, PilotResult, run_pilot, synthetic_weight
from bimetal.pilot.sources import SYNTHETIC_PANEL
from bimetal.plugins import Pool, make
from bimetal.types import Spec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray

    Array = NDArray[Any]

DESIGN = Design()
PANEL_SEED, PANEL = 20260101, 597
GENERATOR = make(Spec("generators", "digits", {"size": 8}))


def main() -> None:
    data = digits()
    list(run_local(abs, range(4), 2))  # workers are up before the clock starts
    one, alone = timed(data, RidgeClassifier(), 1)
    two, _ = timed(data, RidgeClassifier(), 2)
    start = time.perf_counter()
    with threadpool_limits(1):
        same = Loop(data).run()
    loop = time.perf_counter() - start
    check(alone, same)
    print("| learner | one core, s | two cores, s | faster | hand-written loop, s | pilot on one core / loop |")
    print("|---|---|---|---|---|---|")
    print(f"| ridge on pixels | {one:.1f} | {two:.1f} | {one / two:.2f}x | {loop:.1f} | {one / loop:.2f} |")
    if "--scattering" in sys.argv:
        scattering = make(Spec("learners", "scattering"))
        light_one, light_two = (timed(data, scattering, workers)[0] for workers in (1, 2))
        print(f"| scattering | {light_one:.1f} | {light_two:.1f} | {light_one / light_two:.2f}x | | |")


def timed(data: PilotData, learner: Any, workers: int) -> tuple[float, PilotResult]:
    """Run the default pilot on some workers; return seconds of wall time and what it found."""
    start = time.perf_counter()
    result = run_pilot(data, learner, DESIGN, lambda work, items: run_local(work, items, workers, ordered=True))
    return time.perf_counter() - start, result


def digits() -> PilotData:
    """Return the panel and the other 1,200 of the 1,797 UCI digits, and the generator."""
    found = load_digits()
    order = np.random.default_rng(PANEL_SEED).permutation(len(found.target))
    table = pa.table({"image": pa.array(order), "label": [str(each) for each in found.target[order]]})
    table = with_pixels(table, np.round(found.images[order] * 255 / 16).astype(np.uint8))
    return PilotData(table.slice(PANEL), table.slice(0, PANEL), GENERATOR)


def check(pilot: PilotResult, loop: dict[str, FloatArray]) -> None:
    """Raise where the loop's accuracies are not the pilot's, in the arms that ask at random."""
    for arm in DESIGN.arms:
        found = pilot.items[arm.name].mean(axis=2)
        if not arm.select and not np.allclose(found, loop[arm.name], atol=0.002):
            raise SystemExit(f"{arm.name}: the loop's fits differ by up to {np.abs(found - loop[arm.name]).max():.4f}")


@dataclass
class Loop:
    """The same pilot on bare arrays, one function a step, nothing checked, kept or explained."""

    data: PilotData

    def __post_init__(self) -> None:
        self.x, self.y = arrays(self.data.real)
        self.panel, self.truth = arrays(self.data.panel)
        self.strategy = make(Spec("strategies", "by_budget"))

    def run(self) -> dict[str, FloatArray]:
        """Fit every cell; return accuracies of shape (sizes, seeds) an arm."""
        found = {arm.name: np.zeros((len(DESIGN.sizes), DESIGN.seeds)) for arm in DESIGN.arms}
        most = round(10 * DESIGN.sizes[-1]) + min(SYNTHETIC_PANEL, len(self.truth))
        for seed in range(DESIGN.seeds):
            rng = np.random.default_rng([DESIGN.rng_seed, 1, seed])
            self.made = arrays(pa.Table.from_batches(list(GENERATOR(most, rng))))
            order = np.random.default_rng([DESIGN.rng_seed, 0, seed]).permutation(len(self.y))
            for arm in DESIGN.arms:
                chosen = self.first(seed) if arm.select else order
                for at, n in enumerate(DESIGN.sizes):
                    model = self.fit(arm, chosen[:n], n)
                    found[arm.name][at, seed] = (model.predict(self.panel) == self.truth).mean()
                    self.flattery = model.predict(self.made[0][-len(self.truth) :]) if arm.uses_synthetic else None
                    if arm.select and n < DESIGN.sizes[-1]:
                        chosen = self.ask(model, chosen[:n], DESIGN.sizes[at + 1] - n)
        return found

    def first(self, seed: int) -> Array:
        rng = np.random.default_rng([DESIGN.rng_seed, 2, seed, 0])
        first: Array = self.strategy(
            Pool(embeddings=self.x.astype(np.float32)), np.zeros(0, int), DESIGN.sizes[0], rng
        ).indices
        return first

    def ask(self, model: RidgeClassifier, known: Array, n: int) -> Array:
        pool = Pool(softmax(model.decision_function(self.x), axis=1), self.x.astype(np.float32))
        return np.concatenate([known, self.strategy(pool, known, n, np.random.default_rng(n)).indices])

    def fit(self, arm: Arm, rows: Array, n: int) -> RidgeClassifier:
        x, y, weight = self.x[rows], self.y[rows], np.ones(len(rows))
        if arm.uses_synthetic:
            m = arm.made(n)
            made, labels = self.made[0][:m], self.made[1][:m]
            each = synthetic_weight(m) if arm.human else 1.0
            x = np.concatenate([x, made]) if arm.human else made
            y = np.concatenate([y, labels]) if arm.human else labels
            weight = np.repeat([1.0, each], [len(rows), m]) if arm.human else np.ones(m)
        if not arm.improve:
            return RidgeClassifier().fit(x, y, weight)
        pool = self.x[np.delete(np.arange(len(self.y)), rows)]
        return self.spread(x, y, weight, pool, len(rows) if arm.human else 0)

    def spread(self, x: Array, y: Array, weight: FloatArray, pool: Array, real: int) -> RidgeClassifier:
        base = self.self_trained(x, y, weight, pool)
        classes, codes = np.unique(y, return_inverse=True)
        goals = np.concatenate([np.eye(len(classes))[codes[:real]], softmax(base.decision_function(pool), axis=1)])
        pull = np.append(100.0 * weight[:real], np.full(len(pool), 0.06 * max(1 - real / len(y), 0.05)))
        found = harmonic(np.concatenate([x[:real], pool]), 10, goals, pull)[real:].argmax(axis=1)
        kept = np.union1d(np.arange(real), np.flatnonzero(~np.isin(codes, found)))
        both = np.concatenate([x[kept], pool]), classes[np.append(codes[kept], found)]
        return self.self_trained(*both, np.append(weight[kept], np.ones(len(pool))), pool)

    def self_trained(self, x: Array, y: Array, weight: FloatArray, pool: Array) -> RidgeClassifier:
        model = RidgeClassifier().fit(x, y, weight)
        for done in range(1, 5):
            scores = softmax(model.decision_function(pool), axis=1)
            sure = surest(scores, 0.8 * done / 4)
            labels = model.classes_[scores[sure].argmax(axis=1)]
            more = np.concatenate([weight, np.full(len(sure), 0.5)])
            model = RidgeClassifier().fit(np.concatenate([x, pool[sure]]), np.concatenate([y, labels]), more)
        return model


def arrays(rows: pa.Table) -> tuple[Array, Array]:
    pictures = pixels(rows)
    flat = pictures.reshape(len(pictures), -1).astype(np.float32) / np.float32(255)
    return flat, np.array(rows["label"].to_pylist())


def surest(scores: FloatArray, keep: float) -> Array:
    best = scores.argmax(axis=1)
    ranked = np.sort(scores, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    chosen = []
    for code in np.unique(best):
        rows = np.flatnonzero(best == code)
        chosen.append(rows[np.argsort(-margin[rows], kind="stable")][: int(np.ceil(keep * len(rows)))])
    return np.sort(np.concatenate(chosen))


if __name__ == "__main__":
    main()

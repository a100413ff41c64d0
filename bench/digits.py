"""The main job measured: human-only, synthetic-only and hybrid on the real 8x8 digits, twenty seeds, with intervals.

The panel is the first 597 of a fixed permutation of the 1,797 UCI digits, used here and in the demo alone; generator
and learners were developed on the other 1,200. Run: python bench/digits.py [--seeds 20]
"""

import argparse
import sys

import pyarrow as pa

from bimetal.compute import run_local
from bimetal.pilot import Arm, Design, PilotData, PilotResult, run_pilot
from bimetal.pilot.arms import DEFAULT_ARMS, PLAIN_ARMS
from bimetal.pilot.words import saving_words
from bimetal.plugins import make
from bimetal.programme.demo import digits
from bimetal.types import Spec

SIZES = (10, 20, 50, 100, 200, 400)
TARGETS = (0.9, 0.95, 0.97, 0.98)
STRONG = Spec("learners", "scattering")
PLAIN = Spec("learners", "estimator", {"estimator": "sklearn.svm:SVC", "params": {"C": 10}})


def pilot(learner: Spec, arms: tuple[Arm, ...], seeds: int) -> PilotResult:
    """Run arms on the digits; `real` is everything but the panel and the two windows of the new scanner."""
    parts = digits.load()
    real = pa.concat_tables([parts.labelled, parts.pool, *parts.production[:2]])
    data = PilotData(real, parts.panel, make(Spec("generators", "digits", {"size": 8})))
    design = Design(SIZES, seeds, arms, TARGETS, rng_seed=digits.RNG_SEED)

    def told(done: int, total: int, _: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done}/{total}")

    return run_pilot(data, make(learner), design, run_local, told)


def show(result: PilotResult) -> None:
    """Print accuracies, differences and savings as Markdown."""
    sizes = result.design.sizes
    print(f"{result.panel_items} real panel items, {result.design.seeds} seeds; accuracy in % [95 % interval]\n")
    print("| arm |", " | ".join(f"N = {n}" for n in sizes), "|\n|---|" + "---|" * len(sizes))
    for arm, curve in result.arms.items():
        print(f"| {arm} |", " | ".join(f"{e.estimate:.1%} [{e.low:.1%}, {e.high:.1%}]" for e in curve), "|")
    leads = [
        f"{d.interval.estimate * 100:+.1f} [{d.interval.low * 100:+.1f}, {d.interval.high * 100:+.1f}]"
        for d in result.differences
    ]
    print(f"| {result.candidate} less {result.baseline}, points |", " | ".join(leads), "|\n")
    for saved in result.saving:
        print(f"- at {saved.target:.0%}: {saving_words(saved)}")
    print(f"- answer: {result.answer}")
    print(f"- harm at: {', '.join(str(d.n) for d in result.differences if d.harms) or 'no size'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    print("## the default pilot: scattering features, self-training and label spreading, active arms\n")
    show(pilot(STRONG, DEFAULT_ARMS, seeds))
    print("\n## plain SVM on pixels, for comparison with published curves\n")
    show(pilot(PLAIN, PLAIN_ARMS, seeds))

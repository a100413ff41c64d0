"""Time, memory and faithfulness of the query strategies on a large pool, beside scikit-activeml where it survives.

Every measurement has a process of its own with one BLAS thread; times are CPU seconds, memory is the process's peak,
which holds 50 to 130 MB of imports.
The pool is made: 50 groups in 384 dimensions, spread along 16 directions, or one isotropic normal; 10 classes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from bimetal.plugins import Pool, Strategy, make
from bimetal.strategies import _clusters
from bimetal.types import Spec

D, CLASSES, MEMBERS, BATCH = 384, 10, 3, 100
NEEDS = {
    "random": "scores",
    "margin": "scores",
    "entropy": "scores",
    "bald": "committee",
    "k_center": "embeddings",
    "badge": "scores embeddings",
    "diverse_margin": "scores embeddings",
    "typiclust": "embeddings",
    "prob_cover": "embeddings",
}
PEERS = ("margin", "k_center", "badge", "typiclust", "prob_cover")
NONE = np.array([], np.int64)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--peer", action="store_true", help="measure scikit-activeml too")
    asked.add_argument("--peer-rows", type=int, nargs="*", default=[10_000, 100_000])
    asked.add_argument("--seconds", type=int, default=900, help="when to give up on one measurement")
    asked.add_argument("--one", help="measure one thing in this process and print it as JSON")
    args = asked.parse_args()
    if args.one:
        who, name, kind = args.one.split(":")
        print(json.dumps(measured(who, name, kind, args.rows)))
        return
    strategies_table(args.rows, args.seconds)
    if args.peer:
        peers_table(args.peer_rows, args.seconds)
    quality_tables()


def strategies_table(rows: int, seconds: int) -> None:
    """Every strategy once on the whole pool; its yardstick is measured in the same process, before and after."""
    print(f"**{rows:,} rows x {D} float32, {CLASSES} classes, batch {BATCH}, no labelled rows**\n")
    print("| strategy | pool | CPU s | yardstick | CPU s | ratio | pool, MB | peak, MB | peak / pool |")
    print("|---|---|---|---|---|---|---|---|---|")
    isotropic = [(name, "isotropic") for name in ("k_center", "badge")]
    for name, kind in [(name, "grouped") for name in NEEDS] + isotropic:
        found = apart(f"bimetal:{name}:{kind}", rows, seconds)
        print(f"| {name} | {kind} | {row_of(found)} |", flush=True)


def row_of(found: dict[str, Any]) -> str:
    if "fault" in found:
        return f"{found['fault']} | | | | | | "
    yard, ratio = (f"{found['yard']:.3f}", f"{found['cpu'] / found['yard']:.2f}") if found["yard"] else ("", "")
    memory = f"{found['pool']:,.0f} | {found['peak']:,.0f} | {found['peak'] / found['pool']:.2f}"
    return f"{found['cpu']:.3f} | {found['yardstick']} | {yard} | {ratio} | {memory}"


def peers_table(sizes: Sequence[int], seconds: int) -> None:
    """The same choice by scikit-activeml, where it is installed."""
    try:
        import skactiveml  # type: ignore[import-not-found]  # an optional peer
    except ModuleNotFoundError:
        print("\nscikit-activeml: not installed")
        return
    print(f"\n**beside scikit-activeml {skactiveml.__version__}**\n")
    print("| strategy | rows | CPU s | scikit-activeml, CPU s | times faster | peak, MB | scikit-activeml, MB |")
    print("|---|---|---|---|---|---|---|")
    for name in PEERS:
        for rows in sizes:
            ours, theirs = (apart(f"{who}:{name}:grouped", rows, seconds) for who in ("bimetal", "peer"))
            if "fault" in theirs:
                print(f"| {name} | {rows:,} | {ours['cpu']:.3f} | {theirs['fault']} | | {ours['peak']:,.0f} | |")
                continue
            times = f"{ours['cpu']:.3f} | {theirs['cpu']:.2f} | {theirs['cpu'] / ours['cpu']:.0f}"
            print(f"| {name} | {rows:,} | {times} | {ours['peak']:,.0f} | {theirs['peak']:,.0f} |", flush=True)


def apart(one: str, rows: int, seconds: int) -> dict[str, Any]:
    """Measure one thing in a process of its own; a process that dies or takes too long leaves a fault."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, __file__, "--one", one, "--rows", str(rows)]
    try:
        run = subprocess.run(
            command, env={**os.environ, **single}, capture_output=True, text=True, timeout=seconds, check=True
        )
    except subprocess.TimeoutExpired:
        return {"fault": f"more than {seconds} s"}
    except subprocess.CalledProcessError as fault:
        lines = fault.stderr.strip().splitlines()
        return {"fault": lines[-1][:120] if lines else f"killed ({fault.returncode})"}
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def measured(who: str, name: str, kind: str, rows: int) -> dict[str, float | str]:
    choose = ours if who == "bimetal" else peer
    choose(name, pool_of(3000, kind, NEEDS[name]))()  # imports are no part of a choice
    pool = pool_of(rows, kind, NEEDS[name])
    chosen = choose(name, pool)
    yardstick, step, times = yardstick_of(name, pool)
    before = times * timed(step) if who == "bimetal" else 0.0
    cpu = timed(chosen)
    after = times * timed(step) if who == "bimetal" else 0.0
    size = sum(part.nbytes for part in (pool.scores, pool.embeddings, pool.committee) if part is not None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    yard = (before + after) / 2
    return {"cpu": cpu, "yardstick": yardstick, "yard": yard, "pool": size / 1e6, "peak": peak / 1e6}


def timed(step: Callable[[], object]) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


def yardstick_of(name: str, pool: Pool) -> tuple[str, Callable[[], object], int]:
    """Return what a choice is held against: a pass over the scores, or one hundred products with the embeddings."""
    if name in {"margin", "entropy"} and pool.scores is not None:
        return "one pass, `scores.sum(axis=1)`", partial(pool.scores.sum, axis=1), 1
    if name in {"k_center", "badge"} and pool.embeddings is not None:
        return f"{BATCH} passes, `X @ c`", partial(passes, pool.embeddings), BATCH // 10
    return "", int, 0


def passes(embeddings: Any) -> None:
    for row in embeddings[:10]:
        embeddings @ row


def ours(name: str, pool: Pool) -> Callable[[], object]:
    return partial(make(Spec("strategies", name)), pool, NONE, BATCH, np.random.default_rng(0))


def peer(name: str, pool: Any) -> Callable[[], object]:
    from skactiveml import pool as theirs
    from skactiveml.base import SkactivemlClassifier  # type: ignore[import-not-found]  # an optional peer

    class Stored(SkactivemlClassifier):  # type: ignore[misc]  # the library has no types
        """A classifier whose probabilities are there already."""

        def fit(self, *_: object) -> Stored:
            return self

        def predict_proba(self, _: object) -> object:
            return pool.scores

    embeddings: Any = pool.embeddings if pool.embeddings is not None else np.zeros((len(pool.scores), 1), np.float32)
    rows = len(embeddings)
    query = {
        "margin": lambda: theirs.UncertaintySampling(method="margin_sampling", random_state=0).query,
        "k_center": lambda: theirs.CoreSet(random_state=0).query,
        "badge": lambda: theirs.Badge(random_state=0).query,
        "typiclust": lambda: theirs.TypiClust(random_state=0, k=20).query,
        "prob_cover": lambda: theirs.ProbCover(random_state=0, n_classes=CLASSES).query,
    }[name]()
    args: dict[str, Any] = {"X": embeddings, "y": np.full(rows, np.nan), "batch_size": BATCH}
    if name in {"margin", "badge"}:
        args |= {"clf": Stored(classes=list(range(CLASSES))), "fit_clf": False}
    return partial(query, **args)


def quality_tables() -> None:
    """What the two approximations lose against the exact algorithm, on pools where that can still be run."""
    print("\n**ProbCover on a sample: share of 10,000 rows that 100 chosen ones cover, over the exact share**\n")
    print("| pool | exact cover | sample 5,000 | sample 2,000 | sample 1,000 |")
    print("|---|---|---|---|---|")
    for kind in ("grouped", "isotropic"):
        pool = pool_of(10_000, kind, "embeddings")
        radius = quantile_distance(pool)
        exact, *sampled = (covered(pool, radius, sample) for sample in (10_000, 5000, 2000, 1000))
        print(f"| {kind} | {exact:.3f} | {' | '.join(f'{share / exact:.3f}' for share in sampled)} |", flush=True)
    print("\n**TypiClust: typicality reached, 1 / mean distance to the 20 nearest rows, over the exact one**\n")
    print("| pool | rows | chosen | screened | and clustered by mini-batches |")
    print("|---|---|---|---|---|")
    for kind in ("grouped", "isotropic"):
        for rows, n in ((10_000, 5), (10_000, 50)):
            pool = pool_of(rows, kind, "embeddings")
            exact, screened, batched = (
                typicality(pool, n, *how) for how in ((10**9, False), (512, False), (512, True))
            )
            print(f"| {kind} | {rows:,} | {n} | {screened / exact:.3f} | {batched / exact:.3f} |", flush=True)


def quantile_distance(pool: Pool) -> float:
    """Return a radius at which a ball holds about 1 % of the pool."""
    probes = np.arange(0, 10_000, 20)
    return float(np.quantile(distances(pool, probes), 0.01))


def covered(pool: Pool, radius: float, sample: int) -> float:
    strategy = make(Spec("strategies", "prob_cover", {"random_share": 0.0, "radius": radius, "sample": sample}))
    shares = [(distances(pool, chosen(strategy, pool, BATCH, seed)) < radius).any(axis=0).mean() for seed in range(3)]
    return float(np.mean(shares))


def typicality(pool: Pool, n: int, exact: int, batched: bool) -> float:
    strategy = make(Spec("strategies", "typiclust", {"random_share": 0.0, "exact": exact}))
    limit, _clusters.MANY_ROWS = _clusters.MANY_ROWS, 0 if batched else _clusters.MANY_ROWS
    try:
        near = [np.sort(distances(pool, chosen(strategy, pool, n, seed)), axis=1)[:, 1:21] for seed in range(3)]
    finally:
        _clusters.MANY_ROWS = limit
    return float(np.mean([1 / each.mean(axis=1) for each in near]))


def chosen(strategy: Strategy, pool: Pool, n: int, seed: int) -> Any:
    return strategy(pool, NONE, n, np.random.default_rng(seed)).indices


def distances(pool: Pool, rows: Any) -> Any:
    from scipy.spatial.distance import cdist

    assert pool.embeddings is not None
    return cdist(pool.embeddings[rows], pool.embeddings)


def pool_of(rows: int, kind: str, needs: str) -> Pool:
    """Make a pool with the parts that are needed, in place, so that its making leaves no peak of memory."""
    rng = np.random.default_rng(7)
    parts: dict[str, Any] = {}
    if "scores" in needs:
        parts["scores"] = probabilities(rows, rng)
    if "committee" in needs:
        parts["committee"] = probabilities(MEMBERS * rows, rng).reshape(MEMBERS, rows, CLASSES)
    if "embeddings" in needs:
        parts["embeddings"] = embedded(rows, kind, rng)
    return Pool(**parts)


def probabilities(rows: int, rng: np.random.Generator) -> Any:
    found = np.empty((rows, CLASSES))
    for start in range(0, rows, 10_000):
        part = found[start : start + 10_000]
        part[:] = rng.dirichlet(np.ones(CLASSES), len(part))
    return found


def embedded(rows: int, kind: str, rng: np.random.Generator) -> Any:
    centres, directions = rng.standard_normal((50, D)), rng.standard_normal((16, D)) / 4
    found = np.empty((rows, D), np.float32)
    for start in range(0, rows, 10_000):
        part = found[start : start + 10_000]
        rng.standard_normal(out=part, dtype=np.float32)
        if kind == "grouped":
            part *= 0.1
            part += centres[rng.integers(50, size=len(part))] + rng.standard_normal((len(part), 16)) @ directions
    return found


if __name__ == "__main__":
    main()

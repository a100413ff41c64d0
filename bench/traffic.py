"""Traffic episodes: how many a second, the same ones driven by SUMO, and natural rates out of steered draws.

Stated before anything was compared: with SUMO updating ballistically, as here, the distributions of least time to
collision differ by at most .05 (Kolmogorov and Smirnov's distance) and their deciles by at most .1 s, collision shares
by at most 1 point. SUMO runs in the Python named by BIMETAL_BENCH_PEERS. Run: python bench/traffic.py
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.stats import ks_2samp

from bimetal.generators._traffic.episodes import DRAWN, LIGHTS, SCENARIOS, WEATHERS, Episodes, code, episodes
from bimetal.generators._traffic.motion import TRACES, across, simulate, time_to_collision
from bimetal.generators.traffic import Traffic
from bimetal.types import Target

PEERS = os.environ.get("BIMETAL_BENCH_PEERS", "")
SUMO = Path(__file__).parent / "peers" / "sumo.py"
KS, DECILE, SHARE = 0.05, 0.1, 0.01
FAR = 60.0  # s; longer times to collision, and none, count as this
STEP = 0.1
RARE = (Target("scenario", "dart_out", 0.5), Target("light", "dusk", 0.5), Target("ttc", "<1.5", 0.5))
WHY = """
What is left of a difference: told to stop, SUMO's leader stops at the end of a step and not within it; Euler's update,
SUMO's default, moves a step at its new speed; and SUMO sees a car in the ego's lane as soon as its side has crossed the
marking, where bodies must overlap here. SUMO knows no time of reaction and no path across lanes: both are commanded.
Its rate is for whole episodes of 15 s, each on an edge of its own, start of the program included, reading left out."""
STEERED = {
    "half collisions": (Target("label", "collision", 0.5),),
    "half each: dart-outs, dusk, TTC < 1.5 s": RARE,
    "half near misses, half snow": (Target("label", "near_miss", 0.5), Target("weather", "snow", 0.5)),
}


@dataclass(frozen=True)
class Driven:
    """Least times to collision and contacts of the same episodes, judged from frames."""

    ttc: Any
    hit: Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=2000, help="of each scenario, driven here and by SUMO")
    parser.add_argument("--draws", type=int, default=100, help="steered draws of 2,048 rows for each set of targets")
    asked = parser.parse_args()
    rates()
    against_sumo(asked.episodes)
    finer_steps(asked.episodes)
    recovered(asked.draws)


def rates() -> None:
    print("## episodes a CPU second\n\nOne thread, rows of Arrow included; median of five runs, and their range.\n")
    print("| what | a second | target |\n|---|---|---|")
    for words, made, rows, targets in (
        ("cut-ins", Traffic(scenario="cut_in"), 20480, ()),
        ("all scenarios", Traffic(), 20480, ()),
        ("all, with trajectories", Traffic(trajectories=True), 8192, ()),
        ("half dart-outs, half dusk, half TTC < 1.5 s", Traffic(), 8192, RARE),
    ):
        spent = []
        for seed in range(5):
            start = time.process_time()
            drawn = sum(batch.num_rows for batch in made(rows, np.random.default_rng(seed), targets=targets))
            spent.append(drawn / (time.process_time() - start))
        target = ">= 10,000" if words == "cut-ins" else ""
        print(f"| {words} | {np.median(spent):,.0f} ({min(spent):,.0f}-{max(spent):,.0f}) | {target} |", flush=True)


def against_sumo(n: int) -> None:
    print("\n## the same episodes driven by SUMO\n")
    if not PEERS:
        print("SUMO was not measured: BIMETAL_BENCH_PEERS names no interpreter that has libsumo.")
        return
    print(
        f"{n:,} episodes each, steps of {STEP} s, TTC judged alike from both sides' frames. Tolerance, stated before:"
    )
    print(
        f"KS <= {KS}, deciles of TTC below {FAR:g} s within {DECILE} s, collision shares within {100 * SHARE:g} point."
    )
    print()
    heads = ["scenario, SUMO's update", "KS", "worst decile, s", "TTC < 1.5 s here, SUMO", "collisions here, SUMO"]
    heads += ["episodes that end otherwise", "SUMO's own count", "SUMO, episodes a CPU second", "within"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for scenario in ("following", "hard_brake", "cut_in"):
        given = some(scenario, n)
        ours, tracks = here(given)
        for update in ("ballistic", "euler"):
            theirs, said = there(given, tracks, update)
            compared(f"{scenario}, {update}", ours, theirs, said)
    print(WHY)


def compared(words: str, ours: Driven, theirs: Driven, said: dict[str, Any]) -> None:
    distance = float(ks_2samp(ours.ttc, theirs.ttc, method="asymp").statistic)
    points = np.linspace(0.1, 0.9, 9)
    both = np.quantile(ours.ttc, points), np.quantile(theirs.ttc, points)
    worst = float(np.abs(both[0] - both[1])[np.minimum(*both) < FAR].max(initial=0))
    shares = ours.hit.mean(), theirs.hit.mean()
    fits = distance <= KS and worst <= DECILE and abs(shares[0] - shares[1]) <= SHARE
    n = len(ours.ttc)
    print(
        f"| {words} | {distance:.4f} | {worst:.3f} | {(ours.ttc < 1.5).mean():.2%}, {(theirs.ttc < 1.5).mean():.2%}"
        f" | {shares[0]:.2%}, {shares[1]:.2%} | {(ours.hit != theirs.hit).sum()} | {said['collisions'] / n:.2%}"
        f" | {n / said['seconds']['driving']:,.0f} | {'yes' if fits else 'no'} |",
        flush=True,
    )


def finer_steps(n: int) -> None:
    print("\n## finer steps\n\nThe same episodes in steps of 0.1 s and of 0.02 s.\n")
    print("| scenario | KS | collisions at 0.1 s | at 0.02 s |\n|---|---|---|---|")
    for scenario in SCENARIOS:
        given = some(scenario, n)
        coarse, fine = (simulate(given, step) for step in (STEP, STEP / 5))
        distance = ks_2samp(np.minimum(coarse.min_ttc, FAR), np.minimum(fine.min_ttc, FAR), method="asymp").statistic
        print(
            f"| {scenario} | {distance:.4f} | {coarse.collision.mean():.2%} | {fine.collision.mean():.2%} |", flush=True
        )


def recovered(draws: int) -> None:
    print("\n## natural rates out of steered draws\n")
    truth = table(409600, 999)
    print(
        f"Unsteered rates from {truth.num_rows:,} rows, against weighted means of {draws} steered draws of 2,048 rows;"
    )
    print("nominal coverage of their 95 % intervals is 95 %. Effective rows: (sum w)^2 / sum w^2.\n")
    print("| targets | asked, drawn | rate of | unsteered | weighted mean | coverage | effective rows |")
    print("|---|---|---|---|---|---|---|")
    for words, targets in STEERED.items():
        whole = table(2048 * draws, 1, targets)  # each batch of 2,048 rows is a draw of its own
        tables = [whole.slice(2048 * k, 2048) for k in range(draws)]
        asked = [f"{100 * each.share:g} %, {np.mean([share(rows, each) for rows in tables]):.1%}" for each in targets]
        for label in ("collision", "near_miss"):
            natural = share(truth, Target("label", label, 0))
            means = [weighted(rows, label) for rows in tables]
            covered = np.mean([abs(mean - natural) <= 1.96 * error for mean, error in means])
            kept = np.mean([effective(rows["_weight"].to_numpy()) for rows in tables])
            print(
                f"| {words} | {'; '.join(asked)} | {label} | {natural:.2%} | {np.mean([m for m, _ in means]):.2%}"
                f" | {covered:.0%} | {kept:,.0f} |",
                flush=True,
            )


def some(scenario: str, n: int) -> Episodes:
    """Draw n natural episodes of one scenario."""
    rng = np.random.default_rng(20260101)
    kinds = [np.full(n, code(scenario)), *(rng.choice(3, n, p=list(each.values())) for each in (WEATHERS, LIGHTS))]
    return episodes(np.stack(kinds, axis=1), rng.random((n, len(DRAWN))))


def here(given: Episodes) -> tuple[Driven, dict[str, Any]]:
    came = simulate(given, STEP, record=True)
    tracks = dict(zip(TRACES, came.traces.transpose(1, 0, 2), strict=True))
    judged_too = judged(given, tracks)
    assert (judged_too.hit == came.collision).all()
    assert np.allclose(judged_too.ttc, np.minimum(came.min_ttc, FAR))
    return judged_too, tracks


def there(given: Episodes, tracks: dict[str, Any], update: str) -> tuple[Driven, dict[str, Any]]:
    reacts = given.scenario != code("following")
    with tempfile.TemporaryDirectory() as folder:
        sent, back = Path(folder) / "episodes.npz", Path(folder) / "frames.npz"
        np.savez(
            sent,
            other_track=tracks["other_speed"],
            notice=np.where(reacts, given.notice, np.inf),
            acts=np.where(reacts, given.notice + given.reaction, np.inf),
            merges=~given.led,
            limit=given.limit,
            step=np.full(len(given), STEP),
            **{name: getattr(given, name) for name in ("speed", "desired_speed", "gap", "headway")},
            **{name: getattr(given, name) for name in ("acceleration", "comfort", "standstill")},
        )
        ran = subprocess.run([PEERS, SUMO, sent, back, update], capture_output=True, text=True, check=True)
        frames = dict(np.load(back))
    # SUMO counts from its own origin, and to the front of the other, not to its rear.
    frames["ego_x"] -= frames["ego_x"][0].copy()
    frames["other_x"] += given.gap - frames["other_x"][0]
    return judged(given, frames), json.loads(ran.stdout.splitlines()[-1])


def judged(given: Episodes, frames: dict[str, Any]) -> Driven:
    """Judge frames, arrays of shape (frames, n): the path across is prescribed, so it is the same for both sides."""
    aside, nearing = (
        np.array(each) for each in zip(*(across(given, k * STEP) for k in range(len(frames["ego_x"]))), strict=True)
    )
    gap, closing = frames["other_x"] - frames["ego_x"], frames["ego_speed"] - frames["other_speed"]
    length, width = given.other_size
    size = length + 5.0, (width + 1.8) / 2
    touch = (np.abs(aside) < size[1]) & (gap <= 0) & (gap > -size[0])
    after = np.cumsum(touch, axis=0) - touch > 0
    ttc = np.where(touch, 0, time_to_collision((gap, aside), (closing, nearing), size))
    return Driven(np.minimum(np.where(after, np.inf, ttc).min(axis=0), FAR), touch.any(axis=0))


def table(n: int, seed: int, targets: tuple[Target, ...] = ()) -> pa.Table:
    return pa.Table.from_batches(Traffic()(n, np.random.default_rng(seed), targets=targets))


def share(rows: pa.Table, target: Target) -> float:
    values = rows["_ttc" if target.column == "ttc" else target.column].to_pylist()
    return values.count(target.value) / len(values)


def weighted(rows: pa.Table, label: str) -> tuple[float, float]:
    """Return Hajek's estimate of a label's natural rate, and its linearised standard error."""
    weight = rows["_weight"].to_numpy()
    is_so = np.array(rows["label"].to_pylist()) == label
    mean = float(weight @ is_so / weight.sum())
    return mean, float(np.sqrt(((weight * (is_so - mean)) ** 2).sum()) / weight.sum())


def effective(weight: Any) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())


if __name__ == "__main__":
    main()

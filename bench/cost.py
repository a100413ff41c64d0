"""Price lifecycles: 20,000 draws against a plain loop over draws, Latin hypercube against plain draws, and who wins.

CPU seconds, as wall time says little on a shared machine. The plain loop is the one the tests hold the room against
(tests/cost/by_hand.py); it prices the lines alone, without swings, break-evens or the worth of knowing more.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bimetal.cost import DRAWS, STRATEGIES, LifecycleCost, Scenario, kinds, lifecycle_cost
from bimetal.cost.setting import Setting, setting
from bimetal.cost.simulate import sampled, uniforms
from bimetal.report import percent

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "cost"))
import by_hand  # type: ignore[import-not-found]  # the tests' oracle stands outside the package

if TYPE_CHECKING:
    from bimetal.types import FloatArray

LOOPED = 1000  # draws of the loop, extrapolated: it is linear in them
REPEATS = 300
FEW = 500  # draws a repeat
BUDGET = 1.5  # CPU seconds for 20,000 draws
COMMODITY = Scenario(
    "image class", volume=30_000, inputs={"label_price": [0.025, 0.03, 0.035], "generator_build": 20_000}
)


def main() -> None:
    lifecycle_cost(COMMODITY, rng=np.random.default_rng(0), draws=100)  # imports
    speed()
    variance()
    winners()


def speed() -> None:
    print("**Speed**\n")
    print(f"{DRAWS:,} draws, three strategies, eight lines; CPU seconds, the least of five (of one for the loop).\n")
    print("| kind | all outputs | lines alone | plain loop, extrapolated | loop / lines | loop / all |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind in ("image class", "driving frame", "medical image"):
        found = setting(Scenario(kind))
        u = uniforms(found, LOOPED, np.random.default_rng(0))
        whole, lines = best(partial(everything, kind)), best(partial(drawn, found))
        looped = cpu(partial(loop, found, u)) * DRAWS / LOOPED
        ratios = f"{looped / lines:.0f} | {looped / whole:.0f}"
        print(f"| {kind} | {whole:.3f} | {lines:.3f} | {looped:.1f} | {ratios} |")
        assert whole <= BUDGET, f"{whole} CPU seconds, the budget is {BUDGET}"


def everything(kind: str) -> object:
    return lifecycle_cost(Scenario(kind), rng=np.random.default_rng(0)).json()


def drawn(found: Setting) -> object:
    return sampled(found, uniforms(found, DRAWS, np.random.default_rng(0)))


def loop(found: Setting, u: Mapping[str, FloatArray]) -> list[list[float]]:
    """Price draw by draw, as somebody would write it first."""
    rows, spent = found.sampled, []
    for i in range(LOOPED):
        v = {name: by_hand.quantile(*row.range, float(u[name][i]), share=row.share) for name, row in rows.items()}
        n, share, ratio = v["labels"], v["replaced_share"], v["synthetic_ratio"]
        takes = ((n, 0.0), (0.0, n * ratio), (n * (1 - share), n * share * ratio))
        drifts = by_hand.count(float(u["drift"][i]), v["hazard"] * 24)
        late = float(u["late"][i] < v["regulatory_probability"])
        spent.append([sum(by_hand.total(v, each, (drifts, late), 24, 3)) for each in takes])
    return spent


def variance() -> None:
    print("\n**Latin hypercube**\n")
    print(f"Variance over {REPEATS} repeats of {FEW:,} draws, plain draws / Latin hypercube: what the strata save.\n")
    print("| kind | mean cost, human only | mean advantage of hybrid | median advantage of hybrid |")
    print("|---|---:|---:|---:|")
    for kind in ("image class", "driving frame", "medical image"):
        found = setting(Scenario(kind))
        plain = np.array([figures(found, draw_plainly(found, seed)) for seed in range(REPEATS)])
        latin = np.array([figures(found, uniforms(found, FEW, np.random.default_rng(seed))) for seed in range(REPEATS)])
        ratios = plain.var(axis=0) / latin.var(axis=0)
        print(f"| {kind} | {' | '.join(f'{each:.1f}' for each in ratios)} |")


def draw_plainly(found: Setting, seed: int) -> dict[str, FloatArray]:
    rng = np.random.default_rng(seed)
    return {name: rng.random(FEW) for name in uniforms(found, 100, rng)}


def figures(found: Setting, u: Mapping[str, FloatArray]) -> tuple[float, ...]:
    spent = np.sum(list(sampled(found, u)[2].values()), axis=0)
    saved = spent[0] - spent[2]
    return float(spent[0].mean()), float(saved.mean()), float(np.median(saved))


def winners() -> None:
    print("\n**Who is cheapest, by the table alone**\n")
    print("Typical amounts, three raters, 24 months, US dollars; the last row is 30,000 labels at $0.03 and a $20,000")
    print("generator. These are assumptions at work, not findings: see what each kind's first sentence says.\n")
    sure = " | ".join(f"P({each})" for each in STRATEGIES)
    print(f"| kind | P50 human only | P50 hybrid | {sure} | break-even label price | answer |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for kind in kinds():
        row(kind, lifecycle_cost(Scenario(kind), rng=np.random.default_rng(0)))
    commodity = lifecycle_cost(COMMODITY, rng=np.random.default_rng(0))
    row("commodity labels", commodity)
    driving = lifecycle_cost(Scenario("driving frame"), rng=np.random.default_rng(0))
    print(f"\n- Commodity labels: {commodity.sentence}")
    print(f"- Driving: {driving.sentence}")


def row(name: str, found: LifecycleCost) -> None:
    costs = [found.costs[each] for each in ("human only", "hybrid")]
    spent = " | ".join(f"{each.p50:,.0f}" if each else "-" for each in costs)
    sure = " | ".join(percent(each) for each in found.cheapest.values())
    price = next(each for each in found.break_evens if each.name == "label price").at
    print(f"| {name} | {spent} | {sure} | {'none' if price is None else f'{price:.2f}'} | {found.answer} |")


def best(work: Callable[[], object]) -> float:
    return min(cpu(work) for _ in range(5))


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()

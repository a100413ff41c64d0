"""A pilot's pictures: learning curves, the mix's lead, the saving at each target, and the synthetic ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.pilot.data import ASSUMED
from bimetal.pilot.frontier import frontier
from bimetal.report import Bar, Curve, Figure, bars, count, learning_curves, percent, points
from bimetal.stats import Saving, saving
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.pilot.result import PilotResult

PAPER = "Intervals are 95 % over new seeds and new panel items (two-way random effects, Satterthwaite t)."
FRONTIER = 12  # targets priced for the picture
TARGETS = 5  # shown beside the registered ones, to see how a saving shrinks as the target rises


def curves(result: PilotResult) -> Figure:
    """Draw accuracy against human labels, one line per arm."""
    saved = result.saving[0]
    reaches = {result.baseline: saved.human_labels, result.candidate: saved.hybrid_labels}
    lines = []
    shown = [arm for arm in result.design.arms if not arm.human or arm.name in (result.baseline, result.candidate)]
    for arm in shown:
        role = "synthetic" if not arm.human else "hybrid" if arm.synthetic else "human"
        measured = list(zip(result.design.sizes, result.arms[arm.name], strict=True))
        lines.append(Curve(arm.name, role, measured, reaches.get(arm.name)))
    note = f"Lines are means of {result.design.seeds} seeds on {count(result.panel_items)} real panel items. {PAPER}"
    caption = f"{result.measure.capitalize()} on real held-out items, by human labels bought."
    strong = [arm.name for arm in result.design.arms if "self_trained" in arm.improve]
    if strong:
        note += f" These arms also learn from unlabelled real rows: {'; '.join(strong)}."
    return Figure(
        learning_curves(lines, target=result.targets[0], measure=f"{result.measure.capitalize()} on the panel"),
        caption,
        note,
    )


def differences(result: PilotResult) -> Figure:
    """Draw the mix's lead over people alone at each size."""
    rows = [Bar(f"{count(each.n)} labels", each.interval) for each in result.differences]
    harmed = [count(each.n) for each in result.differences if each.harms]
    helped = [count(each.n) for each in result.differences if each.helps]
    said = [f"helps at {', '.join(helped)} labels"] * bool(helped) + [f"harms at {', '.join(harmed)}"] * bool(harmed)
    caption = f"The mix {' and '.join(said)}." if said else "At no size can the mix be told from people alone."
    note = "Paired over the same seeds and panel items; what helps or harms does so at 95 % for all sizes together."
    lead = f"{result.candidate} less {result.baseline}"
    return Figure(bars(rows, measure=lead, limit=0.0, limit_name="no difference", spell=points), caption, note)


def savings_by_target(result: PilotResult) -> Figure | None:
    """Draw the share of labels saved at rising targets; None where no target tells anything."""
    found = [each for each in _savings(result) if each.saved is not None and each.saved.low > -1]
    if not found or not result.claims:
        return None
    rows = [Bar(f"at {percent(each.target, 1)}", each.saved) for each in found if each.saved]
    note = f"Against {result.baseline}, read off the same curves; a bound where a curve ends before the target."
    caption = f"Share of human labels saved, by target {result.measure}."
    return Figure(bars(rows, measure="Labels saved", limit=0.0, limit_name="nothing saved"), caption, note)


def _savings(result: PilotResult) -> list[Saving]:
    sizes = np.asarray(result.design.sizes)
    human, mix = result.values[result.baseline], result.values[result.candidate]
    means = human.mean(axis=(1, 2))
    targets = np.linspace(means[0], means[-1], TARGETS + 2)[1:-1]
    rng_seed = [result.design.rng_seed, 3]
    return [saving(sizes, human, mix, round(float(each), 3), np.random.default_rng(rng_seed)) for each in targets]


def costs(result: PilotResult) -> Figure | None:
    """Draw what each target costs with people alone and with the best mix, by the law; None where neither can."""
    if result.law is None or not result.law.fits:
        return None
    spent = result.facts.spent
    prices = spent.prices or ASSUMED
    human = result.values[result.baseline].mean(axis=(1, 2))
    targets = np.linspace(human[0], max(human[-1], result.targets[0]), FRONTIER)
    rungs = frontier(result.law, prices, [float(each) for each in targets], limits=spent.limits)
    lines = []
    for name, role in (("people", "human"), ("mix", "hybrid")):
        priced = [(getattr(each, name), each.target) for each in rungs]
        reached = [(round(cost), Interval(target, target, target)) for cost, target in priced if cost and cost >= 1]
        if reached:
            lines.append(Curve("people alone" if name == "people" else "best mix", role, reached))
    if not lines:
        return None
    chart = learning_curves(
        lines,
        target=result.targets[0],
        measure=result.measure.capitalize(),
        unit=prices.currency,
        spell=lambda share: percent(share, 1),
    )
    return Figure(chart, "What each target costs, by the law.", "Reached in four of five of the law's draws.")


def sweep(result: PilotResult) -> Figure | None:
    """Draw the metric against synthetic rows at the smallest, a middle and the largest N; None without a sweep."""
    source = result.design.arm(result.candidate).source
    plain = [arm for arm in result.design.arms if arm.human and arm.is_plain and not arm.rows]
    arms = sorted((arm for arm in plain if arm.source in ("", source)), key=lambda arm: arm.synthetic)
    if len(arms) < 3:
        return None
    sizes = result.design.sizes
    shown = sorted({0, len(sizes) // 2, len(sizes) - 1})
    lines = [
        Curve(
            f"{count(sizes[at])} human labels",
            "hybrid",
            [(max(1, arm.made(sizes[at])), result.arms[arm.name][at]) for arm in arms],
        )
        for at in shown
    ]
    chart = learning_curves(lines, measure=result.measure.capitalize(), unit="synthetic rows (1 stands for none)")
    return Figure(chart, "What more synthetic rows add, at a fixed number of human labels.", PAPER)

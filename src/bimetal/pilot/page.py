"""A pilot's report page: the answer first, then the curves, the differences and how it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.report import (
    Bar,
    Curve,
    Facts,
    Figure,
    Page,
    Section,
    Table,
    bars,
    bounded,
    count,
    learning_curves,
    number,
    percent,
    points,
)
from bimetal.report.page import Align

if TYPE_CHECKING:
    from bimetal.pilot.result import PilotResult

PAPER = "Intervals are 95 % over new seeds and new panel items (two-way random effects, Satterthwaite t)."


def page(result: PilotResult) -> Page:
    """Lay a pilot out as a page."""
    return Page(
        title="Pilot: people, synthetic data, or both",
        answer=result.answer,
        subtitle=labels_note(result),
        sections=(
            Section("What was measured", (curves(result), differences(result))),
            Section("Savings", (savings(result),)),
            Section("How", (accuracies(result), how(result))),
        ),
        footer=f"Panel {result.panel[:16]}, frozen before the first fit.",
    )


def labels_note(result: PilotResult) -> str:
    """Say whose labels were used, where it was not people just asked."""
    if "replayed" in result.label_origins:
        return "Labels were replayed from a published data set: no person was asked for this pilot."
    if result.label_origins == ("human",):
        return "Labels were given by people."
    return f"Who gave the labels is {' and '.join(result.label_origins)}."


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
    note = f"Lines are means of {result.design.seeds} seeds on {count(result.items)} real panel items. {PAPER}"
    caption = "Accuracy on real held-out items, by human labels bought."
    strong = [arm.name for arm in result.design.arms if "self_trained" in arm.improve]
    if strong:
        note += f" These arms also learn from unlabelled real rows: {'; '.join(strong)}."
    return Figure(learning_curves(lines, target=result.targets[0], measure="Accuracy on the panel"), caption, note)


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


def savings(result: PilotResult) -> Table:
    """List the saving at every target."""
    from bimetal.pilot.words import saving_words

    rows = [(percent(each.target, 1), saving_words(each)) for each in result.saving]
    return Table(("At accuracy", "What it takes"), rows, "A saving means nothing without its target.")


def accuracies(result: PilotResult) -> Table:
    """List every arm's accuracy at every size."""
    header = ("Arm", *(count(n) for n in result.design.sizes))
    rows = [
        (arm, *(bounded(each, lambda share: number(share * 100, 1)) for each in curve))
        for arm, curve in result.arms.items()
    ]
    right: list[Align] = ["right"] * len(result.design.sizes)
    return Table(header, rows, "Accuracy in %, by human labels, with 95 % intervals.", ("left", *right))


def how(result: PilotResult) -> Facts:
    """State what was registered before the first fit."""
    design = result.design
    weight = "by the effective-sample law" if design.weight is None else f"{design.weight:g}"
    return Facts(
        (
            ("Panel", f"{count(result.items)} real items, digest {result.panel[:16]}"),
            ("Arms", "; ".join(arm.name for arm in design.arms)),
            ("Compared", f"{result.candidate} against {result.baseline}, the strongest arm of people alone"),
            ("Synthetic rows", f"{max(arm.synthetic for arm in design.arms):g} per human label, weighed {weight}"),
            ("Seeds", f"{design.seeds}, from {design.rng_seed}"),
            ("Margin", f"{design.margin * 100:g} points of accuracy"),
        )
    )

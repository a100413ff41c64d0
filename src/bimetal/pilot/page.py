"""A pilot's report page: the answer first, then the curves, the differences and how it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.pilot.arms import left_out
from bimetal.pilot.data import ASSUMED
from bimetal.pilot.figures import PAPER, costs, curves, differences, savings_by_target, sweep
from bimetal.pilot.words import saving_words
from bimetal.report import Facts, Figure, Page, Section, Table, bounded, count, money, number, percent, points
from bimetal.report.page import Align

if TYPE_CHECKING:
    from bimetal.pilot.result import PilotResult
    from bimetal.types import Finding

SHOWN = 12  # slices on the page; all are in the JSON


def page(result: PilotResult) -> Page:
    """Lay a pilot out as a page."""
    pictures = [each for each in (savings_by_target(result), sweep(result)) if each]
    return Page(
        title="Pilot: people, synthetic data, or both",
        answer=result.answer,
        subtitle=labels_note(result),
        sections=(
            Section("What was measured", (curves(result), differences(result))),
            Section("Savings", (savings(result), net(result), *pictures)),
            Section("Where it is weakest", (slices(result),) if result.slices else (_UNSLICED,)),
            Section("What one synthetic row is worth", (law(result),)),
            *([Section("What to buy", planned(result))] if result.plan else []),
            Section("What weakens this answer", (findings(result),)),
            Section("How", (accuracies(result), compared(result), how(result))),
        ),
        footer=f"Panel {result.panel[:16]}, frozen before the first fit. {PAPER}",
    )


def labels_note(result: PilotResult) -> str:
    """Say whose labels were used, where it was not people just asked."""
    if "replayed" in result.label_origins:
        return "Labels were replayed from a published data set: no person was asked for this pilot."
    if result.label_origins == ("human",):
        return "Labels were given by people."
    return f"Who gave the labels is {' and '.join(result.label_origins)}."


def savings(result: PilotResult) -> Table:
    """List the saving at every target."""
    if not result.claims:
        told = "no saving is claimed: nobody said which human labels the synthetic rows were fitted on"
        return Table(("At", "What it takes"), [(percent(each.target, 1), told) for each in result.saving])
    rows = [(percent(each.target, 1), saving_words(each)) for each in result.saving]
    return Table((f"At {result.measure}", "What it takes"), rows, "A saving means nothing without its target.")


def net(result: PilotResult) -> Facts:
    """State what the answer itself cost."""
    return Facts((("Net of the answer's own cost", result.net.words),))


def slices(result: PilotResult) -> Table:
    """List the mix's weakest slices at the largest size, harmed ones first."""
    ranked = sorted(result.slices, key=lambda each: (not each.harms, each.mix.estimate))[:SHOWN]
    rows = [
        (
            f"{each.column} {each.value}" + (" (harmed)" if each.harms else ""),
            count(each.items),
            percent(each.human.estimate, 1),
            percent(each.mix.estimate, 1),
            bounded(each.difference, points),
        )
        for each in ranked
    ]
    note = f"At {count(result.design.sizes[-1])} labels; differences hold for all {len(result.slices)} slices together."
    return Table(
        ("Slice", "Items", "People alone", "Mix", "Difference"),
        rows,
        note,
        ("left", "right", "right", "right", "right"),
    )


_UNSLICED = Facts((("Slices", "not shown: this metric does not judge items one by one"),))


def law(result: PilotResult) -> Facts:
    """State kappa and the ceiling, or why the law does not hold here."""
    found = result.law
    if found is None:
        return Facts((("Effective-sample law", "not fitted: it needs the plain arms"),))
    if not found.fits:
        return Facts((("Effective-sample law", f"does not hold here: {found.why}"),))
    rows = [
        ("One synthetic row is worth", f"{bounded(found.kappa, _labels)} human labels, while there are few of them"),
        ("All of them replace at most", f"{bounded(found.n_inf, _labels)} human labels"),
        ("Law", f"error = E + A (n + s)^-b, 1/s = 1/(kappa m) + 1/ceiling; through {'; '.join(result.law_arms)}"),
    ]
    if found.why:
        rows.append(("Caution", found.why))
    return Facts(tuple(rows))


def _labels(value: float) -> str:
    return number(value, 2) if value < 10 else count(round(value)) if value < 1e6 else "more than a million"


def planned(result: PilotResult) -> tuple[Facts | Figure, ...]:
    """State the plan and draw what each target costs."""
    found, spent = result.plan, result.facts.spent
    assert found is not None  # asked for only where there is one
    prices = spent.prices or ASSUMED
    told = f"{money(prices.annotation, prices.currency)} an annotation, {prices.synthetic:g} a synthetic row"
    rows = [
        ("Cheapest plan", found.answer),
        ("Prices", told + (", assumed: pass --label-price and --synthetic-price" if spent.prices is None else "")),
        ("By the law through", "; ".join(result.law_arms)),
    ]
    if found.caution:
        rows.insert(0, ("Not to act on yet", found.caution))
    picture = costs(result)
    return (Facts(tuple(rows)), picture) if picture else (Facts(tuple(rows)),)


def findings(result: PilotResult) -> Facts:
    """List findings before, during and after the fits, and the arms that were not run."""
    rows = [(f"{each.check}: {each.verdict}", _told(each)) for each in result.facts.findings]
    rows += [
        (
            f"optimism: {arm}",
            f"{percent(made, 1)} on synthetic rows, {percent(real, 1)} on the real panel",
        )
        for arm, (made, real) in result.facts.optimism.items()
    ]
    missing = left_out(result.design.arms)
    rows.append(("arms not run", "; ".join(missing) if missing else "none"))
    return Facts(tuple(rows))


def _told(finding: Finding) -> str:
    return f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message


def accuracies(result: PilotResult) -> Table:
    """List every arm's accuracy at every size."""
    header = ("Arm", *(count(n) for n in result.design.sizes))
    rows = [
        (arm, *(bounded(each, lambda share: number(share * 100, 1)) for each in curve))
        for arm, curve in result.arms.items()
    ]
    right: list[Align] = ["right"] * len(result.design.sizes)
    return Table(
        header, rows, f"{result.measure.capitalize()} in %, by human labels, with 95 % intervals.", ("left", *right)
    )


def compared(result: PilotResult) -> Table:
    """List every mix against the strongest human arm at the largest size, p values adjusted over the arms."""
    last = [each for each in result.comparisons if each.n == result.design.sizes[-1]]
    rows = [(each.arm, bounded(each.interval, points), _p(each.better), _p(each.no_worse)) for each in last]
    note = (
        f"At {count(result.design.sizes[-1])} labels against {result.baseline}; p values Holm-adjusted over the arms; "
        f"no worse means by more than {result.design.margin * 100:g} points."
    )
    return Table(("Arm", "Difference", "p better", "p no worse"), rows, note, ("left", "right", "right", "right"))


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".lstrip("0") if value < 1 else "1"


def how(result: PilotResult) -> Facts:
    """State what was registered before the first fit."""
    design = result.design
    weight = "by the effective-sample law" if design.weight is None else f"{design.weight:g}"
    return Facts(
        (
            ("Panel", f"{count(result.panel_items)} real items, digest {result.panel[:16]}"),
            ("Arms", "; ".join(arm.name for arm in design.arms)),
            ("Compared", f"{result.candidate} against {result.baseline}, the strongest arm of people alone"),
            ("Synthetic rows", f"{_ratio(result)}, weighed {weight}"),
            ("Seeds", f"{design.seeds}, from {design.rng_seed}"),
            ("Margin", f"{design.margin * 100:g} points"),
        )
    )


def _ratio(result: PilotResult) -> str:
    arm = result.design.arm(result.candidate)
    return f"{count(arm.rows)} at every size" if arm.rows else f"{arm.synthetic:g} per human label"

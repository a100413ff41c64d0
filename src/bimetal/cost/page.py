"""A lifecycle's cost as a page: who is cheapest, how far costs spread, what decides, every price with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.cost.lines import LINES, SAID, STRATEGIES
from bimetal.cost.words import amount, break_even_words, cash, pilot_words, shown
from bimetal.report import (
    Figure,
    Page,
    Section,
    Spread,
    Swing,
    Table,
    Text,
    count,
    percent,
    span,
    spreads,
    tornado,
)

if TYPE_CHECKING:
    from bimetal.cost.result import LifecycleCost, Range
    from bimetal.cost.sensitivity import BreakEven
    from bimetal.cost.sensitivity import Swing as Moved
    from bimetal.cost.table import Row
    from bimetal.report.page import Align

ROLES = {"human only": "human", "synthetic only": "synthetic", "hybrid": "hybrid"}
WIDEST = 10  # inputs in the tornado; all are in the JSON
KNOWN = {
    "everything": "every input",
    "amounts": "the amounts needed, as a pilot measures them",
    "people": "people's time and price",
    "real data": "what real items cost",
    "generator": "what the generator costs",
    "training": "what training and evaluation cost",
    "audit": "hours of audit",
    "drift": "drift, its delay and its loss",
    "regulation": "delay by regulation",
}
NEVER = "does not reach the target"
NONE = "–"
RIGHT: tuple[Align, ...] = ("left", "right", "right", "right")


def page(result: LifecycleCost, title: str) -> Page:
    """Lay a lifecycle's cost out as a page."""
    moved = _moved(result)
    return Page(
        title=title,
        answer=result.sentence,
        subtitle=_subtitle(result),
        sections=(
            Section("What each strategy costs", (*_spreads(result), totals(result))),
            *([Section("What the choice hangs on", moved)] if moved else []),
            *([Section("Where the cheapest changes", (break_evens(result),))] if result.break_evens else []),
            Section("The eight lines", (lines(result),)),
            Section("What knowing more is worth", (Text(pilot_words(result)), information(result))),
            *([Section("Plan against actual", (actual(result),))] if result.spending.any else []),
            Section("Amounts", (needs(result),)),
            Section("Every price, and who says so", (prices(result), *_notes(result))),
        ),
        footer=_footer(result),
    )


def totals(result: LifecycleCost) -> Table:
    """List each strategy's cost, how probably it is the cheapest, and what a label and an item of it cost."""
    code = result.currency
    rows = [
        ("Cost, P50", *(_spell(each, code) for each in result.costs.values())),
        ("P10 to P90", *(_between(each, code) for each in result.costs.values())),
        ("Mean", *(cash(each.mean, code) if each else NONE for each in result.costs.values())),
        ("Reaches the target", *(percent(each) for each in result.reaches.values())),
        ("Cheapest of those that do", *(percent(each) for each in result.cheapest.values())),
        ("One accepted human label", *(_or_none(each, code) for each in result.per_label.values())),
        ("One accepted synthetic item", *(_or_none(each, code) for each in result.per_item.values())),
    ]
    if any(result.per_point.values()):
        rows.append(("One point of the score", *(_or_none(each, code) for each in result.per_point.values())))
    note = (
        "Costs are those of the draws in which a strategy reaches the target. A label: real item, answers, review. "
        "An item: building and upkeep included."
    )
    return Table(("", *STRATEGIES), rows, note, RIGHT)


def lines(result: LifecycleCost) -> Table:
    """List the eight lines by strategy, P50 with P10 to P90."""
    rows = []
    for line in LINES:
        found = [result.line(line, name) for name in STRATEGIES]
        rows.append((SAID[line].capitalize(), *(_with_range(each, result.currency) for each in found)))
    rows.append(("Together", *(_with_range(each, result.currency) for each in result.costs.values())))
    note = f"P50 (P10 to P90) over {result.scenario.months:g} months; medians do not add up."
    return Table(("Line", *STRATEGIES), rows, note, RIGHT)


def break_evens(result: LifecycleCost) -> Table:
    """List where another strategy becomes the cheapest, all other inputs at their medians."""
    rows = [
        (
            f"{each.name}: {each.says}".removesuffix(": "),
            amount(each.now, each.unit, result.currency),
            _turn(each, result),
        )
        for each in result.break_evens
    ]
    note = "Every other input at its median, chance at its expectation."
    return Table(("Input", "Now", "Cheapest"), rows, note, ("left", "right", "left"))


def information(result: LifecycleCost) -> Table:
    """Set what perfect information would be worth beside what a pilot costs."""
    ranked = sorted(result.information.items(), key=lambda each: (each[0] != "everything", -each[1]))
    rows = [
        (_about(name), cash(value, result.currency)) for name, value in ranked if value >= 0.5 or name == "everything"
    ]
    done = result.needs is not None and result.needs.pilot_labels is not None
    rows.append((f"The pilot {'cost' if done else 'would cost'}", cash(result.pilot, result.currency)))
    note = "The most that knowing it exactly before choosing could save on average; nothing tells everything."
    return Table(("To know", "is worth at most"), rows, note, ("left", "right"))


def actual(result: LifecycleCost) -> Table:
    """Set what was metered so far against the plan for the whole horizon."""
    code, told = result.currency, result.spending
    spent, planned = result.spent, result.planned
    rows = [(line.capitalize(), cash(planned[line], code), _or_none(spent.get(line), code)) for line in LINES]
    rows.append(("Together", cash(sum(planned.values()), code), cash(sum(spent.values()), code)))
    metered = [row.name for row in shown(result) if row.source.startswith("metered")]
    replaced = f" Metered in place of assumptions: {', '.join(metered)}." if metered else ""
    note = (
        f"Plan: median of {told.strategy} over {result.scenario.months:g} months. Actual, {told.months:.1f} months in: "
        f"{count(told.answers)} answers and {count(told.drawn)} synthetic items. Lines without a meter stay open."
    )
    return Table(("Line", "Plan", f"Metered by {told.as_of}"), rows, f"{note}{replaced}", ("left", "right", "right"))


def needs(result: LifecycleCost) -> Table:
    """List the human labels and synthetic items each strategy takes."""
    both = (("Human labels", result.labels), ("Synthetic items", result.synthetic))
    rows = [(name, *(_amounts(each, result, k) for k in range(len(STRATEGIES)))) for name, each in both]
    return Table(("", *STRATEGIES), rows, _from_whom(result), RIGHT)


def prices(result: LifecycleCost) -> Table:
    """List every input that counts, with its source and year, or marked as an assumption."""
    code = result.currency
    rows = [(_named(row), _range(row, code), _unit(row, code), row.backing) for row in shown(result)]
    return Table(("Input", "P10 / P50 / P90", "Unit", "Source"), rows, "", ("left", "right", "left", "left"))


def _subtitle(result: LifecycleCost) -> str:
    told = result.scenario
    items = f"{told.item}, {told.raters} {'rater' if told.raters == 1 else 'raters'} an item"
    asked = f"To the question of cost it answers: {result.answer}."
    return f"{items}, {told.months:g} months, all lines, {told.currency}. {asked}"


def _spreads(result: LifecycleCost) -> list[Figure]:
    rows = [
        Spread(name, result.totals[place, result.reached[place]], ROLES[name])
        for place, name in enumerate(STRATEGIES)
        if result.reached[place].any()
    ]
    if not rows:
        return []
    spec = spreads(rows, measure="Cost over the horizon", spell=lambda value: cash(value, result.currency))
    caption = "; ".join(f"{name} is the cheapest in {percent(each)}" for name, each in result.cheapest.items() if each)
    return [Figure(spec, f"{caption[:1].upper()}{caption[1:]} of the draws.")]


def _moved(result: LifecycleCost) -> tuple[Figure | Text | Table, ...]:
    widest = [each for each in result.swings if np.isfinite(each.advantage).all() and each.width > 0][:WIDEST]
    others = np.delete(result.middle, STRATEGIES.index(result.winner or STRATEGIES[0]))
    if not widest or not np.isfinite(others).any():
        return ()
    at_middle = float(others.min() - result.middle[STRATEGIES.index(result.winner or STRATEGIES[0])])
    rows = [Swing(_name(each), *each.advantage, each.low, each.high, each.assumption) for each in widest]
    spec = tornado(rows, at_middle, measure="Advantage", spell=lambda value: cash(value, result.currency))
    caption = f"What {result.winner} saves against the next cheapest, each input moved alone from its P10 to its P90."
    return (Figure(spec, caption, "Below zero another strategy is the cheapest. All other inputs at their medians."),)


def _name(each: Moved) -> str:
    return each.name.replace("_", " ") if each.name != "rank" else "what the pilot says is needed"


def _notes(result: LifecycleCost) -> list[Text]:
    notes = list(result.setting.notes)
    return [Text("\n\n".join(f"{each[:1].upper()}{each[1:]}." for each in notes))] if notes else []


def _footer(result: LifecycleCost) -> str:
    return (
        f"{count(result.reached.shape[1])} draws of a Latin hypercube; inputs independent of each other; drift as a "
        "Poisson process. A price without a source is an assumption: put your own in its place."
    )


def _from_whom(result: LifecycleCost) -> str:
    found = result.needs
    if found is None:
        return (
            "P50 (P10 to P90). Nobody has measured these: typical amounts of the table, assumed. A pilot measures them."
        )
    goal = f" for {found.metric} {percent(found.target, 1)}" if found.target is not None else ""
    caution = f" Caution: {found.caution}." if found.caution else ""
    return f"P50 (P10 to P90){goal}, from: {found.source}.{caution}"


def _about(name: str) -> str:
    return KNOWN.get(name, name)


def _turn(each: BreakEven, result: LifecycleCost) -> str:
    return break_even_words(each, result.currency)


def _amounts(drawn: np.ndarray, result: LifecycleCost, place: int) -> str:
    held = drawn[place, result.reached[place]]
    if not len(held):
        return NEVER
    low, middle, high = np.quantile(held, (0.1, 0.5, 0.9))
    return count(middle) if low == high else f"{count(middle)} ({span(low, high, count)})"


def _named(row: Row) -> str:
    """Begin with the name that bimetal.toml and --set know it by."""
    return f"{row.name}: {row.says}"


def _range(row: Row, currency: str) -> str:
    spell = (lambda value: cash(value, currency)) if row.unit.startswith(currency) else _plain
    return spell(row.median) if row.certain else " / ".join(map(spell, row.range))


def _plain(value: float) -> str:
    return count(value) if value >= 1000 else f"{value:.3g}"


def _unit(row: Row, currency: str) -> str:
    return (
        row.unit.removeprefix(currency).strip().removeprefix(",").strip() if row.unit.startswith(currency) else row.unit
    )


def _spell(found: Range | None, currency: str) -> str:
    return cash(found.p50, currency) if found else NEVER


def _between(found: Range | None, currency: str) -> str:
    return span(found.p10, found.p90, lambda value: cash(value, currency)) if found else NONE


def _with_range(found: Range | None, currency: str) -> str:
    if found is None:
        return NONE
    if found.p10 == found.p90:
        return cash(found.p50, currency)
    return f"{cash(found.p50, currency)} ({_between(found, currency)})"


def _or_none(value: float | None, currency: str) -> str:
    return NONE if value is None else cash(value, currency)

"""The lifecycle cost in words and in JSON: the sentence a reader forwards, and every figure by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.canonical import Json
from bimetal.cost.lines import LINES, STRATEGIES
from bimetal.report import money, percent

if TYPE_CHECKING:
    from bimetal.cost.result import LifecycleCost
    from bimetal.cost.sensitivity import BreakEven
    from bimetal.cost.table import Row

ALONE = {"human only": "people alone", "synthetic only": "synthetic data alone", "hybrid": "people and synthetic data"}
NAMED = 3  # deciding assumptions in the first sentence; all are in the table


def sentence(result: LifecycleCost) -> str:
    """Say which strategy is cheapest how probably, and which assumptions alone would make it another."""
    winner = result.winner
    if winner is None:
        return "No strategy reaches the target, so that there is nothing to price."
    sure = result.cheapest[winner]
    cost = result.costs[winner]
    assert cost is not None  # the winner reaches the target somewhere
    over = f"over {result.scenario.months:g} months"
    said = f"{ALONE[winner].capitalize()} {_is(winner)} cheapest with probability {percent(sure)}"
    low, middle, high = (cash(each, result.currency) for each in cost[:3])
    spent = f"{middle} {over} ({low} to {high})"
    return f"{said}, at {spent}{_but(result)}."


def _but(result: LifecycleCost) -> str:
    deciding = result.deciding
    told = [f"{each.says} ({each.low} to {each.high})" for each in deciding[:NAMED]]
    more = f" and {len(deciding) - NAMED} more" if len(deciding) > NAMED else ""
    if told:
        plural = "assumptions decide" if len(deciding) > 1 else "an assumption decides"
        each = "each of these alone would" if len(deciding) > 1 else "it alone would"
        return f"; but {plural}: {', '.join(told)}{more} - {each} make another strategy the cheapest"
    if result.needs is None:
        return "; the amounts needed are assumed, not measured, though no assumption alone makes another the cheapest"
    return ""


def _is(strategy: str) -> str:
    return "is" if strategy == "synthetic only" else "are"


def pilot_words(result: LifecycleCost) -> str:
    """Set what a pilot costs against what the amounts it measures are worth knowing."""
    worth, price = result.information["amounts"], result.pilot
    spelt = f"{cash(worth, result.currency)} at most, {cash(price, result.currency)}"
    if result.needs and result.needs.pilot_labels is not None:
        return f"What the pilot left unknown about the amounts is worth {spelt} is what the pilot itself cost."
    verdict = "a pilot can pay for itself" if worth > price else "a pilot does not pay by cost alone"
    return f"To know the amounts needed is worth {spelt} is what a pilot would cost: {verdict}."


def cash(value: float, currency: str) -> str:
    """Spell money to three digits that count: a model of assumptions knows no more.

    >>> cash(1757102, "USD"), cash(0.0441, "EUR")
    ('$1,760,000', '€0.04')
    """
    return money(float(f"{value:.3g}"), currency)


def break_even_words(each: BreakEven, currency: str) -> str:
    """Say where the cheapest strategy changes.

    >>> from bimetal.cost.sensitivity import BreakEven
    >>> break_even_words(BreakEven("label price", "", "USD", 0.03, 0.64, "human only", "hybrid"), "USD")
    'human only below $0.64, hybrid above'
    """
    if each.at is None:
        return f"{each.below} at any value"
    return f"{each.below} below {amount(each.at, each.unit, currency)}, {each.above} above"


def amount(value: float, unit: str, currency: str) -> str:
    """Spell a value in its unit, to three digits that count: money, labels, or a plain number.

    >>> amount(12345.6, "labels", "EUR"), amount(0.0612, "", "EUR")
    ('12,300 labels', '0.0612')
    """
    if unit.startswith(currency):
        return cash(value, currency)
    plain = f"{float(f'{value:.3g}'):,.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{plain} {unit}".strip()


def summary(result: LifecycleCost) -> dict[str, Json]:
    """Put every figure under its name, without draws."""
    return {
        "sentence": result.sentence,
        "answer": result.answer,
        "winner": result.winner,
        "cheapest": result.cheapest,
        "reaches": result.reaches,
        "costs": {name: each.json() if each else None for name, each in result.costs.items()},
        "lines": {line: {name: _json(result, line, name) for name in STRATEGIES} for line in LINES},
        "tornado": [each.json() for each in result.swings],
        "deciding": [each.name for each in result.deciding],
        "break_evens": [each.json() for each in result.break_evens],
        "information": dict(result.information),
        "pilot": result.pilot,
        "pilot_words": pilot_words(result),
        "per_label": result.per_label,
        "per_item": result.per_item,
        "per_point": result.per_point,
        "needs": result.needs.json() if result.needs else None,
        "scenario": _scenario(result),
        "inputs": [{**row.json(), "backing": row.backing} for row in shown(result)],
        "notes": list(result.setting.notes),
        "spending": {**result.spending.json(), "spent": result.spent, "planned": result.planned}
        if result.spending.any
        else None,
        "draws": int(result.reached.shape[1]),
    }


def shown(result: LifecycleCost) -> list[Row]:
    """List the rows that count: those of the lines, and those that price the pilot or the meter."""
    beside = {"pilot_labels", *(["computing"] if result.spending.drawn else [])}
    if result.needs and result.needs.pilot_labels is not None:
        beside.discard("pilot_labels")
    used = result.setting.sampled
    return [row for name, row in result.setting.rows.items() if name in used or name in beside]


def _json(result: LifecycleCost, line: str, strategy: str) -> Json:
    found = result.line(line, strategy)
    return found.json() if found else None


def _scenario(result: LifecycleCost) -> dict[str, Json]:
    told = result.scenario
    names = ("months", "currency", "rate", "raters", "volume", "target")
    stated: dict[str, Json] = {name: list(told.range(name)) for name in told.inputs}
    return {
        "kind": told.item,
        **{name: getattr(told, name) for name in names},
        "inputs": stated,
        "sources": dict(told.sources),
    }

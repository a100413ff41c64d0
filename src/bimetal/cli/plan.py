"""bimetal plan: the cheapest labels, synthetic items and raters that reach a target, from a pilot's law."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from math import floor, inf, log10
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import AsJson, emit, say, table
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.pilot.law import Law
    from bimetal.pilot.plan import Option, Plan
    from bimetal.pilot.prices import Limits, Prices

EXAMPLE = "bimetal plan result.json --label-price 0.25 --synthetic-price 0.001 --generator-cost 2000 --target 0.95"
FRONTIER = (3.0, 2.0, 1.5, 1.2, 1.0, 0.8, 0.6, 0.5)  # errors priced around the target's, as shares of it


def command(
    result: Annotated[str, typer.Argument(metavar="RESULT.json", help="What bimetal pilot --json wrote, or -.")],
    label_price: Annotated[float, typer.Option(help="Money for one person's answer to one item.")],
    synthetic_price: Annotated[float, typer.Option(help="Money for one synthetic item.")] = 0.0,
    generator_cost: Annotated[float, typer.Option(help="Money to build the generator, once.")] = 0.0,
    target: Annotated[float | None, typer.Option(help="A score, 0-1.", show_default="the pilot's")] = None,
    probability: Annotated[float, typer.Option(help="How sure the target shall be.")] = 0.8,
    raters_accuracy: Annotated[float, typer.Option(help="How often one rater is right.")] = 1.0,
    classes: Annotated[int, typer.Option(help="Classes a rater chooses from.")] = 2,
    max_raters: Annotated[int, typer.Option(help="Most raters an item may get.")] = 5,
    pilot_raters: Annotated[int, typer.Option(help="Raters behind each pilot label; 0 takes it as right.")] = 0,
    weekly_labels: Annotated[float, typer.Option(help="Answers people give a week.", show_default="no limit")] = inf,
    generator_weeks: Annotated[float, typer.Option(help="Weeks until the generator stands.")] = 0.0,
    training_hours: Annotated[float, typer.Option(help="Hours of the final training.")] = 0.0,
    budget: Annotated[float, typer.Option(help="Most money.", show_default="no limit")] = inf,
    max_weeks: Annotated[float, typer.Option(help="Most weeks.", show_default="no limit")] = inf,
    min_human_share: Annotated[float, typer.Option(help="Least share of human-labelled rows, 0-1.")] = 0.0,
    slices: Annotated[int, typer.Option(help="Slices with a floor of their own.")] = 0,
    slice_floor: Annotated[int, typer.Option(help="Fewest human labels in each slice.")] = 0,
    regulated: Annotated[int, typer.Option(help="Rows that must carry human labels.")] = 0,
    worth: Annotated[float | None, typer.Option(help="Money the target is worth.", show_default="the budget")] = None,
    next_round: Annotated[float | None, typer.Option(help="Money the next pilot round would cost.")] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "EUR",
    as_json: AsJson = False,
) -> None:
    """Say what to buy, in money and weeks, and what one more pilot round may cost."""
    from bimetal.pilot.plan import plan
    from bimetal.pilot.prices import Limits, Prices

    law, own = _read(result)
    limits = Limits(budget, max_weeks, min_human_share, slices, slice_floor, regulated, max_raters, worth=worth)
    prices = Prices(label_price, synthetic_price, generator_cost, raters_accuracy, classes, pilot_raters)
    prices = replace(prices, annotations_per_week=weekly_labels, generator_weeks=generator_weeks)
    prices = replace(prices, training_hours=training_hours, currency=currency)
    found = plan(law, prices, _target(target, own), probability, limits)
    if as_json:
        emit(_json(found, law, prices, limits, next_round))
    else:
        _show(found, next_round)


def _read(result: str) -> tuple[Law, Any]:
    from bimetal.pilot.law import Law

    try:
        told = json.loads(sys.stdin.read() if result == "-" else Path(result).read_text(encoding="utf-8"))
    except OSError as fault:
        raise InputError(
            f"{result} cannot be read: {fault.strerror}", "pass the file bimetal pilot --json wrote"
        ) from fault
    except ValueError as fault:
        raise InputError(f"{result} is no JSON: {fault}", "pass the file bimetal pilot --json wrote") from fault
    if not isinstance(told, dict) or not told.get("law"):
        raise InputError(f"{result} holds no law of the mix", "pass the file bimetal pilot --json wrote")
    return Law.from_json(told["law"]), told


def _target(typed: float | None, told: Any) -> float:
    if typed is not None:
        return typed
    try:
        return float(told["saving"][0]["target"])
    except (KeyError, IndexError, TypeError, ValueError) as fault:
        raise InputError("the pilot's result names no target", "pass --target, such as 0.95") from fault


def _json(found: Plan, law: Law, prices: Prices, limits: Limits, next_round: float | None) -> dict[str, Any]:
    from bimetal.pilot.frontier import frontier

    targets = [round(1 - (1 - found.target) * share, 6) for share in FRONTIER]
    rungs = frontier(law, prices, [each for each in targets if 0 < each < 1], found.probability, limits)
    stop = None if next_round is None else found.stop(next_round)
    return {**found.json(), "frontier": [each.json() for each in rungs], "stop": stop}


def _show(found: Plan, next_round: float | None) -> None:
    say(found.answer)
    options = {"people alone": found.people, "people and synthetic": found.mix}
    if found.people is None and found.mix is None:
        options = {"the surest within the limits": found.choice}
    header = ("", "human labels", "raters each", "synthetic", "money", "weeks", "reaches the target")
    table(header, [[name, *_row(option, found.currency)] for name, option in options.items()])
    for line in _notes(found, next_round):
        say(line)


def _row(option: Option | None, currency: str) -> list[str]:
    from bimetal.report import count, money, number, percent

    if option is None:
        return ["not within the limits", "", "", "", "", ""]
    raters = str(option.raters) if option.n else ""
    spent = [money(option.money, currency), number(option.weeks, 1), percent(option.reached)]
    return [count(option.n), raters, count(option.m), *spent]


def _notes(found: Plan, next_round: float | None) -> list[str]:
    from bimetal.report import money, percent

    notes = [f"Mind: {found.caution}."] if found.caution and found.advice != "undecided at this budget" else []
    if found.advice != "undecided at this budget":
        notes.append(f"{percent(found.agreed)} of the law's fits, taken as true, would give the same advice.")
    if found.marginal and found.choice:
        tenth = 10.0 ** max(0, floor(log10(max(found.choice.money, 1) / 10)))  # about a tenth of the plan
        sources = {name: getattr(found.marginal, name) * tenth for name in ("people", "raters", "synthetic")}
        told = ", ".join(f"{name} {value * 100:.2g}" for name, value in sources.items() if value)
        notes.append(f"Points of error the next {money(tenth, found.currency)} would take away: {told or 'none'}.")
    if found.certain is not None:
        notes.append(
            f"Were the law's estimates certain and nothing limited, {money(found.certain, found.currency)} would do."
        )
    if found.information is not None:
        notes.append(f"The next pilot round must cost less than {money(found.information, found.currency)} to pay.")
    if next_round is not None and found.stop(next_round):
        notes.append(f"Stop here: at {money(next_round, found.currency)} it costs more than it could tell.")
    return notes

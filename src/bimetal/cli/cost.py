"""bimetal cost: what people alone, synthetic data alone and both cost over a lifecycle, and what that hangs on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, Out, emit, refuse_out, say, table, write_page
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.cost import LifecycleCost, Scenario

EXAMPLE = 'bimetal cost --kind "image box" --volume 30000 --set generator_build=5000,20000,60000 -o cost.html'
SHOWN = 6  # inputs printed of the tornado; the page has more, the JSON all


def command(
    folder: Folder = HERE,
    kind: Annotated[
        str | None, typer.Option(help="Kind of item, such as 'image box'.", show_default="its rows'")
    ] = None,
    months: Annotated[float | None, typer.Option(help="Horizon.", show_default="24")] = None,
    volume: Annotated[int | None, typer.Option(help="Labels that people alone would need.")] = None,
    target: Annotated[float | None, typer.Option(help="A score, 0-1.", show_default="the pilot's")] = None,
    raters: Annotated[int | None, typer.Option(help="People who answer each item.", show_default="3")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code.", show_default="USD")] = None,
    rate: Annotated[float | None, typer.Option(help="What one US dollar is in that currency.")] = None,
    label_price: Annotated[float | None, typer.Option(help="Money for one person's answer.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="INPUT=X|P10,P50,P90", help="An input of your own; repeat.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the simulation.")] = 20_000,
    rng_seed: Annotated[int | None, typer.Option(help="The same seed gives the same draws.")] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Price the whole lifecycle of three strategies. Works without a programme too, on assumptions it names."""
    refuse_out(out)
    stated = {"kind": kind, "months": months, "volume": volume, "target": target}
    stated |= {"raters": raters, "currency": currency, "rate": rate}
    inputs = _inputs(given or [])
    if label_price is not None:
        inputs["label_price"] = label_price
    found = _priced(
        folder, {name: each for name, each in stated.items() if each is not None}, inputs, (draws, rng_seed)
    )
    unwritten = write_page(found.page(), out) if out else None
    if as_json:
        emit(found.json())
    else:
        _show(found)
    if unwritten:
        raise unwritten
    if out and not as_json:
        say(f"report: {out}")


def _priced(
    folder: Path, stated: dict[str, Any], inputs: dict[str, Any], drawing: tuple[int, int | None]
) -> LifecycleCost:
    import numpy as np

    from bimetal.cost import Scenario, lifecycle_cost
    from bimetal.programme import opened
    from bimetal.programme.config import FILE
    from bimetal.programme.costing import cost_programme

    draws, seed = drawing
    if (folder / FILE).exists():
        with opened(folder) as programme:
            asked = _with(programme.config.cost, stated, inputs)
            return cost_programme(programme, asked, draws=draws, rng_seed=seed)
    return lifecycle_cost(_with(Scenario(), stated, inputs), rng=np.random.default_rng([seed or 0, 11]), draws=draws)


def _with(scenario: Scenario, stated: dict[str, Any], inputs: dict[str, Any]) -> Scenario:
    """Put what was typed in place of what is written; a number typed has no source."""
    sources = {name: each for name, each in scenario.sources.items() if name not in inputs}
    return replace(scenario, **stated, inputs={**scenario.inputs, **inputs}, sources=sources)


def _inputs(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given:
        name, equals, values = each.partition("=")
        try:
            numbers = [float(part) for part in values.split(",")]
        except ValueError:
            numbers = []
        if not equals or not numbers:
            raise InputError(f"--set got {each!r}", "write it as INPUT=NUMBER or INPUT=P10,P50,P90")
        found[name.strip().replace("-", "_")] = numbers[0] if len(numbers) == 1 else numbers
    return found


def _show(found: LifecycleCost) -> None:
    from bimetal.cost.page import actual, break_evens, information, totals
    from bimetal.cost.words import pilot_words

    say(found.sentence)
    for block in (totals(found), break_evens(found), information(found)):
        table(tuple(block.header), [list(row) for row in block.rows])
    say(pilot_words(found))
    swings = [
        [each.says, each.low, each.high, *_ahead(found, each.advantage), "assumption" if each.assumption else ""]
        for each in found.swings[:SHOWN]
    ]
    if swings:
        say(f"What {found.winner} saves against the next cheapest, one input moved alone:")
        table(("input", "P10", "P90", "saves at P10", "saves at P90", ""), swings)
    if found.spending.any:
        block = actual(found)
        table(tuple(block.header), [list(row) for row in block.rows])
    for note in found.setting.notes:
        say(f"Mind: {note}.")


def _ahead(found: LifecycleCost, advantage: tuple[float, float]) -> list[str]:
    from bimetal.report import money

    return [money(each, found.currency) for each in advantage]

"""bimetal demo: one whole programme on real data."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import AsJson, aside, emit, progress, say, table

if TYPE_CHECKING:
    from bimetal.programme.demo import Outcome

EXAMPLE = "bimetal demo --dir bimetal-demo --open"


def command(
    name: Annotated[str, typer.Argument(help="Which demo: digits.")] = "digits",
    folder: Annotated[Path, typer.Option("--dir", help="Where the programme is kept.")] = Path("bimetal-demo"),
    show: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one whole programme on real handwritten digits. It ends with a report."""
    from bimetal.programme.demo import run_demo

    with progress("pilot") as bar:
        outcome = run_demo(name, folder, aside, bar)
    if as_json:
        emit(outcome.json())
    else:
        _tell(outcome)
    if show:
        webbrowser.open(outcome.report.resolve().as_uri())


def _tell(outcome: Outcome) -> None:
    for line in outcome.lines():
        say(line)
    sizes = outcome.pilot.design.sizes
    rows = [[arm, *(f"{each.estimate:.1%}" for each in curve)] for arm, curve in outcome.pilot.arms.items()]
    table(("arm", *(f"N = {n}" for n in sizes)), rows, title="accuracy on the real panel, by human labels N")
    say(f"report: {outcome.report}")

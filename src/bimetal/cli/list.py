"""bimetal list: every plug-in with one line each."""

from __future__ import annotations

from typing import Annotated

import typer

from bimetal.cli._screen import AsJson, emit, table

EXAMPLE = "bimetal list generators --json"


def command(
    shelf: Annotated[str | None, typer.Argument(help="One shelf; all of them by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """List plug-ins and whether they run here."""
    from bimetal.plugins import SHELVES, listing

    found = {name: listing(name) for name in ([shelf] if shelf else SHELVES)}
    if as_json:
        emit(
            {
                name: [
                    {"name": e.name, "summary": e.summary, "available": e.available, "needs": list(e.needs)}
                    for e in each
                ]
                for name, each in found.items()
            }
        )
        return
    for name, each in found.items():
        table(
            (name, "", "runs here"),
            [(e.name, e.summary, "yes" if e.available else f"needs {', '.join(e.needs)}") for e in each],
        )

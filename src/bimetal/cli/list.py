"""bimetal list: every plug-in with one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import AsJson, emit, table

if TYPE_CHECKING:
    from bimetal.plugins import Listing

EXAMPLE = "bimetal list generators --json"


def command(
    shelf: Annotated[str | None, typer.Argument(help="One shelf, or presets; all shelves by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """List plug-ins and whether they run here, or the presets a programme can start from."""
    from bimetal.plugins import SHELVES, listing
    from bimetal.programme import presets

    if shelf == "presets":
        if as_json:
            emit({"presets": presets.listing()})
            return
        table(("presets", ""), [(each["name"], each["summary"]) for each in presets.listing()])
        return
    found = {name: listing(name) for name in ([shelf] if shelf else SHELVES)}
    if as_json:
        emit(
            {
                name: [
                    {"name": e.name, "summary": e.summary, "available": e.available, "needs": list(e.needs)}
                    | ({"asks": e.asks} if e.asks else {})
                    for e in each
                ]
                for name, each in found.items()
            }
        )
        return
    for name, each in found.items():
        table(
            (name, "", "runs here"),
            [(e.name, e.summary, _runs(e)) for e in each],
        )


def _runs(each: Listing) -> str:
    if not each.available:
        return f"needs {', '.join(each.needs)}"
    return "with a model endpoint" if each.asks == "chat" else "yes"

"""bimetal licence: what the licences of everything a dataset was made from allow, path by path."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, Out, emit, refuse_out, show_page, write_page
from bimetal.cli.release import FOR
from bimetal.errors import InputError

EXAMPLE = "bimetal licence trace synthetic --for share -o licences.html"
app = typer.Typer(no_args_is_help=True, help="What licences allow, and why. Not legal advice.")


@app.command("trace", epilog=f"Example: {EXAMPLE}")
def trace(
    snapshot: Annotated[str, typer.Argument(help="A dataset's name, or the start of its digest.")],
    purpose: Annotated[str, typer.Option("--for", help=f"One of: {', '.join(FOR)}.")] = "share",
    out: Out = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Trace every verdict from input to term: what blocks, what is owed, what unblocks. Exits with 1 if blocked."""
    from bimetal.licensing.page import page
    from bimetal.programme import opened
    from bimetal.programme.licences import inheritance
    from bimetal.programme.policy import Purpose

    refuse_out(out)
    if purpose not in FOR:
        raise InputError(f"--for got {purpose!r}", f"expected one of: {', '.join(FOR)}")
    with opened(folder) as programme:
        stored = programme.dataset(snapshot)
        found = inheritance(programme, stored, programme.load(stored).rows, cast(Purpose, purpose))
    told = page(found, f"{stored.name}, to {purpose}")
    unwritten = write_page(told, out) if out else None
    if as_json:
        emit({"dataset": stored.name, "for": purpose, **found.json()})
    else:
        show_page(told)
    if unwritten:
        raise unwritten
    if found.verdict == "block":
        raise typer.Exit(1)

"""bimetal release: let a dataset leave the programme, if the rules allow it."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError

EXAMPLE = "bimetal release window-1-labelled --for train"
FOR = ("train", "share", "serve")


def command(
    snapshot: Annotated[str, typer.Argument(help="A dataset's name, or the start of its digest.")],
    purpose: Annotated[str, typer.Option("--for", help=f"One of: {', '.join(FOR)}.")],
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Let a dataset leave, if the rules allow it. A refusal names rule, rows and way out, and exits with 1."""
    from bimetal.programme import opened
    from bimetal.programme.policy import Purpose
    from bimetal.programme.release import release

    if purpose not in FOR:
        raise InputError(f"--for got {purpose!r}", f"expected one of: {', '.join(FOR)}")
    with opened(folder) as programme:
        stored = release(programme, snapshot, cast(Purpose, purpose))
    if as_json:
        emit({"released": stored.name, "digest": stored.digest, "for": purpose, "rows": stored.rows})
        return
    say(f"released {stored.name} ({stored.rows} rows, {stored.digest[:12]}) for {purpose}")

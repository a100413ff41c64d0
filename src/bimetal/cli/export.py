"""bimetal export: write items, labels and answers to another tool's file, if the rules let them leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from bimetal.cli._arguments import arguments
from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError

EXAMPLE = "bimetal export huggingface --dataset window-1-labelled --for train -o window-1"
FOR = ("train", "share", "serve")


def command(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="Which tool's: bimetal list connectors.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A file, a new folder or a .zip.")],
    dataset: Annotated[str, typer.Option(help="A dataset, with what people answered about it.")] = "",
    job: Annotated[str, typer.Option(help="A job: its items, its answers, and the labels they came to.")] = "",
    purpose: Annotated[str, typer.Option("--for", help=f"Whose rules bind: {', '.join(FOR)}.")] = "share",
    given: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, such as spreadsheet=true for csv.")
    ] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Write to another tool's format what the rules let leave, and say what the format cannot carry."""
    from bimetal.programme import opened
    from bimetal.programme.exchange import Going, send
    from bimetal.programme.policy import Purpose

    if purpose not in FOR:
        raise InputError(f"--for got {purpose!r}", f"expected one of: {', '.join(FOR)}")
    going = Going(form, output, dataset, job, cast(Purpose, purpose), arguments(given))
    with opened(folder) as programme:
        sent = send(programme, going)
    lost = {each.what: each.words for each in sent.lost}
    if as_json:
        counts = {"rows": sent.rows, "answers": sent.answers}
        emit({"written": str(output), "format": form, "digest": sent.digest, **counts, "for": purpose, "lost": lost})
        return
    say(f"wrote {sent.rows} rows and {sent.answers} answers to {output}, digest {sent.digest[:12]}")
    for what, words in lost.items():
        say(f"left behind: {what}: {words}")

"""bimetal boundary: define which rows named people must label, before anything is generated."""

from __future__ import annotations

from typing import Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError

EXAMPLE = "bimetal boundary define --calibration reviewed-claims"
app = typer.Typer(no_args_is_help=True, help="The rows that named people must label.")


@app.command("define", epilog=f"Example: {EXAMPLE}")
def define(
    calibration: Annotated[
        str | None,
        typer.Option(help="A labelled dataset, never a panel.", show_default="a third of the training rows"),
    ] = None,
    without_model: Annotated[
        bool, typer.Option("--without-model", help="Thresholds, slices and the random share alone.")
    ] = False,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Define the boundary subset by bimetal.toml's [boundary] and a model's margins; the definition enters the log."""
    from bimetal.programme import boundary, opened

    with opened(folder) as programme:
        found = boundary.define(programme, calibration, model=not without_model)
    if as_json:
        emit({"entry": found.seq, **found.json()})
        return
    say(f"boundary subset: {found.words} (entry {found.seq})")


@app.command("show", epilog="Example: bimetal boundary show claims --json")
def show(
    dataset: Annotated[str, typer.Argument(help="A dataset's name, or the start of its digest.")],
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Say which rows of a dataset belong to the boundary subset, and why."""
    from collections import Counter

    from bimetal.programme import boundary, opened

    with opened(folder) as programme:
        found = boundary.defined(programme)
        if found is None:
            raise InputError("no boundary subset is defined", "run: bimetal boundary define")
        stored = programme.dataset(dataset)
        rows = programme.load(stored).rows
        why_each = boundary.members(programme, rows, boundary.came(programme, stored))
        inside = dict(zip(rows["id"].to_pylist(), why_each, strict=True))
    why = Counter(each for each in inside.values() if each is not None)
    if as_json:
        emit({"definition": found.seq, "words": found.words, "rows": {k: v for k, v in inside.items() if v}})
        return
    say(f"boundary subset: {found.words} (entry {found.seq})")
    say(f"{sum(why.values())} of {rows.num_rows} rows of {stored.name} belong to it")
    for name, count in why.most_common():
        say(f"  {count:>7}  {name}")

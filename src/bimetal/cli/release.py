"""bimetal release: let a dataset leave the programme, if the rules allow it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError

EXAMPLE = "bimetal release window-1-labelled --for train -o window-1.parquet"
FOR = ("train", "share", "serve")


def command(
    snapshot: Annotated[str, typer.Argument(help="A dataset's name, or the start of its digest.")],
    purpose: Annotated[str, typer.Option("--for", help=f"One of: {', '.join(FOR)}.")],
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Release the rows that break no rule, keep the rest.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the released rows to a .parquet, .csv or .jsonl file.")
    ] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Let a dataset leave, if the rules allow it. A refusal names rules, rows and ways out, and exits with 1."""
    from bimetal.programme import opened
    from bimetal.programme.policy import Purpose
    from bimetal.programme.release import release
    from bimetal.store.tables import write_table

    if purpose not in FOR:
        raise InputError(f"--for got {purpose!r}", f"expected one of: {', '.join(FOR)}")
    with opened(folder) as programme:
        released = release(programme, snapshot, cast(Purpose, purpose), leave_out=leave_out)
    stored, rows = released.stored, released.rows
    if output:
        write_table(rows, str(output))
    inside = rows.num_rows - rows["boundary"].null_count if "boundary" in rows.column_names else None
    if as_json:
        emit(
            {
                "released": stored.name,
                "digest": stored.digest,
                "for": purpose,
                "rows": rows.num_rows,
                "left_out": released.left_out,
                "boundary": inside,
                "waived": {each.rule.name: each.waived for each in released.waived},
            }
        )
        return
    say(f"released {stored.name} ({rows.num_rows} rows, {stored.digest[:12]}) for {purpose}")
    if released.left_out:
        say(f"left out: {released.left_out} rows that break a rule")
    if inside is not None:
        say(f"boundary subset: {inside} rows, frozen; they stay members whatever a later model says")
    for each in released.waived:
        say(f"waived (entry {each.waived}): {each.words}")

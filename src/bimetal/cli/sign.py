"""bimetal sign: a named person accepts a decision, a dataset or a residual risk."""

from __future__ import annotations

from typing import Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say

EXAMPLE = "bimetal sign decision --by 'Ana Ruiz' --reason 'reviewed by the board on 3 March' --until 2027-03-31"
By = Annotated[str, typer.Option(help="The person's own name.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence.")]


def command(
    subject: Annotated[
        str,
        typer.Argument(help="decision (the newest), a dataset's name, residual-risk:DATASET or quarantine:DATASET."),
    ],
    by: By,
    reason: Reason,
    until: Annotated[str | None, typer.Option(help="Last day it holds, YYYY-MM-DD.", show_default="for good")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Sign as a named person. The signature stands in the log, beside the account it was typed under."""
    from bimetal.programme import opened, signatures

    with opened(folder) as programme:
        word = signatures.Word(by, reason, signatures.until(until) if until else None)
        entry = signatures.sign(programme, signatures.subject(programme, subject), word)
    if as_json:
        emit({"entry": entry.seq, "account": entry.actor, **entry.body})
        return
    say(f"signed {entry.body['subject']} as {by}, entry {entry.seq}")

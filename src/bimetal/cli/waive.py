"""bimetal waive: a named person lets a dataset leave although a rule refuses it, until a day."""

from __future__ import annotations

from typing import Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.cli.sign import By, Reason

EXAMPLE = "bimetal waive loop-first --dataset made-1 --by 'Ana Ruiz' --reason 'one-off warm start' --until 2027-01-31"


def command(
    rule: Annotated[str, typer.Argument(help="The rule's name, as a refusal gives it.")],
    dataset: Annotated[str, typer.Option(help="A dataset's name, or * for all.")],
    by: By,
    reason: Reason,
    until: Annotated[str, typer.Option(help="Last day it holds, YYYY-MM-DD.")],
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Waive a rule as a named person, with a reason and an expiry. Panels and licences cannot be waived."""
    from bimetal.programme import opened, signatures

    with opened(folder) as programme:
        word = signatures.Word(by, reason, signatures.until(until))
        entry = signatures.waive(programme, rule, dataset, word)
    if as_json:
        emit({"entry": entry.seq, "account": entry.actor, **entry.body})
        return
    say(f"waived {rule} for {dataset} until {until} as {by}, entry {entry.seq}")

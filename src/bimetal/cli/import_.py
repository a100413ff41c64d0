"""bimetal import: bring another tool's labels in, with who gave them and what did not come along."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bimetal.cli._arguments import arguments
from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError
from bimetal.types import ROLES, UNKNOWN_LICENCE

EXAMPLE = "bimetal import label_studio project.json --source clinic-2026 --declare real,human"


def command(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="Which tool's: bimetal list connectors.")],
    path: Annotated[Path, typer.Argument(help="A file, a folder or a .zip; nothing outside it is read.")],
    source: Annotated[
        str | None, typer.Option(help="Where the items come from; the dataset's name by default.")
    ] = None,
    role: Annotated[str, typer.Option(help=f"What the rows are for: {', '.join(ROLES)}.")] = "pool",
    dataset: Annotated[str | None, typer.Option(help="What to call it; the file's name by default.")] = None,
    licence: Annotated[str, typer.Option(help="An SPDX expression such as CC-BY-4.0.")] = UNKNOWN_LICENCE,
    declare: Annotated[str | None, typer.Option(help="ITEM,LABEL: vouch for rows and answers: real,human.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of the format, such as task=boxes.")
    ] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring another tool's items and answers in, all or nothing. Annotators come under pseudonyms made here."""
    from bimetal.programme import opened
    from bimetal.programme.exchange import Coming, bring
    from bimetal.programme.intake import Declared

    if role not in ROLES:
        raise InputError(f"--role got {role!r}", f"expected one of: {', '.join(ROLES)}")
    name = dataset or path.resolve().stem
    stated = Declared.parse(declare) if declare else Declared()
    coming = Coming(form, path, source or name, name, role, licence, stated, arguments(given))
    with opened(folder) as programme:
        came = bring(programme, coming)
    lost = {each.what: each.words for each in came.lost}
    if as_json:
        told = {"dataset": came.stored.name, "role": came.stored.role, "digest": came.stored.digest}
        counts = {"rows": came.stored.rows, "answers": came.answers, "annotators": came.annotators}
        emit({**told, **counts, "job": came.job, "lost": lost, "warnings": list(came.warnings)})
        return
    say(f"imported {came.stored.rows} rows as {came.stored.name} ({role}), snapshot {came.stored.digest[:12]}")
    if came.job:
        say(f"with {came.answers} answers of {came.annotators} annotators, as the closed job {came.job}")
    for what, words in lost.items():
        say(f"not taken: {what}: {words}")
    for warning in came.warnings:
        say(f"warning: {warning}")

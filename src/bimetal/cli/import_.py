"""bimetal import: bring another tool's labels in, or a vendor's rows, with who made them and what did not come."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bimetal.cli import _vendor
from bimetal.cli._arguments import arguments
from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError
from bimetal.types import ROLES, UNKNOWN_LICENCE

EXAMPLE = "bimetal import label_studio project.json --source clinic-2026 --declare real,human"
Lines = list[str] | None


def command(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="Which tool's (bimetal list connectors), or: vendor.")],
    path: Annotated[Path, typer.Argument(help="A file, a folder or a .zip; for vendor a table. Nothing else is read.")],
    source: Annotated[str | None, typer.Option(help="Where items come from, or who sold them.")] = None,
    role: Annotated[str | None, typer.Option(help=f"{', '.join(ROLES)}.", show_default="pool; vendor: train")] = None,
    dataset: Annotated[str | None, typer.Option(help="What to call it; the file's name by default.")] = None,
    licence: Annotated[str, typer.Option(help="An SPDX expression such as CC-BY-4.0.")] = UNKNOWN_LICENCE,
    declare: Annotated[
        str | None, typer.Option(help="ITEM,LABEL: vouch for rows and answers: real,human; vendor: synthetic,model.")
    ] = None,
    who: Annotated[str, typer.Option(help="Vendor: who made the rows.")] = "",
    how: Annotated[str, typer.Option(help="Vendor: by which method, generator or model.")] = "",
    made_from: Annotated[Lines, typer.Option(help="Vendor: NAME:LICENCE or ROLE=NAME:LICENCE; repeat it.")] = None,
    claim: Annotated[Lines, typer.Option(help="Vendor: what it says of the rows; repeat it.")] = None,
    given: Annotated[
        Lines, typer.Option("--set", help="NAME=VALUE of the format: task=boxes; vendor: label=y.")
    ] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring another tool's items and answers in, all or nothing. Annotators come under pseudonyms made here.

    A vendor's rows come into quarantine: they are used by nothing until their facts are stated, their checks pass and
    a named person signs. Exits with 1 if a check fails.
    """
    if role not in (None, *ROLES):
        raise InputError(f"--role got {role!r}", f"expected one of: {', '.join(ROLES)}")
    bought = {"who": who, "how": how, "made-from": made_from, "claim": claim}
    kept: dict[str, Any] = {"source": source, "name": dataset or path.resolve().stem, "role": role, "licence": licence}
    if form == _vendor.FORM:
        passed = _vendor.bring(folder, path, _vendor.said(kept, bought, (declare, arguments(given))), as_json)
        raise typer.Exit(0 if passed else 1)
    _vendor.refuse_elsewhere(form, bought)
    _brought(folder, (form, path), {**kept, "args": arguments(given)}, declare, as_json)


def _brought(folder: Path, what: tuple[str, Path], kept: dict[str, Any], declare: str | None, as_json: bool) -> None:
    from bimetal.programme import opened
    from bimetal.programme.exchange import Coming, bring
    from bimetal.programme.intake import Declared

    kept |= {"source": kept["source"] or kept["name"], "role": kept["role"] or "pool"}
    coming = Coming(*what, **kept, declared=Declared.parse(declare) if declare else Declared())
    with opened(folder) as programme:
        came = bring(programme, coming)
    lost = {each.what: each.words for each in came.lost}
    if as_json:
        told = {"dataset": came.stored.name, "role": came.stored.role, "digest": came.stored.digest}
        counts = {"rows": came.stored.rows, "answers": came.answers, "annotators": came.annotators}
        emit({**told, **counts, "job": came.job, "lost": lost, "warnings": list(came.warnings)})
        return
    say(f"imported {came.stored.rows} rows as {came.stored.name} ({coming.role}), snapshot {came.stored.digest[:12]}")
    if came.job:
        say(f"with {came.answers} answers of {came.annotators} annotators, as the closed job {came.job}")
    for name, words in lost.items():
        say(f"not taken: {name}: {words}")
    for warning in came.warnings:
        say(f"warning: {warning}")

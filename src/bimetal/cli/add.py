"""bimetal add: bring a table in, and say what it does not say of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError
from bimetal.types import ROLES, UNKNOWN_LICENCE

EXAMPLE = "bimetal add forms.csv --role panel --source archive-2026 --label digit --declare real,human"


def command(
    table: Annotated[str, typer.Argument(help="A .parquet, .csv or .jsonl file; - is standard input.")],
    role: Annotated[str, typer.Option(help=f"What the rows are for: {', '.join(ROLES)}.")],
    source: Annotated[str, typer.Option(help="Where they come from.")],
    label: Annotated[str | None, typer.Option(help="The label column, 'label' by default.")] = None,
    licence: Annotated[str, typer.Option(help="An SPDX expression such as CC-BY-4.0.")] = UNKNOWN_LICENCE,
    declare: Annotated[str | None, typer.Option(help="ITEM,LABEL: vouch for rows, such as real,human.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call the dataset; the file's name by default.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring a table into the programme. Unknown facts warn now and refuse a release later."""
    from bimetal.programme import opened
    from bimetal.programme.intake import Arrival, Declared, add
    from bimetal.store.tables import read_table

    if role not in ROLES:
        raise InputError(f"--role got {role!r}", f"expected one of: {', '.join(ROLES)}")
    rows = read_table(table, ("id", label or "label"))
    stated = Declared.parse(declare) if declare else Declared()
    title = name or (Path(table).stem if table != "-" else role)
    with opened(folder) as programme:
        stored, warnings = add(programme, Arrival(rows, title, role, source, label, licence, stated))
    if as_json:
        emit(
            {
                "name": stored.name,
                "role": stored.role,
                "digest": stored.digest,
                "rows": stored.rows,
                "warnings": warnings,
            }
        )
        return
    say(f"added {stored.rows} rows as {stored.name} ({stored.role}), snapshot {stored.digest[:12]}")
    for warning in warnings:
        say(f"warning: {warning}")

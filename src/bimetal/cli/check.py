"""bimetal check: what can be wrong with a table, each finding with its limit and its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, findings
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import Dataset, Finding, Role

EXAMPLE = "bimetal check synthetic.parquet --reference real.parquet --only mode_collapse"


def command(
    table: Annotated[str, typer.Argument(help="A file, or the name of a dataset in the programme.")],
    reference: Annotated[str | None, typer.Option(help="Real rows to compare with: a file or a dataset.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Run this check alone; may be repeated.")] = None,
    label: Annotated[str | None, typer.Option(help="The label column, 'label' by default.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Find what can be wrong with a table. Exits with 1 if any finding fails."""
    found = _run(folder, table, reference, (only or [], label))
    if as_json:
        emit([each.json() for each in found])
    else:
        findings(found)
    if any(each.verdict == "fail" for each in found):
        raise typer.Exit(1)


def _run(folder: Path, table: str, reference: str | None, how: tuple[list[str], str | None]) -> list[Finding]:
    import numpy as np

    from bimetal.plugins import Context
    from bimetal.programme import opened
    from bimetal.programme.checking import check, check_programme, recipes_in
    from bimetal.programme.generation import replaying_file

    only, label = how
    if (folder / "bimetal.toml").exists() and not Path(table).exists():
        with opened(folder) as programme:
            dataset = programme.load(programme.dataset(table))
            against = programme.load(programme.dataset(reference)) if reference else None
            return check_programme(programme, dataset, against, only)
    dataset = _read(table, label, "train")
    against = _read(reference, label, "pool") if reference else None
    context = Context(np.random.default_rng(0), recipes_in(dataset.rows), replaying_file(table))
    return check(dataset, against, context, only)


def _read(name: str, label: str | None, role: Role) -> Dataset:
    import pyarrow as pa
    import pyarrow.compute as pc

    from bimetal.store.tables import read_table
    from bimetal.types import Dataset, Origin, Task

    named = label or "label"
    rows = read_table(name, ("id", named))
    if named in rows.column_names:
        rows = rows.set_column(rows.column_names.index(named), "label", pc.cast(rows[named], pa.string()))
    elif label:
        raise InputError(f"{name} has no column {label!r}", f"name one of: {', '.join(rows.column_names)}")
    return Dataset(Path(name).stem, rows, Task(), role, Origin("undeclared", name))

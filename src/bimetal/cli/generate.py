"""bimetal generate: draw rows that never happened, into a file or into the programme."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._arguments import arguments
from bimetal.cli._screen import HERE, AsJson, Folder, emit, say

if TYPE_CHECKING:
    from bimetal.types import Spec

EXAMPLE = "bimetal generate digits -n 1000 -o digits.parquet --set size=8 --rng-seed 7"


def command(
    name: Annotated[str, typer.Argument(help="A generator; see: bimetal list generators.")],
    n: Annotated[int, typer.Option("-n", help="How many rows.")],
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "--out", help="A .parquet, .csv or .jsonl file, - for output.", show_default="the programme"
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, an argument of the generator.")
    ] = None,
    seed_rows: Annotated[
        str | None, typer.Option(help="Labelled rows to learn from: a dataset of the programme, or a file with -o.")
    ] = None,
    called: Annotated[
        str | None, typer.Option("--name", help="What the programme calls the rows.", show_default="the generator's")
    ] = None,
    rng_seed: Annotated[int, typer.Option(help="The same seed draws the same rows.")] = 0,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Draw rows that never happened. Each carries its origin, licence and recipe."""
    from bimetal.plugins import make, spec_of
    from bimetal.types import Spec

    spec = spec_of(make(Spec("generators", name, arguments(settings))))
    if out is None:
        _kept(folder, spec, (n, called or f"{name}-{rng_seed}", rng_seed, seed_rows), as_json)
        return
    _written(spec, (n, out, rng_seed, seed_rows), as_json)


def _kept(folder: Path, spec: Spec, order: tuple[int, str, int, str | None], as_json: bool) -> None:
    from bimetal.programme import opened
    from bimetal.programme.generation import Order, generate

    n, name, rng_seed, seeds = order
    with opened(folder) as programme:
        digest = programme.dataset(seeds).digest if seeds else None
        stored = generate(programme, Order(n, name, rng_seed, spec=spec, seed_rows=digest))
    if as_json:
        emit({"name": stored.name, "rows": stored.rows, "digest": stored.digest, "licence": stored.licence})
        return
    say(f"kept {stored.rows} rows as {stored.name}, licence {stored.licence}, snapshot {stored.digest[:12]}")


def _written(spec: Spec, order: tuple[int, str, int, str | None], as_json: bool) -> None:
    from bimetal.generators import recipe_for
    from bimetal.programme.generation import replay
    from bimetal.programme.pilots import table_digest
    from bimetal.store.tables import read_table, write_table

    n, out, rng_seed, given = order
    seeds = read_table(given, ("id", "label")) if given else None
    recipe = recipe_for(spec, rng_seed, table_digest(seeds) if seeds is not None else None)
    rows = replay(recipe, n, seeds)
    text = json.dumps(recipe.json(), sort_keys=True)
    write_table(rows.replace_schema_metadata({"bimetal.recipe": text}), out)
    if as_json:
        emit({"out": out, "rows": rows.num_rows, "recipe": recipe.digest, "recipe_text": recipe.json()})
    elif out != "-":
        say(f"wrote {rows.num_rows} rows to {out}, recipe {recipe.digest[:12]}")

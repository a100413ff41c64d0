"""bimetal generate: draw rows that never happened into a file."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from bimetal.cli._screen import AsJson, emit, say
from bimetal.errors import InputError

EXAMPLE = "bimetal generate digits -n 1000 -o digits.parquet --set size=8 --rng-seed 7"


def command(
    name: Annotated[str, typer.Argument(help="A generator; see: bimetal list generators.")],
    n: Annotated[int, typer.Option("-n", help="How many rows.")],
    out: Annotated[str, typer.Option("-o", "--out", help="A .parquet, .csv or .jsonl file; - is standard output.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=VALUE, an argument of the generator.")
    ] = None,
    rng_seed: Annotated[int, typer.Option(help="The same seed draws the same rows.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Draw rows that never happened. Each carries its origin, licence and recipe."""
    import pyarrow as pa

    from bimetal.generators import draw, recipe_for
    from bimetal.plugins import make, spec_of
    from bimetal.store.tables import write_table
    from bimetal.types import Spec

    spec = spec_of(make(Spec("generators", name, dict(map(_setting, settings or [])))))
    recipe = recipe_for(spec, rng_seed)
    rows = pa.Table.from_batches(list(draw(recipe, n)))
    text = json.dumps(recipe.json(), sort_keys=True)
    write_table(rows.replace_schema_metadata({"bimetal.recipe": text}), out)
    if as_json:
        emit({"out": out, "rows": rows.num_rows, "recipe": recipe.digest, "recipe_text": recipe.json()})
    elif out != "-":
        say(f"wrote {rows.num_rows} rows to {out}, recipe {recipe.digest[:12]}")


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set got {text!r}", "write KEY=VALUE, such as --set size=8")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value

"""bimetal generate: draw rows that never happened, into a file or into the programme, or a few to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._arguments import arguments
from bimetal.cli._screen import HERE, AsJson, Folder, emit, progress, refuse_out, say, show_page, write_page
from bimetal.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.types import Recipe, Spec, Target

EXAMPLE = "bimetal generate digits -n 1000 -o digits.parquet --set size=8 --target label=7:0.5 --rng-seed 7"


def command(
    name: Annotated[str, typer.Argument(help="A generator; see: bimetal list generators.")],
    n: Annotated[int | None, typer.Option("-n", help="How many rows.", show_default="must be said")] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "--out", help="A .parquet, .csv or .jsonl file, - for output.", show_default="the programme"
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, an argument of the generator.")
    ] = None,
    targets: Annotated[
        list[str] | None, typer.Option("--target", help="COLUMN=VALUE:SHARE, a slice to favour: label=7:0.5.")
    ] = None,
    seed_rows: Annotated[
        str | None, typer.Option(help="Labelled rows to learn from: a dataset of the programme, or a file with -o.")
    ] = None,
    called: Annotated[
        str | None, typer.Option("--name", help="What the programme calls the rows.", show_default="the generator's")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Draw a few and show them, as a page with -o PAGE.html; keep nothing.")
    ] = False,
    rng_seed: Annotated[int, typer.Option(help="The same seed draws the same rows.")] = 0,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Draw rows that never happened. Each carries its origin, licence and recipe."""
    from bimetal.plugins import make, spec_of
    from bimetal.types import Spec

    spec = spec_of(make(Spec("generators", name, arguments(settings))))
    wanted = _Wanted(spec, n, rng_seed, tuple(map(_target, targets or ())), seed_rows)
    if preview:
        _previewed(wanted, Path(out) if out else None, as_json)
        return
    if n is None:
        raise InputError(
            f"{name} was asked for no number of rows", "say how many with -n, or look first with --preview"
        )
    if out is None:
        _kept(folder, wanted, called or f"{name}-{rng_seed}", as_json)
        return
    _written(wanted, out, as_json)


@dataclass(frozen=True)
class _Wanted:
    """What was typed, read: what to draw, how many, towards what, and what to learn from."""

    spec: Spec
    n: int | None
    rng_seed: int
    targets: tuple[Target, ...]
    seed_rows: str | None

    def drawing(self, n: int | None) -> tuple[Recipe, Iterator[pa.RecordBatch]]:
        """Begin to draw n rows (a few where nobody said) outside a programme, learning from a file."""
        from bimetal.generators import draw, recipe_for
        from bimetal.programme.pilots import table_digest
        from bimetal.programme.previewing import ROWS
        from bimetal.store.tables import read_table

        seeds = read_table(self.seed_rows, ("id", "label")) if self.seed_rows else None
        digest = table_digest(seeds) if seeds is not None else None
        recipe = recipe_for(self.spec, self.rng_seed, digest, self.targets)
        return recipe, draw(recipe, ROWS if n is None else n, seeds)


def _target(text: str) -> Target:
    from bimetal.types import Target

    head, colon, share = text.rpartition(":")
    column, equals, value = head.partition("=")
    try:
        if not (colon and equals and column):
            raise ValueError
        return Target(column, value, float(share))
    except ValueError as fault:
        raise InputError(f"--target got {text!r}", "write COLUMN=VALUE:SHARE, such as --target label=7:0.5") from fault


def _kept(folder: Path, wanted: _Wanted, called: str, as_json: bool) -> None:
    from bimetal.programme import opened
    from bimetal.programme.generation import Order, generate

    with opened(folder) as programme:
        digest = programme.dataset(wanted.seed_rows).digest if wanted.seed_rows else None
        order = Order(wanted.n or 0, called, wanted.rng_seed, wanted.targets, spec=wanted.spec, seed_rows=digest)
        stored = generate(programme, order)
    if as_json:
        emit({"name": stored.name, "rows": stored.rows, "digest": stored.digest, "licence": stored.licence})
        return
    say(f"kept {stored.rows} rows as {stored.name}, licence {stored.licence}, snapshot {stored.digest[:12]}")


def _written(wanted: _Wanted, out: str, as_json: bool) -> None:
    from bimetal.store.tables import write_batches

    n = wanted.n or 0
    recipe, batches = wanted.drawing(n)
    text = json.dumps(recipe.json(), sort_keys=True)
    with progress(f"drawing {wanted.spec.name}") as told:
        rows = write_batches(_counted(batches, n, told), out, {"bimetal.recipe": text})
    if as_json:
        emit({"out": out, "rows": rows, "recipe": recipe.digest, "recipe_text": recipe.json()})
    elif out != "-":
        say(f"wrote {rows} rows to {out}, recipe {recipe.digest[:12]}")


def _counted(
    batches: Iterator[pa.RecordBatch], n: int, told: Callable[[int, int, Any], None]
) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in batches:
        done += batch.num_rows
        told(done, n, None)
        yield batch


def _previewed(wanted: _Wanted, out: Path | None, as_json: bool) -> None:
    from bimetal.programme.previewing import page_of, preview

    refuse_out(out)
    seen = preview(*wanted.drawing(wanted.n), wanted.n)
    if as_json:
        plain = [each.name for each in seen.rows.schema if "binary" not in str(each.type)]
        emit({"rows": seen.rows.select(plain).to_pylist(), "recipe_text": seen.recipe.json()})
    else:
        show_page(page_of(seen))
    if out is not None and (fault := write_page(page_of(seen), out)):
        raise fault

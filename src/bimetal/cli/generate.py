"""bimetal generate: draw rows that never happened, into a file or into the programme, or a few to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._arguments import arguments
from bimetal.cli._screen import HERE, AsJson, Folder, emit, progress, refuse_out, say, show_page, write_page
from bimetal.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.doors import Doors
    from bimetal.programme.generation import Order
    from bimetal.programme.programme import Programme
    from bimetal.types import Recipe, Spec, Target

MODELS = "Generators that ask a model"
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
    endpoint: Annotated[
        str,
        typer.Option(
            help="For a generator that asks a model: a URL, or NAME of [endpoints.NAME].", rich_help_panel=MODELS
        ),
    ] = "",
    model: Annotated[str, typer.Option(help="Which model there.", rich_help_panel=MODELS)] = "",
    key_env: Annotated[str, typer.Option(help="The variable that holds the key.", rich_help_panel=MODELS)] = "",
    licence: Annotated[str, typer.Option(help="What the model's output falls under.", rich_help_panel=MODELS)] = "",
    prices: Annotated[
        str, typer.Option(help="IN,OUT: money for a million tokens each way.", rich_help_panel=MODELS)
    ] = "",
    tokens: Annotated[int | None, typer.Option(help="Tokens to spend at most.", rich_help_panel=MODELS)] = None,
    money: Annotated[float | None, typer.Option(help="Money to spend at most.", rich_help_panel=MODELS)] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Where replies are kept.", show_default="FILE.ledger", rich_help_panel=MODELS)
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Take replies from the ledger alone.", rich_help_panel=MODELS)
    ] = False,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Draw rows that never happened. Each carries its origin, licence and recipe."""
    from bimetal.endpoints import Budget
    from bimetal.plugins import make, spec_of
    from bimetal.programme.doors import Doors, ledger_beside
    from bimetal.types import Spec

    spec = spec_of(make(Spec("generators", name, arguments(settings))))
    kept = ledger or (ledger_beside(out) if out and not preview else None)
    said = Doors(endpoint, model, key_env, licence, _prices(prices), Budget(tokens, money), kept, replay)
    wanted = _Wanted(spec, n, rng_seed, tuple(map(_target, targets or ())), seed_rows, said)
    if preview:
        _previewed(wanted, folder, Path(out) if out else None, as_json)
        return
    if n is None:
        raise InputError(
            f"{name} was asked for no number of rows", "say how many with -n, or look first with --preview"
        )
    if out == "-" and as_json:
        raise InputError("--json and -o - both want standard output", "leave one of them out")
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
    doors: Doors

    @contextmanager
    def drawing(self, n: int) -> Iterator[tuple[Recipe, Iterator[pa.RecordBatch]]]:
        """Begin to draw n rows outside a programme, learning from a file."""
        from bimetal.generators import draw, recipe_for
        from bimetal.programme.doors import answers, bound
        from bimetal.programme.pilots import table_digest
        from bimetal.store.tables import read_table

        seeds = read_table(self.seed_rows, ("id", "label")) if self.seed_rows else None
        digest = table_digest(seeds) if seeds is not None else None
        recipe = recipe_for(bound(None, self.spec, self.doors), self.rng_seed, digest, self.targets)
        with answers(None, recipe, self.doors, seeds) as answer:
            yield recipe, draw(recipe, n, seeds, answer)

    def order(self, programme: Programme, called: str) -> Order:
        """Say the same to a programme, whose seed rows are a dataset of its own."""
        from bimetal.programme.generation import Order

        digest = programme.dataset(self.seed_rows).digest if self.seed_rows else None
        n, spec, doors = self.n or 0, self.spec, self.doors
        return Order(n, called, self.rng_seed, self.targets, spec=spec, seed_rows=digest, doors=doors)

    @contextmanager
    def looking(self, folder: Path, n: int) -> Iterator[tuple[Recipe, Iterator[pa.RecordBatch]]]:
        """Begin to draw n rows from what a programme keeps, and keep nothing."""
        from bimetal.programme import opened
        from bimetal.programme.generation import looking

        with opened(folder) as programme, looking(programme, replace(self.order(programme, ""), n=n)) as begun:
            yield begun


def _prices(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        into, out = map(float, text.split(","))
    except ValueError as fault:
        raise InputError(f"--prices got {text!r}", "write IN,OUT, such as --prices 2.5,10") from fault
    return into, out


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
    from bimetal.programme.generation import generate

    with opened(folder) as programme:
        stored = generate(programme, wanted.order(programme, called))
    if as_json:
        emit({"name": stored.name, "rows": stored.rows, "digest": stored.digest, "licence": stored.licence})
        return
    say(f"kept {stored.rows} rows as {stored.name}, licence {stored.licence}, snapshot {stored.digest[:12]}")


def _written(wanted: _Wanted, out: str, as_json: bool) -> None:
    from bimetal.programme.doors import asks
    from bimetal.store.tables import write_batches

    n = wanted.n or 0
    with wanted.drawing(n) as (recipe, batches), progress(f"drawing {wanted.spec.name}") as told:
        text = json.dumps(recipe.json(), sort_keys=True)
        rows = write_batches(_counted(batches, n, told), out, {"bimetal.recipe": text})
    if as_json:
        emit({"out": out, "rows": rows, "recipe": recipe.digest, "recipe_text": recipe.json()})
    elif out != "-":
        say(f"wrote {rows} rows to {out}, recipe {recipe.digest[:12]}")
        if asks(wanted.spec) == "chat":
            say(f"what the model was asked and said stands in {wanted.doors.ledger}; keep it to draw the rows again")


def _counted(
    batches: Iterator[pa.RecordBatch], n: int, told: Callable[[int, int, Any], None]
) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in batches:
        done += batch.num_rows
        told(done, n, None)
        yield batch


def _previewed(wanted: _Wanted, folder: Path, out: Path | None, as_json: bool) -> None:
    from bimetal.programme.doors import asks
    from bimetal.programme.previewing import ROWS, page_of, preview

    refuse_out(out)
    few = wanted.n is None or asks(wanted.spec)  # whoever is asked may want money
    n = ROWS if few else wanted.n or 0
    held = wanted.seed_rows and not Path(wanted.seed_rows).exists() and (folder / "bimetal.toml").exists()
    with wanted.looking(folder, n) if held else wanted.drawing(n) as (recipe, batches):
        seen = preview(recipe, batches, wanted.n)
    if as_json:
        plain = [each.name for each in seen.rows.schema if "binary" not in str(each.type)]
        emit({"rows": seen.rows.select(plain).to_pylist(), "recipe_text": seen.recipe.json()})
    else:
        show_page(page_of(seen))
    if out is not None and (fault := write_page(page_of(seen), out)):
        raise fault

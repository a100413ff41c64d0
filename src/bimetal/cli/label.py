"""bimetal label: let rules written down label a table, and rows people labelled say how far to trust them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, aside, emit, say, table
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.programme.label_rules import Rules
    from bimetal.programme.labelling import Labelling

EXAMPLE = "bimetal label queries.csv --rules rules.toml --panel labelled.csv -o queries-labelled.parquet"


def command(
    given: Annotated[str, typer.Argument(metavar="TABLE", help="A file, or a dataset of the programme.")],
    rules: Annotated[Path, typer.Option(help="The rules: a .toml or .json file; see docs/labelling.md.")],
    panel: Annotated[
        str | None,
        typer.Option(help="Rows people labelled, to choose and weigh by: as TABLE, never the evaluation panel."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("-o", "--out", help="A .parquet, .csv or .jsonl file, - for output.", show_default="none"),
    ] = None,
    called: Annotated[str | None, typer.Option("--name", help="What the programme calls the labelled rows.")] = None,
    rng_seed: Annotated[int, typer.Option(help="The same seed splits the panel the same way.")] = 0,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Label rows by rules: votes, conflicts, and the resolution that suits what people said best."""
    from bimetal.programme.label_rules import read_rules
    from bimetal.programme.labelling import told

    read = read_rules(rules)
    held = (folder / "bimetal.toml").exists() and not Path(given).exists() and given != "-"
    facts = _kept(folder, (given, panel), read, (out, called or f"{given}-labelled", rng_seed)) if held else None
    done, more = facts or _written((given, panel), read, (out, rng_seed), folder)
    if as_json and out != "-":
        emit({**told(done, read), **more})
    elif out == "-":
        aside(f"labelled {done.given} of {done.asked} rows by {done.method}")
    else:
        _shown(done, more)


def _kept(
    folder: Path, tables: tuple[str, str | None], rules: Rules, order: tuple[str | None, str, int]
) -> tuple[Labelling, dict[str, Any]]:
    from bimetal.programme import opened
    from bimetal.programme.labelling import label_held
    from bimetal.store.tables import write_table

    out, name, rng_seed = order
    with opened(folder) as programme:
        stored, done = label_held(programme, tables[0], rules, tables[1], (name, rng_seed))
    if out is not None:
        write_table(done.rows, out)
    return done, {"name": stored.name, "digest": stored.digest, "kept": stored.rows}


def _written(
    tables: tuple[str, str | None], rules: Rules, order: tuple[str | None, int], folder: Path
) -> tuple[Labelling, dict[str, Any]]:
    from bimetal.programme import opened
    from bimetal.programme.labelling import label
    from bimetal.programme.policy.panel import refuse_sealed
    from bimetal.store.tables import read_table, write_table

    out, rng_seed = order
    if tables[1] == "-":
        raise InputError("--panel got -", "name a file")
    rows = read_table(tables[0], ("id", "label", "text"))
    human = read_table(tables[1], ("id", "label", "text")) if tables[1] else None
    if (folder / "bimetal.toml").exists() and human is not None:
        with opened(folder) as programme:
            refuse_sealed(programme, human)
    done = label(rows, rules, human, rng_seed)
    if out is not None:
        write_table(done.rows.replace_schema_metadata({"bimetal.rules": rules.digest}), out)
    return done, {"out": out}


def _shown(done: Labelling, more: dict[str, Any]) -> None:
    rows = [
        (
            each.rule,
            ", ".join(each.labels) or "its own",
            f"{each.covers / done.asked:.1%}",
            f"{each.overlaps / done.asked:.1%}",
            f"{each.conflicts / done.asked:.1%}",
            f"{each.right} of {each.judged}" if each.right else "-",
        )
        for each in done.facts
    ]
    table(("rule", "label", "covers", "overlaps", "conflicts", "right where people judged"), rows)
    choice = done.choice
    if choice is None:
        say("method: majority, for no rows people labelled were given; how right the labels are is not known")
    elif choice.why:
        say(f"method: majority, for {choice.why}")
    else:
        table(
            ("method", "score (right 1, none .5, wrong 0)", "more than majority"),
            [
                (f"{name} (chosen)" if name == choice.method else name, str(each), str(choice.gain.get(name, "-")))
                for name, each in choice.score.items()
            ],
            title=f"chosen on {choice.items} rows people labelled",
        )
    if done.judged is not None:
        right = done.judged.right
        told = f"{done.judged.labelled} get a label, {right} of those the right one" if right else "none gets a label"
        say(f"on {done.judged.items} other rows people labelled, untouched until now: {told}")
    place = f"kept as {more['name']}" if "name" in more else f"written to {more['out']}" if more["out"] else ""
    say(f"labelled {done.given} of {done.asked} rows{': ' + place if place else ''}; the others stay without a label")
    if not place:
        say("nothing is written: name a file with -o")

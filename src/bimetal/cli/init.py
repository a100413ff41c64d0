"""bimetal init: ask the six questions and write bimetal.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import HERE, AsJson, emit, say

if TYPE_CHECKING:
    from bimetal.programme.config import Config

EXAMPLE = "bimetal init claims --answers answers.toml"


def command(
    folder: Annotated[Path, typer.Argument(help="The programme's folder; made if need be.")] = HERE,
    answers: Annotated[Path | None, typer.Option(help="A bimetal.toml to take over instead of asking.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the six questions and write bimetal.toml. 'unknown' is an honest answer."""
    from bimetal.programme import create

    decided = _from_file(answers) if answers else _asked(folder)
    create(folder, decided)
    path = folder / "bimetal.toml"
    if as_json:
        emit({"folder": str(folder), "config": str(path)})
        return
    say(f"wrote {path}; read it, then run: bimetal decide --dir {folder}")


def _from_file(path: Path) -> Config:
    from bimetal.programme.config import read

    return read(path)


def _asked(folder: Path) -> Config:
    from bimetal.decision import QUESTIONS
    from bimetal.programme.clock import person
    from bimetal.programme.config import parse

    name = folder.resolve().name or "programme"
    said: dict[str, Any] = {question.name: {"value": "unknown"} for question in QUESTIONS}
    if not sys.stdin.isatty():
        typer.echo(
            "no terminal to ask at: all six answers are 'unknown'; edit bimetal.toml, or pass --answers", err=True
        )
    else:
        for question in QUESTIONS:
            typer.echo(f"\n{question.text}\n  {question.why}\n  For example: {question.example}", err=True)
            for value, meaning in question.values.items():
                typer.echo(f"    {value:<12} {meaning}", err=True)
            choice = typer.prompt("  Your answer", default="unknown", err=True)
            while choice not in question.values:
                choice = typer.prompt(f"  One of {', '.join(question.values)}", default="unknown", err=True)
            said[question.name] = {"value": choice, "said_by": person()}
    return parse({"programme": {"name": name}, "answers": said})

"""bimetal init: ask for the facts and the six questions, and write bimetal.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, emit, say
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.programme.config import Config
    from bimetal.programme.interview import Prompt

EXAMPLE = "bimetal init claims --preset fraud"


def command(
    folder: Annotated[Path, typer.Argument(help="The programme's folder; made if need be.")] = HERE,
    preset: Annotated[
        str | None, typer.Option(help="A field's usual answers to start from: bimetal list presets.")
    ] = None,
    answers: Annotated[Path | None, typer.Option(help="A file in the form of bimetal.toml: nothing is asked.")] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask, where a terminal is there.")] = True,
    as_json: AsJson = False,
) -> None:
    """Ask for the facts and the six questions and write bimetal.toml. 'unknown' is an honest answer."""
    from bimetal.programme import create

    if preset and answers:
        raise InputError("--preset and --answers were both given", "give one of them")
    decided = _from_file(answers) if answers else _interviewed(folder, preset, ask)
    create(folder, decided)
    path = folder / "bimetal.toml"
    if as_json:
        emit({"folder": str(folder), "config": str(path), "preset": preset})
        return
    say(f"wrote {path}; read it, then run: bimetal decide --dir {folder}")


def _from_file(path: Path) -> Config:
    from bimetal.programme.config import read

    return read(path)


def _interviewed(folder: Path, preset: str | None, ask: bool) -> Config:
    from bimetal.programme import presets
    from bimetal.programme.clock import now, person
    from bimetal.programme.config import settled
    from bimetal.programme.interview import adopted, answered, empty, prompts, standing

    name = folder.resolve().name or "programme"
    start = presets.read(preset) if preset else empty(name)
    if not (ask and sys.stdin.isatty()):
        if not preset:
            typer.echo(
                "no terminal to ask at: all answers are 'unknown'; edit bimetal.toml, or pass --preset or --answers",
                err=True,
            )
        return settled(adopted(answered(start, name, {}, "", now().date()), now().date()))
    before = standing(start)
    replies: dict[str, str] = {}
    typer.echo("Enter keeps what stands in brackets, - makes a fact unknown; 'unknown' is an honest answer.", err=True)
    for prompt in prompts():
        replies[prompt.key] = _reply(prompt, before.get(prompt.key, ""))
        if prompt.evidence and replies[prompt.key] != "unknown":
            kept = replies[prompt.key] == before.get(prompt.key)
            known = before.get(f"{prompt.key}.evidence", "") if kept else ""
            replies[f"{prompt.key}.evidence"] = typer.prompt("  On what evidence", default=known, err=True)
    return settled(adopted(answered(start, name, replies, person(), now().date()), now().date()))


def _reply(prompt: Prompt, known: str) -> str:
    typer.echo(f"\n{prompt.text}" + (f"\n  {prompt.why}" if prompt.why else ""), err=True)
    for example in prompt.examples:
        typer.echo(f"  such as: {example}", err=True)
    for value, meaning in prompt.values.items():
        typer.echo(f"    {value:<16} {meaning}".rstrip(), err=True)
    default = known or ("unknown" if "unknown" in prompt.values else "")
    reply = typer.prompt("  Your answer", default=default, err=True).strip()
    while wrong := prompt.fault(reply):
        typer.echo(f"  {wrong}", err=True)
        reply = typer.prompt("  Your answer", default=default, err=True).strip()
    return str(reply)

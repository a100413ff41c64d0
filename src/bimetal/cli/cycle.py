"""bimetal cycle: one turn of the loop per production window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, aside, emit, say

if TYPE_CHECKING:
    from bimetal.programme import Programme

EXAMPLE = "bimetal cycle start; bimetal cycle resume --answers answers.csv"
app = typer.Typer(
    no_args_is_help=True,
    help="Turn the loop on production. Score, test for drift, ask people, regenerate, retrain, promote.",
)


@app.command(epilog="Example: bimetal cycle start --dir claims")
def start(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Take the oldest unfinished production window as far as it goes."""
    from bimetal.programme import opened

    with opened(folder) as programme:
        _advance(programme, as_json)


@app.command(epilog="Example: bimetal cycle resume --answers answers.csv")
def resume(
    answers: Annotated[
        str | None, typer.Option(help="A table of id, label and annotator: what people answered.")
    ] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Take in people's answers, then go on."""
    from bimetal.programme import opened
    from bimetal.programme.queue import answer, answers_from
    from bimetal.store.tables import read_table

    with opened(folder) as programme:
        if answers:
            answer(programme, answers_from(programme, read_table(answers)))
        _advance(programme, as_json)


@app.command(epilog="Example: bimetal cycle status --json")
def status(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Say what the cycle waits for."""
    from bimetal.programme import opened
    from bimetal.programme.cycle import history, windows_left

    with opened(folder) as programme:
        left = windows_left(programme)
        done = len(history(programme))
    if as_json:
        emit({"finished": done, "left": [{"window": each.window, "waiting": each.items} for each in left]})
        return
    say(f"{done} windows finished, {len(left)} left")
    for each in left:
        say(f"  {each.window}: {each.items} items wait for people" if each.items else f"  {each.window}: ready to run")


@app.command(epilog="Example: bimetal cycle history")
def history(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """List every finished turn: drift, labels bought, the model before and after."""
    from bimetal.programme import opened
    from bimetal.programme.cycle import history as turns

    with opened(folder) as programme:
        finished = turns(programme)
    if as_json:
        emit(finished)
        return
    if not finished:
        say("no window is finished yet")
    for each in finished:
        say(_line(each))


def _advance(programme: Programme, as_json: bool) -> None:
    from bimetal.programme.cycle import Waiting, advance
    from bimetal.programme.queue import questions
    from bimetal.store.tables import write_table

    outcome = advance(programme, aside)
    if isinstance(outcome, Waiting):
        path = programme.folder / f"{Path(outcome.window).name}-to-label.parquet"
        write_table(questions(programme, outcome.window), str(path))
        if as_json:
            emit({"waiting": outcome.window, "items": outcome.items, "file": str(path)})
            return
        say(f"{outcome.window} waits for {outcome.items} items; they stand in {path}")
        say("label them in the browser: bimetal serve; then run: bimetal cycle resume")
        say("or write a table of id, label and annotator, and run: bimetal cycle resume --answers TABLE")
    elif as_json:
        emit(outcome.json() if outcome else {"left": 0})
    else:
        say(_line(outcome.json()) if outcome else "no production window is left; add one with --role production")


def _line(turn: dict[str, Any]) -> str:
    before, after = (turn[when]["panel"]["mean"] for when in ("before", "after"))
    drift = "drift found" if turn["drifted"] else "no drift found"
    outcome = "promoted" if turn["promoted"] else "kept the old model"
    return f"{turn['window']}: {drift}, {turn['labels']} labels, panel accuracy {before:.3f} -> {after:.3f}, {outcome}"

"""bimetal decide: the decision record, its history, and what changed between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, Out, emit, refuse_out, say, show_page, write_page
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.programme.deciding import Decided

EXAMPLE = "bimetal decide --dir claims -o decision.html"


def command(
    history: Annotated[bool, typer.Option("--history", help="List every version of the decision.")] = False,
    diff: Annotated[
        tuple[int, int] | None, typer.Option(metavar="A B", help="Say what changed from version A to version B.")
    ] = None,
    version: Annotated[int | None, typer.Option(help="Show a version as it was.", show_default="decide anew")] = None,
    out: Out = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Recommend generating, annotating, or both. Every reason is given; a record that says something new is logged."""
    from bimetal.decision.page import brief, page
    from bimetal.programme import opened
    from bimetal.programme.deciding import changes, decide_programme, decision, decisions

    refuse_out(out)
    if history + bool(diff) + (version is not None) > 1:
        raise InputError("--history, --diff and --version were given together", "give one of them")
    with opened(folder) as programme:
        name = programme.config.programme.name
        if history:
            _tell_history(decisions(programme), as_json)
            return
        if diff:
            _tell_changes(changes(*(decision(programme, each) for each in diff)), as_json)
            return
        found = decide_programme(programme) if version is None else decision(programme, version)
    signed = f"{found.signature.body['by']}, {found.signature.at.date()}" if found.signature else ""
    told = (found.record, f"{name}, version {found.version}", found.entry.at, signed)
    unwritten = write_page(page(*told), out) if out else None
    if as_json:
        emit(_json(found))
    else:
        show_page(brief(*told))
        say(f"every answer, rule and vendor question: bimetal decide --version {found.version} -o decision.html")
    if unwritten:
        raise unwritten


def _json(found: Decided) -> dict[str, object]:
    record = found.record.json()
    told = {"version": found.version, "at": found.entry.at.isoformat(), "by": found.entry.actor}
    return {**record, **told, "format": record["version"]}


def _tell_history(held: list[Decided], as_json: bool) -> None:
    if as_json:
        emit([_json(each) for each in held])
        return
    for each in held:
        say(each.words)
    if not held:
        say("nothing was decided yet; run: bimetal decide")


def _tell_changes(lines: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        emit(list(lines))
        return
    for line in lines or ("nothing changed",):
        say(line)

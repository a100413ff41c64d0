"""bimetal log: read the transparency log, verify it, prove one entry."""

from __future__ import annotations

from typing import Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say

EXAMPLE = "bimetal log verify --dir claims"
app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Read the transparency log, verify it, prove one entry."
)


@app.command(epilog="Example: bimetal log show --last 10")
def show(
    last: Annotated[int, typer.Option(help="How many entries, the newest.")] = 20,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries: who did what to which subject, when."""
    from bimetal.programme import opened

    with opened(folder) as programme:
        entries = list(programme.log.entries(start=max(0, programme.log.size - last)))
    if as_json:
        emit(
            [
                {
                    "seq": e.seq,
                    "at": e.at.isoformat(),
                    "actor": e.actor,
                    "action": e.action,
                    "subject": e.subject,
                    "body": e.body,
                }
                for e in entries
            ]
        )
        return
    for e in entries:
        say(f"{e.seq:>6}  {e.at:%Y-%m-%d %H:%M:%S}  {e.actor}  {e.action}  {e.subject[:40]}")


@app.command(epilog="Example: bimetal log verify")
def verify(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Recompute every hash and compare with the signed checkpoint; a damaged entry is named and exits with 3."""
    from bimetal.programme import opened

    with opened(folder) as programme:
        verified = programme.log.verify()
    if as_json:
        emit({"size": verified.size, "root": verified.root.hex(), "verified": True})
        return
    say(f"verified: {verified.size} entries, root {verified.root.hex()}")


@app.command(epilog="Example: bimetal log prove 12 --json")
def prove(
    seq: Annotated[int, typer.Argument(help="The entry's number.")], folder: Folder = HERE, as_json: AsJson = False
) -> None:
    """Prove that an entry stands in the log the checkpoint signs."""
    from bimetal.programme import opened

    with opened(folder) as programme:
        proof = programme.log.prove(seq)
    if as_json:
        emit(proof)
        return
    say(f"entry {seq} is in the signed log: {len(proof['proof'])} hashes prove it; --json writes them")
    say(proof["checkpoint"].rstrip())

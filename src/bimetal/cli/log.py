"""bimetal log: read the transparency log, verify it, prove one entry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.store import Verified

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


@app.command(epilog="Example: bimetal log verify --copy audit/log --key claims-3fa9c1d2+0a1b2c3d+AZk...")
def verify(
    copy: Annotated[Path | None, typer.Option(help="A copy of .bimetal/log alone, verified without the rest.")] = None,
    key: Annotated[str | None, typer.Option(help="With --copy: the public key, see bimetal log key.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Recompute every hash and compare with the signed checkpoint. A damaged entry is named; exits with 3."""
    verified = _verified_copy(copy, key) if copy else _verified(folder)
    if as_json:
        emit({"size": verified.size, "root": verified.root.hex(), "verified": True})
        return
    say(f"verified: {verified.size} entries, root {verified.root.hex()}")


def _verified_copy(copy: Path, key: str | None) -> Verified:
    from bimetal.store import verify_folder

    if key is None:
        raise InputError("a copy is verified with the public key of the log", "pass --key; bimetal log key shows it")
    return verify_folder(copy, key)


def _verified(folder: Path) -> Verified:
    from bimetal.programme import opened
    from bimetal.programme.queue import refuse_changed
    from bimetal.programme.sources import refuse_rewritten

    with opened(folder) as programme:
        verified = programme.log.verify()
        refuse_changed(programme)
        refuse_rewritten(programme)
    return verified


@app.command(epilog="Example: bimetal log key --dir claims")
def key(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the public key that verifies the log. Publish it freely."""
    from bimetal.programme import opened

    with opened(folder) as programme:
        verifier = programme.log.verifier
    if as_json:
        emit({"key": verifier})
        return
    say(verifier)


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

"""The log as people read it: who did what to which subject, newest first, and how to prove that nothing was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

from bimetal.errors import LogError
from bimetal.web.addresses import at
from bimetal.web.door import Ask, page
from bimetal.web.names import Names

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.store.log import Log
    from bimetal.types import Entry

PAGE = 50
FURTHEST = 50_000
"""Entries looked at for one page; who looks for something rarer goes on from there."""

_BLOCK = 1024


@dataclass(frozen=True)
class Wanted:
    """Which entries are looked for; what is empty asks for nothing."""

    action: str = ""
    subject: str = ""
    actor: str = ""

    def takes(self, entry: Entry) -> bool:
        return (
            (not self.action or entry.action == self.action or entry.action.startswith(f"{self.action}."))
            and self.subject in {"", entry.subject}
            and self.actor in {"", entry.actor}
        )


@page("read log")
def show(ask: Ask) -> Response:
    """Show a page of the log."""
    log = ask.programme.log
    size = log.size
    wanted = Wanted(*(ask.query(name).strip() for name in ("action", "subject", "actor")))
    asked = ask.query("before")
    before = min(int(asked), size) if asked.isdecimal() and len(asked) < 16 else size
    found, reached = newest(log, wanted, before)
    query = {name: getattr(wanted, name) for name in ("action", "subject", "actor")}
    return ask.render(
        "log.html",
        entries=found,
        size=size,
        wanted=wanted,
        names=Names(ask),
        older=at("log", **query, before=reached) if reached else "",
        newest=at("log", **query) if before < size else "",
        checkpoint=_checkpoint(log),
        key=log.verifier,
        reached=reached,
        pretty=_pretty,
    )


def newest(log: Log, wanted: Wanted, before: int) -> tuple[list[Entry], int]:
    """Read the newest entries below one, and where to go on from: 0 at the log's beginning."""
    found: list[Entry] = []
    stop, end = before, max(0, before - FURTHEST)
    while stop > end and len(found) < PAGE:
        start = max(end, stop - _BLOCK)
        block = [entry for entry in log.entries(start, stop) if wanted.takes(entry)]
        room = PAGE - len(found)
        taken = block[-room:]
        found += reversed(taken)
        stop = taken[0].seq if len(block) > room else start
    return found, stop


def _pretty(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2)


def _checkpoint(log: Log) -> str:
    """Read the last signed checkpoint, or nothing where none was signed yet."""
    try:
        return log.tiles.checkpoint()
    except LogError:
        return ""


ROUTES = [Route("/log", show)]

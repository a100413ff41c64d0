"""The rule about bought rows: none leaves that waits in quarantine, under another name, or that came around it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from bimetal.programme.payloads import payloads, payloads_held
from bimetal.programme.policy.case import Broken, Case
from bimetal.programme.programme import Stored
from bimetal.programme.quarantine import VENDOR, in_quarantine, next_step, why
from bimetal.programme.sources import sources
from bimetal.programme.sources.source import IN_HOUSE


def vendor_quarantined(case: Case) -> Broken | None:
    """Refuse a delivery in quarantine, later copies of one, and rows of a vendor that never stood in quarantine."""
    programme, stored = case.programme, case.stored
    if in_quarantine(programme, stored):
        return Broken((), f"{stored.name} waits: {why(programme, stored)}", next_step(programme, stored))
    if VENDOR in stored.details:
        return None
    return _copied(case) or _gone_around(case)


def _copied(case: Case) -> Broken | None:
    """Find rows, none drawn here, that copy a delivery which came before them and waits."""
    waiting = _payloads(case, (each for each in _before(case) if in_quarantine(case.programme, each)))
    keys = payloads(case.programme, case.rows) if waiting else []
    drawn = [(each or "").startswith(IN_HOUSE) for each in case.column("source")]
    rows = tuple(row for row, key in enumerate(keys) if key in waiting and not drawn[row])
    if not rows:
        return None
    told = f"they are copies of rows that wait in quarantine: {', '.join(sorted({waiting[keys[row]] for row in rows}))}"
    return Broken(rows, told, "end that quarantine first, or release the others with --leave-out")


def _gone_around(case: Case) -> Broken | None:
    """Find rows of a vendor that are in no delivery somebody accepted."""
    programme = case.programme
    vendors = {each.name for each in sources(programme).values() if each.kind == "vendor"}
    bought = [row for row, name in enumerate(case.column("source")) if name in vendors]
    if not bought:
        return None
    free = (each for each in programme.datasets() if VENDOR in each.details and not in_quarantine(programme, each))
    accepted = _payloads(case, free)
    keys = payloads(programme, case.rows)
    rows = tuple(row for row in bought if keys[row] not in accepted)
    if not rows:
        return None
    name = str(case.column("source")[rows[0]])
    again = f"bring them in again: bimetal import vendor TABLE --source {shlex.quote(name)} --dataset NEW-NAME"
    return Broken(rows, f"{name!r} is a vendor, and they never stood in quarantine", again)


def _payloads(case: Case, held: Iterable[Stored]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in held:
        found |= dict.fromkeys(payloads_held(case.programme, each.digest), each.name)
    return found


def _before(case: Case) -> list[Stored]:
    held = case.programme.datasets()
    names = [(each.name, each.digest) for each in held]
    own = (case.stored.name, case.stored.digest)
    return held[: names.index(own)] if own in names else held

"""Quarantine: a vendor's rows wait, used by nothing, until their checks passed and a named person accepted them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from bimetal.errors import InputError, PolicyError
from bimetal.programme.checking import filed_findings
from bimetal.programme.signatures import accepted
from bimetal.programme.sources import missing, source

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored
    from bimetal.types import Entry, Finding

VENDOR = "vendor"  # the detail of a dataset that says it came through quarantine, and from which source
EXAMINED = "vendor.examined"
BINDING = frozenset({"source-collector", "source-region", "source-claims"})  # owed by a vendor though they only warn


def quarantine(name: str) -> str:
    """Name what a person signs to end a quarantine.

    >>> quarantine("claims-3")
    'quarantine:claims-3'
    """
    return f"quarantine:{name}"


def in_quarantine(programme: Programme, stored: Stored) -> bool:
    """Say whether a dataset waits: nobody accepted it after a run without failures, or a later run failed."""
    if VENDOR not in stored.details:
        return False
    signature, seen = accepted(programme, quarantine(stored.name)), runs(programme, stored)
    clean = [each for each in seen if not each.body["verdicts"]["fail"]]
    if signature is None or not clean or clean[-1] is not seen[-1]:
        return True
    return not any(each.seq < signature.seq for each in clean)


def runs(programme: Programme, stored: Stored) -> list[Entry]:
    """List the runs of checks over a delivery, oldest first."""
    found = programme.log.entries(action=EXAMINED, subject=stored.digest)
    return [each for each in found if each.body["name"] == stored.name]


def owed(programme: Programme, name: str) -> tuple[Finding, ...]:
    """List the facts that a source owes before its rows may leave quarantine; each remedy is the command."""
    found = missing(source(programme, name))
    return tuple(each for each in found if each.verdict == "fail" or each.check in BINDING)


def failed(programme: Programme, stored: Stored) -> tuple[Finding, ...]:
    """List what failed in the last run of checks."""
    seen = runs(programme, stored)
    found = filed_findings(programme, seen[-1].body["findings"]) if seen else []
    return tuple(each for each in found if each.verdict == "fail")


def why(programme: Programme, stored: Stored) -> str:
    """Say in half a sentence what keeps a delivery in quarantine."""
    if not runs(programme, stored):
        return "no check has run"
    facts, checks = (len(owed(programme, stored.details[VENDOR])), len(failed(programme, stored)))
    parts = [f"{facts} {'fact is' if facts == 1 else 'facts are'} owed"] if facts else []
    parts += [f"{checks} {'check' if checks == 1 else 'checks'} failed"] if checks else []
    return " and ".join(parts) or "nobody accepted them"


def next_step(programme: Programme, stored: Stored) -> str:
    """Tell what to do next so that a quarantine ends."""
    facts, checks = owed(programme, stored.details[VENDOR]), failed(programme, stored)
    again = f"bimetal import vendor FILE --source {shlex.quote(stored.details[VENDOR])}"
    if facts:
        return f"say what is owed, first: {facts[0].remedy}; then run the import again"
    if checks:
        told = f"first: {checks[0].remedy}; then run the import again"
        return f"{told}, or of other rows: {again} --dataset NEW-NAME"
    if not runs(programme, stored):
        return f"run the import again: {again} --dataset {shlex.quote(stored.name)}"
    return f"run: bimetal sign {shlex.quote(quarantine(stored.name))} --by NAME --reason WHY"


def refuse_quarantined(programme: Programme, stored: Stored, what: str) -> None:
    """Raise PolicyError where a dataset waits in quarantine; `what` says what would have used it."""
    if in_quarantine(programme, stored):
        told = f"rule vendor-quarantined: {stored.name} is in quarantine, {what}: {why(programme, stored)}"
        raise PolicyError(told, next_step(programme, stored))


def acceptable(programme: Programme, name: str) -> Stored:
    """Find the delivery a person may accept now; raises InputError where there is none, PolicyError where it waits.

    Every fact must be there, no check of the last run may have failed, and it must have seen real rows if there are.
    """
    from bimetal.programme.vendor_checks import real_rows  # which runs the checks, and they need a programme

    held = [each for each in programme.datasets(name=name) if VENDOR in each.details]
    if not held:
        raise InputError(f"no delivery of a vendor is called {name!r}", "bring it: bimetal import vendor TABLE")
    stored = held[-1]
    faults = [*owed(programme, stored.details[VENDOR]), *failed(programme, stored)]
    if faults or not runs(programme, stored):
        told = tuple(f"{each.check}: {each.message}\n      do: {each.remedy}" for each in faults)
        raise PolicyError(
            f"{name} stays in quarantine: {why(programme, stored)}", next_step(programme, stored), faults=told
        )
    if runs(programme, stored)[-1].body["reference"] is None and real_rows(programme) is not None:
        raise PolicyError(
            f"{name} stays in quarantine: it was judged before there were real rows to judge it by",
            f"run the import again, of the same file as --dataset {shlex.quote(name)}",
        )
    return stored

"""bimetal import vendor: bring bought rows into quarantine, and say what keeps them there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bimetal.cli._screen import emit, findings, say
from bimetal.errors import InputError
from bimetal.types import UNKNOWN_LICENCE

if TYPE_CHECKING:
    from bimetal.programme.vendor import Delivered

FORM = "vendor"


def refuse_elsewhere(form: str, said: Mapping[str, Any]) -> None:
    """Raise where somebody says of another tool's file what only a vendor's rows are asked for."""
    given = [name for name, value in said.items() if value]
    if given:
        raise InputError(f"--{given[0]} is said of a {form} file", "write: bimetal import vendor TABLE --source NAME")


def said(kept: dict[str, Any], bought: Mapping[str, Any], more: tuple[str | None, dict[str, Any]]) -> dict[str, Any]:
    """Gather what was typed of a delivery; raises InputError where no vendor is named, or another setting is given."""
    from bimetal.programme.intake import Declared

    declare, settings = more
    if not kept["source"]:
        raise InputError("no vendor is named", "say who sold the rows with --source NAME")
    strange = sorted(set(settings) - {"label"})
    if strange:
        raise InputError(f"--set got {strange[0]!r}", "a vendor's table knows one setting: label=COLUMN")
    return {
        **kept,
        "role": kept["role"] or "train",
        "licence": "" if kept["licence"] == UNKNOWN_LICENCE else kept["licence"],
        "label": str(settings["label"]) if "label" in settings else None,
        "declared": Declared.parse(declare) if declare else Declared("synthetic"),
        "who": bought["who"],
        "how": bought["how"],
        "made_from": tuple(bought["made-from"] or ()),
        "claims": tuple(bought["claim"] or ()),
    }


def bring(folder: Path, path: Path, said: dict[str, Any], as_json: bool) -> bool:
    """Import a vendor's table, tell what was found, and say whether every check passed."""
    from bimetal.programme import opened
    from bimetal.programme.vendor import Delivery, deliver
    from bimetal.store.tables import read_table

    rows = read_table(str(path), ("id", said["label"] or "label"))
    with opened(folder) as programme:
        came = deliver(programme, Delivery(rows, **said))
    if as_json:
        emit(_plain(came))
    else:
        _told(came)
    return all(each.verdict != "fail" for each in came.findings)


def _plain(came: Delivered) -> dict[str, Any]:
    stored = came.stored
    return {
        "dataset": stored.name,
        "role": stored.role,
        "digest": stored.digest,
        "rows": stored.rows,
        "quarantine": came.waiting,
        "findings": [each.json() for each in came.findings],
        "owed": [each.json() for each in came.owed],
        "next": came.next_step,
        "warnings": list(came.warnings),
    }


def _told(came: Delivered) -> None:
    stored = came.stored
    where = "in quarantine: nothing uses them yet" if came.waiting else "out of quarantine"
    say(f"imported {stored.rows} rows as {stored.name} ({stored.role}), {where}")
    findings([each for each in came.findings if each.verdict != "pass"])
    say(f"{sum(each.verdict == 'pass' for each in came.findings)} of {len(came.findings)} findings pass")
    for each in came.owed:
        say(f"owed: {each.message}; run: {each.remedy}")
    for warning in came.warnings:
        say(f"warning: {warning}")
    if came.next_step:
        say(f"next: {came.next_step}")

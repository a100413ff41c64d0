"""When synthetic rows stop being personal: the privacy check passed, and a named person accepts what risk is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bimetal.programme.signatures import accepted

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored
    from bimetal.types import Entry

PRIVACY = "privacy"


def residual_risk(name: str) -> str:
    """Name what a person signs to accept the risk that is left in a dataset.

    >>> residual_risk("claims-synthetic")
    'residual-risk:claims-synthetic'
    """
    return f"residual-risk:{name}"


def cleared(programme: Programme, stored: Stored) -> Entry | None:
    """Return the signature that clears a dataset, or None where it stays what it was made from.

    The last privacy check of these very rows must have passed against each real dataset they were made from, and the
    signature must be younger than one that passed: nobody accepts a risk that was not measured.
    """
    signature = accepted(programme, residual_risk(stored.name))
    if signature is None:
        return None
    seen: dict[str, list[tuple[int, bool]]] = {}
    for entry in _checks(programme, stored):
        verdict = _passed(programme, entry)
        if verdict is not None:
            seen.setdefault(entry.body.get("reference") or "", []).append((entry.seq, verdict))
    passed = {
        name
        for name, verdicts in seen.items()
        if verdicts[-1][1] and any(good and seq < signature.seq for seq, good in verdicts)
    }
    return signature if passed and passed == set(seen) and passed >= made_from(programme, stored) else None


def made_from(programme: Programme, stored: Stored) -> set[str]:
    """Name the datasets held here that are not synthetic and that rows were made from, however many steps ago."""
    behind = set(ancestors(programme, stored))
    held = [each for each in programme.datasets() if each.digest in behind]
    return {each.name for each in held if each.details.get("kind") != "synthetic"}


def ancestors(programme: Programme, stored: Stored) -> Iterator[str]:
    """Name the snapshots a dataset was made from, and those they were made from, each once."""
    held = {each.digest: each for each in programme.datasets()}
    seen, left = {stored.digest}, [stored]
    while left:
        for digest in sorted(set(parents_of(left.pop())) - seen):
            seen.add(digest)
            yield digest
            left += [held[digest]] if digest in held else []


def parents_of(stored: Stored) -> list[str]:
    """List what a dataset was made from directly: its parents, and the seed rows its recipe names."""
    seeds = (stored.details.get("recipe") or {}).get("seed_rows")
    return [*stored.details.get("parents", []), *([seeds] if seeds else [])]


def _checks(programme: Programme, stored: Stored) -> list[Entry]:
    """List the checks of a dataset that saw its rows: after it was kept, before another took its name."""
    namesakes = [each for each in programme.datasets(name=stored.name) if each.at > stored.at]
    end = min((each.at for each in namesakes if each.digest != stored.digest), default=None)
    found = programme.log.entries(action="checked", subject=stored.name)
    return [each for each in found if each.at >= stored.at and (end is None or each.at < end)]


def _passed(programme: Programme, entry: Entry) -> bool | None:
    """Say how privacy came out of a check: None where it was not looked at, or could not be."""
    rows = programme.snapshots.get(entry.body["findings"], ["check", "verdict"]).to_pylist()
    verdicts = {each["verdict"] for each in rows if each["check"] == PRIVACY} - {"skip"}
    return verdicts == {"pass"} if verdicts else None

"""Rules about what rows say of themselves: origin, labels, source, licence, and the panel's seal."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from bimetal.programme.licences import inheritance
from bimetal.programme.payloads import payloads, payloads_held
from bimetal.programme.policy.case import Broken, Case
from bimetal.programme.policy.panel import sealed
from bimetal.programme.sources import missing, sources, unregistered
from bimetal.programme.sources.clearance import ancestors

UNDECLARED = ("undeclared", "", None)
DEMO = "bimetal:demo"


def panel_sealed(case: Case) -> Broken | None:
    """Refuse to train on an evaluation panel, and on rows of another table that stand on one, found by payload."""
    if case.purpose != "train":
        return None
    if case.stored.role == "panel":
        return Broken(detail=f"{case.stored.name} is an evaluation panel", way_out="release it for share or serve")
    held = sealed(case.programme)
    keys = payloads(case.programme, case.rows) if held else []
    rows = tuple(row for row, key in enumerate(keys) if key in held)
    if not rows:
        return None
    told = ", ".join(sorted({held[keys[row]] for row in rows}))
    return Broken(rows, f"they stand on the panel {told}", "release the others with --leave-out")


def origin_known(case: Case) -> Broken | None:
    """Refuse rows that do not say whether they are real or synthetic, and copies of synthetic rows that say real."""
    rows = case.where("item_origin", *UNDECLARED)
    if rows:
        return Broken(rows)
    copies = _copies(case)
    told = f"they call themselves real, and are copies of rows drawn before: {', '.join(sorted(set(copies.values())))}"
    return Broken(tuple(copies), told, "add them again as synthetic") if copies else None


def demo_stays(case: Case) -> Broken | None:
    """Refuse demo rows, and all that a generator learned from some."""
    marked = zip(case.column("source"), case.column("demo"), strict=True)
    rows = tuple(row for row, (source, mark) in enumerate(marked) if source == DEMO or mark)
    if rows:
        return Broken(rows, "they are demo data, made up for trying things out")
    behind = set(ancestors(case.programme, case.stored))
    held = [each for each in case.programme.datasets() if each.digest in behind and each.details.get("source") == DEMO]
    return Broken(detail=f"{case.stored.name} was learned from the demo data {held[0].name}") if held else None


def _copies(case: Case) -> dict[int, str]:
    """Find rows that call themselves real and copy, payload for payload, a synthetic row held here before them."""
    programme, real = case.programme, case.where("item_origin", "real")
    drawn: dict[str, str] = {}
    for held in programme.datasets():
        if held.digest == case.stored.digest:
            break
        if real and held.details["kind"] != "real":
            origins = programme.snapshots.get(held.digest, ["item_origin"])["item_origin"].to_pylist()
            keys = zip(payloads_held(programme, held.digest), origins, strict=True)
            drawn |= {key: held.name for key, origin in keys if origin == "synthetic"}
    keys_here = payloads(programme, case.rows) if drawn else []
    return {row: drawn[keys_here[row]] for row in real if drawn and keys_here[row] in drawn}


def labels_known(case: Case) -> Broken | None:
    """Refuse labels nobody stands for; rows without a label have none to declare."""
    said = zip(case.column("label"), case.column("label_origin"), strict=True)
    rows = tuple(row for row, (label, origin) in enumerate(said) if label is not None and origin in UNDECLARED)
    return Broken(rows) if rows else None


def source_registered(case: Case) -> Broken | None:
    """Refuse rows whose source does not stand in the register, or owes it a fact that binds."""
    nameless = unregistered(case.programme, case.rows)
    if nameless:
        named = ", ".join(sorted(repr(each) for each in nameless)[:5])
        add = f"run: bimetal source add {shlex.quote(min(filter(None, nameless), default='NAME'))} --kind KIND"
        return Broken(_from(case, nameless), f"not in the register: {named}", add)
    held, said = sources(case.programme), set(case.column("source"))
    owed = {name: [each.message for each in missing(held[name]) if each.verdict == "fail"] for name in said if name}
    owing = sorted(name for name in owed if owed[name])
    if not owing:
        return None
    told = "; ".join(f"{name!r} owes a fact: {owed[name][0]}" for name in owing[:3])
    return Broken(_from(case, owing), told, f"see what is owed: bimetal source check {shlex.quote(owing[0])}")


def _from(case: Case, names: Collection[str]) -> tuple[int, ...]:
    return tuple(row for row, source in enumerate(case.column("source")) if (source or "") in names)


def licence_inherited(case: Case) -> Broken | None:
    """Refuse what the licences of all inputs together do not allow."""
    found = inheritance(case.programme, case.stored, case.rows, case.purpose)
    if found.verdict == "allow":
        return None
    told = f"to {case.purpose} is blocked: {found.blocking[0].sentence}" if found.blocking else "no input is named"
    return Broken(detail=told, way_out="; ".join(found.unblocks[:3]))

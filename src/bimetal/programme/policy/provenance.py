"""Rules about what rows say of themselves: origin, labels, source, licence, and the panel's seal."""

from __future__ import annotations

from bimetal.programme.licences import inheritance
from bimetal.programme.policy.case import Broken, Case
from bimetal.programme.sources import unregistered

UNDECLARED = ("undeclared", "", None)


def panel_sealed(case: Case) -> Broken | None:
    """Refuse to train on an evaluation panel."""
    if case.stored.role != "panel" or case.purpose != "train":
        return None
    return Broken(detail=f"{case.stored.name} is an evaluation panel", way_out="release it for share or serve")


def origin_known(case: Case) -> Broken | None:
    """Refuse rows that do not say whether they are real or synthetic."""
    rows = case.where("item_origin", *UNDECLARED)
    return Broken(rows) if rows else None


def labels_known(case: Case) -> Broken | None:
    """Refuse labels nobody stands for; rows without a label have none to declare."""
    said = zip(case.column("label"), case.column("label_origin"), strict=True)
    rows = tuple(row for row, (label, origin) in enumerate(said) if label is not None and origin in UNDECLARED)
    return Broken(rows) if rows else None


def source_registered(case: Case) -> Broken | None:
    """Refuse rows whose source does not stand in the register."""
    missing = unregistered(case.programme, case.rows)
    if not missing:
        return None
    rows = tuple(row for row, source in enumerate(case.column("source")) if (source or "") in missing)
    named = ", ".join(sorted(repr(each) for each in missing)[:5])
    return Broken(rows, f"not in the register: {named}")


def licence_inherited(case: Case) -> Broken | None:
    """Refuse what the licences of all inputs together do not allow."""
    found = inheritance(case.programme, case.stored, case.rows, case.purpose)
    if found.verdict == "allow":
        return None
    told = f"to {case.purpose} is blocked: {found.blocking[0].sentence}" if found.blocking else "no input is named"
    return Broken(detail=told, way_out="; ".join(found.unblocks[:3]))

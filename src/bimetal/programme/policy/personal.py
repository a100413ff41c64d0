"""Rules about people in the data: what is personal stays personal until a check and a named person say otherwise."""

from __future__ import annotations

from bimetal.programme.policy.case import Broken, Case
from bimetal.programme.sources import personal_class, residual_risk

OPEN = ("none",)


def stays_personal(case: Case) -> Broken | None:
    """Refuse to share rows that are, or were made from, personal data."""
    if case.purpose != "share":
        return None
    kind = personal_class(case.programme, case.stored)
    if kind in OPEN:
        return None
    name = case.stored.name
    if not case.synthetic:
        return Broken(detail=f"{name} holds {kind} data", way_out="share synthetic or aggregated data in its place")
    return Broken(
        detail=f"{name} was made from {kind} data",
        way_out=f"run: bimetal check {name} --reference SEEDS --only privacy, then: bimetal sign {residual_risk(name)}",
    )

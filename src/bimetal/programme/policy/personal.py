"""Rules about people in the data: what is personal stays personal until a check and a named person say otherwise."""

from __future__ import annotations

from bimetal.programme.policy.case import Broken, Case
from bimetal.programme.sources import CLASSES, personal_rows, residual_risk


def stays_personal(case: Case) -> Broken | None:
    """Refuse to share rows that are, or were made from, personal data."""
    if case.purpose != "share":
        return None
    levels = [CLASSES.index(each.level) for each in personal_rows(case.programme, case.stored, case.rows)]
    rows = tuple(row for row, level in enumerate(levels) if level)
    if not rows:
        return None
    name, kind = case.stored.name, CLASSES[max(levels)]
    if not set(rows) & set(case.synthetic):
        return Broken(rows, f"{name} holds {kind} data", "share synthetic or aggregated data in its place")
    return Broken(
        rows,
        f"{name} was made from {kind} data",
        f"run: bimetal check {name} --reference SEEDS --only privacy, then: bimetal sign {residual_risk(name)}",
    )

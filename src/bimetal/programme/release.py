"""Let a dataset leave the programme: the rules bind here, and what left stands in the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import PolicyError
from bimetal.programme.boundary import came, defined, freeze, members
from bimetal.programme.checking import check_programme
from bimetal.programme.generation import recipes
from bimetal.programme.policy import Case, Purpose, Refusal, judge, judged_under, refuse
from bimetal.programme.sources.source import IN_HOUSE
from bimetal.types import Dataset

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

GUARDS = ("audit_gap",)  # checks that bind at release; the others inform
LEFT_TO_RULES = ("item_origin", "label_origin", "source")  # gaps that a rule refuses, and a person may waive


@dataclass(frozen=True)
class Released:
    """What left: the dataset, its rows (a `boundary` column where the subset is defined), and the rules waived."""

    stored: Stored
    rows: pa.Table
    left_out: int
    waived: tuple[Refusal, ...]


def release(programme: Programme, reference: str, purpose: Purpose, *, leave_out: bool = False) -> Released:
    """Release a dataset for training, sharing or serving.

    Raises PolicyError naming every rule that refuses, its rows and the way out; a refusal is logged too. `leave_out`
    releases the rows that break no rule, and keeps the rest.
    """
    stored = programme.dataset(reference)
    dataset = programme.load(stored)
    whole = dataset.rows.num_rows
    try:
        found, rows = _judged(programme, stored, dataset.rows, purpose, leave_out)
        _guard(programme, stored, rows)
    except PolicyError as refusal:
        refused: dict[str, Json] = {"purpose": purpose, "why": str(refusal), **judged_under(programme)}
        programme.record("release.refused", stored.digest, refused)
        raise
    rows, kept = _with_boundary(programme, stored, rows)
    waived = tuple(each for each in found if each.waived is not None)
    said = {**_said(stored, rows, purpose, waived), **judged_under(programme), **kept}
    programme.record("released", stored.digest, said)
    return Released(stored, rows, whole - rows.num_rows, waived)


def _judged(
    programme: Programme, stored: Stored, rows: pa.Table, purpose: Purpose, leave_out: bool
) -> tuple[tuple[Refusal, ...], pa.Table]:
    case = Case(programme, stored, rows, purpose)
    found = judge(case)
    while leave_out and (broken := {row for each in found if each.waived is None for row in each.broken.rows}):
        kept = pa.array([row not in broken for row in range(case.rows.num_rows)], pa.bool_())
        case = Case(programme, stored, case.rows.filter(kept), purpose)
        if not case.rows.num_rows:
            why = next(each for each in found if each.waived is None)
            raise PolicyError(f"no row of {stored.name} may leave: {why.words}", why.way_out)
        found = judge(case)
    refuse(case, found)
    return found, case.rows


def _guard(programme: Programme, stored: Stored, rows: pa.Table) -> None:
    """Draw rows of generators of one's own again; who else's rows are from is for the register to say."""
    whole = programme.load(stored)
    known = recipes(programme)
    said = zip(*(rows[name].to_pylist() for name in ("source", "recipe")), strict=True)
    own = [(source or "").startswith(IN_HOUSE) or recipe in known for source, recipe in said]
    dataset = Dataset(whole.name, rows.filter(pa.array(own, pa.bool_())), whole.task, whole.role, whole.origin)
    found = check_programme(programme, dataset, None, GUARDS)
    failed = [each for each in found if each.verdict == "fail" and each.where not in LEFT_TO_RULES]
    if failed:
        raise PolicyError(f"check {failed[0].check} failed: {failed[0].message}", failed[0].remedy)


def _with_boundary(programme: Programme, stored: Stored, rows: pa.Table) -> tuple[pa.Table, dict[str, Json]]:
    if defined(programme) is None:
        return rows, {}
    why = members(programme, rows, came(programme, stored))
    plain = rows.drop_columns("boundary") if "boundary" in rows.column_names else rows
    return plain.append_column("boundary", pa.array(why, pa.string())), {"boundary": freeze(programme, rows, why)}


def _said(stored: Stored, rows: pa.Table, purpose: Purpose, waived: tuple[Refusal, ...]) -> dict[str, Json]:
    return {
        "name": stored.name,
        "purpose": purpose,
        "rows": rows.num_rows,
        "synthetic": sum(each != "real" for each in rows["item_origin"].to_pylist()),
        "waived": {each.rule.name: each.waived for each in waived},
    }

"""Rules that bind: what a panel may hold, and what may leave the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bimetal.errors import InputError, PolicyError
from bimetal.pilot.tables import refuse_overlap, row_names
from bimetal.types import UNKNOWN_LICENCE, Finding

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.programme import Programme

Purpose = Literal["train", "share", "serve"]


@dataclass(frozen=True)
class Rule:
    """A rule in plain words, the column it reads, the values it refuses or demands, and the way out."""

    name: str
    words: str
    column: str
    way_out: str
    demands: str | None = None
    refuses: tuple[str | None, ...] = ()

    def breaks(self, value: str | None) -> bool:
        return value != self.demands if self.demands else value in self.refuses


PANEL_RULES = (
    Rule(
        "panel-real",
        "an evaluation panel takes only real items",
        "item_origin",
        "declare them with --declare real,human if a person can vouch for it, or leave them out",
        demands="real",
    ),
    Rule(
        "panel-human",
        "an evaluation panel takes only human labels",
        "label_origin",
        "have people label these rows, or leave them out",
        demands="human",
    ),
)
RELEASE_RULES = (
    Rule(
        "origin-known",
        "released rows say whether they are real or synthetic",
        "item_origin",
        "add them again with --declare",
        refuses=("undeclared", None),
    ),
    Rule(
        "labels-known",
        "released rows say who or what labelled them",
        "label_origin",
        "add them again with --declare",
        refuses=("undeclared", None),
    ),
    Rule(
        "licence-known",
        "rows of unknown licence are not released",
        "licence",
        "find out the licence and add them again with --licence",
        refuses=(UNKNOWN_LICENCE, "", None),
    ),
)


def admit_to_panel(programme: Programme, rows: pa.Table) -> None:
    """Raise PolicyError, naming rows, where a panel would hold anything but real, human-labelled, held-out items."""
    for rule in PANEL_RULES:
        _enforce(rule, rows)
    try:
        refuse_overlap(rows, ((each.name, programme.snapshots.get(each.digest)) for each in programme.datasets()))
    except InputError as fault:
        raise PolicyError(fault.message, fault.hint) from fault


def enforce_release(rows: pa.Table) -> tuple[str, ...]:
    """Raise PolicyError naming the rule, the rows and the way out; return the names of the rules that were kept."""
    for rule in RELEASE_RULES:
        _enforce(rule, rows)
    return tuple(rule.name for rule in RELEASE_RULES)


def refuse_failed(findings: list[Finding]) -> None:
    """Raise PolicyError where a check that guards a release failed."""
    failed = [each for each in findings if each.verdict == "fail"]
    if failed:
        raise PolicyError(f"check {failed[0].check} failed: {failed[0].message}", failed[0].remedy)


def _enforce(rule: Rule, rows: pa.Table) -> None:
    known = rule.column in rows.column_names
    values = rows[rule.column].to_pylist() if known else [None] * rows.num_rows
    broken = [row for row, value in enumerate(values) if rule.breaks(value)]
    if broken:
        names = row_names(rows, broken)
        raise PolicyError(f"rule {rule.name}: {rule.words}; {len(broken)} rows break it: {names}", rule.way_out)

"""What a rule looks at, and what it answers: a dataset at the door, the rows that break the rule, the way out."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bimetal.decision import Binding
from bimetal.pilot.tables import row_names

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.programme import Programme, Stored

Purpose = Literal["train", "share", "serve"]
SIGNED = "--by NAME --reason WHY --until YYYY-MM-DD"


@dataclass(frozen=True)
class Case:
    """A dataset about to enter or leave: its rows with their provenance, and what they are wanted for."""

    programme: Programme
    stored: Stored
    rows: pa.Table
    purpose: Purpose

    def column(self, name: str) -> list[str | None]:
        """Read a column as text, every row null where the table lacks it."""
        if name not in self.rows.column_names:
            return [None] * self.rows.num_rows
        return [None if each is None else str(each) for each in self.rows[name].to_pylist()]

    def where(self, column: str, *values: str | None) -> tuple[int, ...]:
        """Number the rows whose column holds one of some values."""
        return tuple(row for row, value in enumerate(self.column(column)) if value in values)

    @property
    def synthetic(self) -> tuple[int, ...]:
        """Number the rows that are synthetic, or do not say that they are real."""
        return tuple(row for row, value in enumerate(self.column("item_origin")) if value != "real")


@dataclass(frozen=True)
class Broken:
    """A rule is broken: by which rows, what exactly is wrong, and a way out nearer than the rule's own."""

    rows: tuple[int, ...] = ()
    detail: str = ""
    way_out: str = ""


@dataclass(frozen=True)
class Refusal:
    """A rule that refuses a dataset, in words; `waived` is the log entry of a waiver that holds."""

    rule: Binding
    broken: Broken
    words: str
    dataset: str
    waived: int | None = None

    @property
    def way_out(self) -> str:
        """Tell what to do, a waiver with everything it takes."""
        own, waive = self.broken.way_out or self.rule.way_out, f"bimetal waive {self.rule.name}"
        told = own if not self.rule.waivable or waive in own else f"{own}; or run: {waive}"
        return told.replace(waive, f"{waive} --dataset {shlex.quote(self.dataset)} {SIGNED}")


def rule_words(rule: Binding) -> str:
    """Say a rule in the middle of a sentence."""
    return f"rule {rule.name}: {rule.words[0].lower()}{rule.words[1:].rstrip('.')}"


def refusal(rule: Binding, broken: Broken, case: Case, waived: int | None) -> Refusal:
    """Put a broken rule into words, rows included."""
    parts = [rule_words(rule)]
    if broken.detail:
        parts.append(broken.detail)
    if broken.rows:
        count = "1 row breaks it" if len(broken.rows) == 1 else f"{len(broken.rows):,} rows break it"
        parts.append(f"{count}: {row_names(case.rows, list(broken.rows))}")
    return Refusal(rule, broken, "; ".join(parts), case.stored.name, waived)

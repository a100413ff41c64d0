"""Votes of label rules as a matrix, and each rule's coverage, overlaps and conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.stats import wilson

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.annotation.labelling.rules import Rule
    from bimetal.types import BoolArray, IntArray, Interval

ABSTAINS = -1


@dataclass(frozen=True, eq=False)
class Fired:
    """What each rule says of each row: `codes` into `labels` (sorted), -1 where it abstains, shape (rows, rules)."""

    rules: tuple[str, ...]
    labels: tuple[str, ...]
    codes: IntArray

    @cached_property
    def covered(self) -> BoolArray:
        """Where any rule fires: shape (rows,)."""
        return np.asarray((self.codes != ABSTAINS).any(axis=1))

    @cached_property
    def counts(self) -> IntArray:
        """How many rules say each label of each row: shape (rows, labels)."""
        found = np.zeros((len(self.codes), len(self.labels)), np.int64)
        for column in self.codes.T:
            rows = np.flatnonzero(column != ABSTAINS)
            found[rows, column[rows]] += 1
        return found

    def at(self, rows: IntArray) -> Fired:
        """Keep some rows."""
        return Fired(self.rules, self.labels, self.codes[rows])

    def among(self, labels: Sequence[str | None]) -> IntArray:
        """Code labels as `codes` are, -1 for None."""
        code = {label: each for each, label in enumerate(self.labels)}
        return np.array([ABSTAINS if each is None else code[each] for each in labels], np.int64)


@dataclass(frozen=True)
class Facts:
    """What one rule does: rows it covers, where others speak too, and where one of them says something else.

    `right` is the share of its votes on rows people labelled that say the same, None where there are none.
    """

    rule: str
    labels: tuple[str, ...]
    covers: int
    overlaps: int
    conflicts: int
    right: Interval | None = None
    judged: int = 0


def fire(rules: Sequence[Rule], rows: pa.Table, labels: Iterable[str] = ()) -> Fired:
    """Ask every rule about every row; `labels` names those that may be given though no rule gives them.

    Raises InputError for a rule that does not give one label or None a row.

    >>> import pyarrow as pa
    >>> from bimetal.annotation.labelling import parsed
    >>> rules = parsed({"rule": [{"label": "a", "column": "x", "above": 1}, {"label": "b", "column": "x", "most": 2}]})
    >>> fire(rules, pa.table({"x": [0, 2, 3]})).codes.tolist()
    [[-1, 1], [0, 1], [0, -1]]
    """
    said = [_said(rule, rows) for rule in rules]
    known = {label for rule in rules for label in rule.labels} | set(labels)
    known |= {each for column in said for each in column if each is not None}
    names = tuple(sorted(known))
    fired = Fired(tuple(rule.name for rule in rules), names, np.zeros((rows.num_rows, 0), np.int64))
    codes = np.column_stack([fired.among(column) for column in said])
    return Fired(fired.rules, names, codes)


def facts(
    fired: Fired, rules: Sequence[Rule], judged: Fired | None = None, truth: IntArray | None = None
) -> list[Facts]:
    """Sum up each rule over all rows, and how often it is right over `judged` rows whose labels' codes are `truth`."""
    votes, sides = fired.counts.sum(axis=1), (fired.counts > 0).sum(axis=1)
    found = []
    for place, (rule, column) in enumerate(zip(rules, fired.codes.T, strict=True)):
        fires = column != ABSTAINS
        counted = int(fires.sum()), int((fires & (votes > 1)).sum()), int((fires & (sides > 1)).sum())
        right, of = None, 0
        if judged is not None and truth is not None:
            seen = judged.codes[:, place] != ABSTAINS
            of = int(seen.sum())
            right = wilson(int((judged.codes[:, place] == truth)[seen].sum()), of) if of else None
        found.append(Facts(rule.name, rule.labels, *counted, right, of))
    return found


def _said(rule: Rule, rows: pa.Table) -> list[str | None]:
    said = list(rule.say(rows))
    if len(said) != rows.num_rows:
        raise InputError(f"{rule.name} gives {len(said)} labels for {rows.num_rows} rows", "give one, or None, a row")
    odd = next((each for each in said if each is not None and not isinstance(each, str)), None)
    if odd is not None:
        raise InputError(f"{rule.name} gives {odd!r}, which is no label", "give a string or None")
    return said

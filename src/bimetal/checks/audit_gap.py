"""Gaps in the audit trail: rows that cannot say who made them and from what, or that do not replay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import pyarrow as pa

from bimetal.checks._rows import count, first, values
from bimetal.errors import BimetalError, InputError
from bimetal.payload import payload_columns
from bimetal.types import Dataset, Finding, ItemOrigin, LabelOrigin, Recipe, Verdict

if TYPE_CHECKING:
    from bimetal.plugins import Context

EVERY_ROW = "every row was looked at: none is missed and none is falsely named"
UNIQUE = "give every row an id that no other row has"
TRACE = "bring the recipes of these rows, or remove the rows"
SOURCE = "name the source of each row"
PLACE = re.compile(r"([0-9a-f]{12})-([0-9]{7,})")


@dataclass(frozen=True, slots=True)
class AuditGap:
    """Fail rows without declared origin, source or recipe, and synthetic rows that do not replay value for value.

    `sample` rows of each recipe are replayed, all where it is None; no recipe is drawn beyond `longest` rows.
    """

    sample: int | None = None
    longest: int = 1_000_000

    def __post_init__(self) -> None:
        if self.sample is not None and self.sample < 1:
            raise InputError(f"sample is {self.sample}, expected 1 or more", "leave it out to replay every row")

    def __call__(
        self,
        dataset: Dataset,
        reference: Dataset | None,  # noqa: ARG002 - every check is called alike; this one needs no reference
        context: Context,
    ) -> list[Finding]:
        rows = dataset.rows
        if rows.num_rows == 0:
            remedy = "pass a table with rows"
            return [Finding("audit_gap", "skip", "the table has no rows", guarantee=EVERY_ROW, remedy=remedy)]
        synthetic = [row for row, origin in enumerate(values(rows, "item_origin")) if origin == "synthetic"]
        recipes = values(rows, "recipe")
        stray = [row for row in synthetic if recipes[row] not in context.recipes]
        traced = [row for row in synthetic if recipes[row] in context.recipes]
        return [
            _gap(rows, "id", _repeated(rows), ("has an id of its own", "have no id of their own"), UNIQUE),
            *_declared(rows),
            _gap(
                rows,
                "recipe",
                stray,
                ("has a known recipe, if synthetic", "are synthetic without a known recipe"),
                TRACE,
            ),
            *(self._replayed(rows, traced, context) if traced else []),
        ]

    def _replayed(self, rows: pa.Table, traced: list[int], context: Context) -> list[Finding]:
        if context.replay is None:
            message = f"{count(len(traced), 'synthetic row')} were not replayed: nothing at hand can draw them again"
            remedy = "run the check where the generators are, with a replay in the context"
            return [Finding("audit_gap", "skip", message, guarantee=EVERY_ROW, remedy=remedy, where="replay")]
        digests, looked, wrong, faults = values(rows, "recipe"), 0, [], []
        for digest in sorted({str(digests[row]) for row in traced}):
            own = self._chosen([row for row in traced if digests[row] == digest], context)
            looked += len(own)
            try:
                wrong += self._unlike(rows, own, context.recipes[digest], context)
            except BimetalError as fault:
                wrong += own
                faults.append(f"recipe {digest[:12]} cannot be drawn: {fault}")
        return [_replay_finding(rows, sorted(wrong), looked, (self._guarantee(looked == len(traced)), faults))]

    def _guarantee(self, complete: bool) -> str:
        told = "payloads were compared value for value, and labels where made by construction; "
        if complete or self.sample is None:
            return told + "every synthetic row was drawn again"
        share = 1 - 0.05 ** (1 / self.sample)
        return told + f"a sample: were {share:.1%} of one recipe's rows different, one would show with 95 % chance"

    def _chosen(self, own: list[int], context: Context) -> list[int]:
        if self.sample is None or len(own) <= self.sample:
            return own
        return sorted(context.rng.choice(own, self.sample, replace=False).tolist())

    def _unlike(self, rows: pa.Table, own: list[int], recipe: Recipe, context: Context) -> list[int]:
        assert context.replay is not None
        ids = values(rows, "id")
        places = {row: _place(ids[row], recipe) for row in own}
        known = {row: place for row, place in places.items() if place is not None and place < self.longest}
        if not known:
            return own
        drawn = context.replay(recipe, max(known.values()) + 1)
        names = payload_columns(rows)
        if not {*names, "label"} <= set(drawn.column_names):
            return own
        again = {row: place for row, place in known.items() if place < drawn.num_rows}
        same = _same(_taken(rows, list(again)), _taken(drawn, list(again.values())), names)
        return sorted(set(own) - {row for row, equal in zip(again, same, strict=True) if equal})


def _repeated(rows: pa.Table) -> list[int]:
    seen: set[str] = set()
    repeated = []
    for row, each in enumerate(values(rows, "id")):
        if each is None or each in seen:
            repeated.append(row)
        else:
            seen.add(each)
    return repeated


def _declared(rows: pa.Table) -> list[Finding]:
    items, labels = set(get_args(ItemOrigin)) - {"undeclared"}, set(get_args(LabelOrigin)) - {"undeclared"}
    said, given = values(rows, "label_origin"), values(rows, "label")
    item = [row for row, origin in enumerate(values(rows, "item_origin")) if origin not in items]
    label = [row for row, origin in enumerate(said) if given[row] is not None and origin not in labels]
    source = [row for row, each in enumerate(values(rows, "source")) if not (each and each.strip())]
    return [
        _gap(rows, "item_origin", item, ("says what made it", "do not say what made them"), _set("item_origin", items)),
        _gap(
            rows,
            "label_origin",
            label,
            ("with a label says who gave it", "have a label and do not say who gave it"),
            _set("label_origin", labels),
        ),
        _gap(rows, "source", source, ("says where it comes from", "do not say where they come from"), SOURCE),
    ]


def _set(name: str, allowed: set[str]) -> str:
    return f"set {name} to one of: {', '.join(sorted(allowed))}"


def _gap(rows: pa.Table, where: str, missing: Sequence[int], words: tuple[str, str], remedy: str) -> Finding:
    verdict: Verdict = "fail" if missing else "pass"
    fine, fault = words
    message = f"{count(len(missing))} {fault}; first: {first(rows, missing)}" if missing else f"every row {fine}"
    return Finding("audit_gap", verdict, message, float(len(missing)), 0.0, EVERY_ROW, remedy, where)


def _place(identifier: str | None, recipe: Recipe) -> int | None:
    match = PLACE.fullmatch(identifier or "")
    return int(match[2]) if match and match[1] == recipe.digest[:12] else None


def _taken(table: pa.Table, rows: list[int]) -> pa.Table:
    return table.take(pa.array(rows, pa.int64()))


def _same(kept: pa.Table, drawn: pa.Table, names: tuple[str, ...]) -> list[bool]:
    # repr tells 0.0 from -0.0 and holds NaN equal to itself, which == does not
    def spelled(table: pa.Table) -> list[str]:
        return [repr(cells) for cells in zip(*(table[name].to_pylist() for name in names), strict=True)]

    payload = [one == two for one, two in zip(spelled(kept), spelled(drawn), strict=True)]
    made = [origin == "construction" for origin in values(kept, "label_origin")]
    labels = zip(values(kept, "label"), values(drawn, "label"), strict=True)
    return [equal and (not by or one == two) for equal, by, (one, two) in zip(payload, made, labels, strict=True)]


def _replay_finding(rows: pa.Table, wrong: list[int], looked: int, words: tuple[str, list[str]]) -> Finding:
    guarantee, faults = words
    if not wrong:
        message = f"{count(looked, 'synthetic row')} drawn again from their recipes came out the same"
        return Finding("audit_gap", "pass", message, 0.0, 0.0, guarantee, "keep the recipes with the rows", "replay")
    message = f"{looked - len(wrong):,} of {count(looked, 'synthetic row')} replay; these do not: {first(rows, wrong)}"
    remedy = "generate these rows again, or find who changed them: an edited row is a new row with its own origin"
    text = "; ".join([message, *faults])
    return Finding("audit_gap", "fail", text, float(len(wrong)), 0.0, guarantee, remedy, "replay")

"""Licence of every row: known, readable as SPDX, and passed on from seed rows to what was learned from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.checks._rows import count, first, values
from bimetal.licensing.names import resolve
from bimetal.types import Dataset, Finding

if TYPE_CHECKING:
    from bimetal.plugins import Context

READ = "every row's licence was read as an SPDX expression; what the licences permit is not judged"
INHERITED = (
    "a synthetic row passes where its licence names, joined by AND, every licence of its seed rows; "
    "what the licences permit is not judged"
)


@dataclass(frozen=True, slots=True)
class Licence:
    """Fail rows whose licence is missing, unknown or unreadable; `on_file` are LicenseRef names the team keeps."""

    on_file: tuple[str, ...] = ()

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]:
        if dataset.rows.num_rows == 0:
            return [
                Finding("licence", "skip", "the table has no rows", guarantee=READ, remedy="pass a table with rows")
            ]
        spelled = values(dataset.rows, "licence")
        terms = {each: _terms(each, self.on_file) for each in set(spelled)}
        seeds = reference if reference is not None and reference.role == "seed" else None
        inherited = self._inherited(dataset, seeds, context, [terms[each] for each in spelled])
        return [_known(dataset, spelled, terms), *inherited]

    def _inherited(
        self, dataset: Dataset, seeds: Dataset | None, context: Context, terms: list[frozenset[str] | None]
    ) -> list[Finding]:
        rows = _learned(dataset, context)
        if not rows:
            return []
        if seeds is None:
            return [_seeds_absent(dataset, rows)]
        owed = [_terms(each, self.on_file) for each in sorted(set(values(seeds.rows, "licence")), key=str)]
        if None in owed or not owed:
            return [_seeds_unknown(rows)]
        due = frozenset[str]().union(*(each for each in owed if each is not None))
        return [_passed_on(dataset, rows, due, [row for row in rows if not due <= (terms[row] or frozenset())])]


def _terms(spelled: str | None, on_file: tuple[str, ...]) -> frozenset[str] | None:
    """Read the parts of an AND in SPDX spelling, a choice (OR) kept as one part; None where unknown."""
    return resolve(spelled, on_file).parts or None


def _known(dataset: Dataset, spelled: list[str | None], terms: dict[str | None, frozenset[str] | None]) -> Finding:
    blocked = [row for row, each in enumerate(spelled) if terms[each] is None]
    known = Counter(" AND ".join(sorted(parts)) for parts in map(terms.__getitem__, spelled) if parts is not None)
    counts = ", ".join(f"{name} {n:,}" for name, n in known.most_common()) or "none"
    if not blocked:
        message = f"every row of {dataset.name} carries a known licence: {counts}"
        return Finding("licence", "pass", message, 0.0, 0.0, READ, "read what these licences ask before sharing")
    said = Counter("nothing" if spelled[row] is None else repr(spelled[row]) for row in blocked).most_common(3)
    message = (
        f"{count(len(blocked))} of {dataset.name} cannot be used: their licence says "
        f"{', '.join(f'{what} ({n:,})' for what, n in said)}; first: {first(dataset.rows, blocked)}; known: {counts}"
    )
    remedy = "write each row's licence as SPDX (such as CC-BY-4.0), name it in on_file if it is your own, or remove it"
    return Finding("licence", "fail", message, float(len(blocked)), 0.0, READ, remedy)


def _learned(dataset: Dataset, context: Context) -> list[int]:
    origins, recipes = values(dataset.rows, "item_origin"), values(dataset.rows, "recipe")
    free = {digest for digest, recipe in context.recipes.items() if recipe.seed_rows is None}
    return [row for row, origin in enumerate(origins) if origin == "synthetic" and recipes[row] not in free]


def _seeds_absent(dataset: Dataset, rows: list[int]) -> Finding:
    message = (
        f"{count(len(rows), 'synthetic row')} of {dataset.name} may have been learned from seed rows that are not "
        f"at hand, so what licence they inherit is not judged; first: {first(dataset.rows, rows)}"
    )
    remedy = "pass the seed rows as reference, with the role seed, and the recipes in the context"
    return Finding("licence", "skip", message, float(len(rows)), 0.0, INHERITED, remedy, "inheritance")


def _seeds_unknown(rows: list[int]) -> Finding:
    message = f"seed rows have no known licence, so {count(len(rows), 'synthetic row')} learned from them have none"
    remedy = "settle the seed rows' licence first, or generate without them"
    return Finding("licence", "fail", message, float(len(rows)), 0.0, INHERITED, remedy, "inheritance")


def _passed_on(dataset: Dataset, rows: list[int], due: frozenset[str], lost: list[int]) -> Finding:
    owed = " AND ".join(sorted(due))
    if not lost:
        message = f"all {count(len(rows), 'synthetic row')} learned from seed rows carry their licence: {owed}"
        return Finding("licence", "pass", message, 0.0, 0.0, INHERITED, "keep both licences together", "inheritance")
    message = (
        f"{count(len(lost), 'synthetic row')} of {dataset.name} were learned from seed rows under {owed} "
        f"but do not say so; first: {first(dataset.rows, lost)}"
    )
    remedy = f"give them the licence {owed}, joined by AND with their own"
    return Finding("licence", "fail", message, float(len(lost)), 0.0, INHERITED, remedy, "inheritance")

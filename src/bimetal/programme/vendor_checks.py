"""The checks a vendor's rows must pass: panels, terms, provenance, real rows beside them, privacy, and the claims."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from bimetal.errors import PolicyError
from bimetal.payload import payload_columns, where
from bimetal.plugins import Context, make
from bimetal.programme.checking import check, context_of
from bimetal.programme.policy.panel import refuse_sealed
from bimetal.programme.sources import CLASSES, Source
from bimetal.programme.sources.source import class_of
from bimetal.programme.vendor_claims import compared
from bimetal.types import UNKNOWN_LICENCE, Dataset, Finding, Origin, Role, Spec

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

BESIDE: tuple[Role, ...] = ("train", "seed", "pool", "panel")  # where real rows are looked for, in this order
HOLDOUT = "holdout"


@dataclass(frozen=True)
class Examination:
    """What a run found, and the real rows it was judged by, if there were any."""

    findings: tuple[Finding, ...]
    reference: str | None


def real_rows(programme: Programme) -> Dataset | None:
    """Put together the real rows that a delivery is judged by: those trained on, else those nearest to them."""
    for role in BESIDE:
        rows = programme.rows(role)
        real = None if rows is None else where(rows, "item_origin", "real")
        if real is not None and real.num_rows:
            origin = Origin("real", "several", UNKNOWN_LICENCE)
            return Dataset(f"the real {role} rows", real, programme.config.labelled, "pool", origin)
    return None


def asked_columns(programme: Programme, reference: pa.Table) -> set[str]:
    """Name the payload columns a delivery must have: the real rows' own, less those that only say who and when."""
    return set(payload_columns(reference)) - _apart(programme)


def examined(programme: Programme, dataset: Dataset, said: Source) -> Examination:
    """Run every check on a delivery, whether or not an earlier one failed."""
    context, real = context_of(programme), real_rows(programme)
    found = [
        *_panels(programme, dataset, context),
        *_terms(dataset, said, context),
        *_provenance(dataset, context),
        *_beside(programme, dataset, real, context),
        *_privacy(programme, dataset, (said, real), context),
    ]
    found += compared(said.claims, dataset.rows, found)
    return Examination(tuple(found), real.name if real else None)


def _panels(programme: Programme, dataset: Dataset, context: Context) -> Iterator[Finding]:
    """Find rows that stand on a panel, named by their own id, and near copies of some."""
    guarantee = "every row's payload was compared with every panel's"
    try:
        refuse_sealed(programme, dataset.rows)
    except PolicyError as fault:
        told, remedy = fault.message.removeprefix("rule panel-sealed: "), "have the vendor leave these rows out"
        yield Finding("leakage", "fail", told, guarantee=guarantee, remedy=remedy, where="sealed")
    else:
        yield Finding("leakage", "pass", "no row stands on an evaluation panel", guarantee=guarantee, where="sealed")
    for stored in programme.datasets("panel"):
        one, other = _alike(programme, dataset, programme.load(stored))
        found = check(one, other, context, ("leakage",))
        yield from (each for each in found if each.where != "exact")  # the seal above is as strict, and names the rows


def _terms(dataset: Dataset, said: Source, context: Context) -> list[Finding]:
    """Judge each row's licence together with that of the register; a contract keeps its LicenseRef on file."""
    own = [_joined(each, said.licence) for each in dataset.rows["licence"].to_pylist()]
    at = dataset.rows.column_names.index("licence")
    rows = dataset.rows.set_column(at, "licence", pa.array(own, pa.string()))
    kept = [said.licence] if said.contract and said.licence.startswith("LicenseRef-") else []
    judged = make(Spec("checks", "licence", {"on_file": kept}))(replace(dataset, rows=rows), None, context)
    add = f"say its terms: bimetal source add {shlex.quote(said.name)} --licence EXPRESSION"
    way_out = f"{add}; a LicenseRef is known by the contract it stands in: --contract FILE"
    mended = (replace(each, remedy=way_out) if each.verdict == "fail" else each for each in judged)
    return [each for each in mended if each.where != "inheritance"]  # what it was learned from is in the register


def _joined(*licences: str | None) -> str:
    known = sorted({each for each in licences if each} - {UNKNOWN_LICENCE})
    return known[0] if len(known) == 1 else " AND ".join(f"({each})" for each in known) or UNKNOWN_LICENCE


def _provenance(dataset: Dataset, context: Context) -> Iterator[Finding]:
    for each in check(dataset, None, context, ("audit_gap",)):
        if each.where == "recipe" and each.verdict == "fail":
            told = f"{each.statistic:,.0f} rows cannot be drawn again: how they were made is the vendor's word"
            yield replace(each, verdict="warn", message=told, remedy="read what the register says of how")
        else:
            yield each


def _beside(programme: Programme, dataset: Dataset, real: Dataset | None, context: Context) -> list[Finding]:
    one, other = _alike(programme, dataset, real)
    return check(one, other, context, ("distribution_shift", "mode_collapse"))


def _privacy(
    programme: Programme, dataset: Dataset, sides: tuple[Source, Dataset | None], context: Context
) -> Iterator[Finding]:
    """Look for copies of the rows it was made from where they are held here, else of the real rows."""
    said, real = sides
    named = {each.name for each in said.inputs}
    held = [programme.load(each) for each in programme.datasets() if each.name in named and each.name != dataset.name]
    if class_of(said.personal_data) == CLASSES[0] and not held:
        return
    references: Sequence[Dataset | None] = held or [real]
    for reference in references:
        one, other = _alike(programme, dataset, reference, keep=(HOLDOUT,))
        yield from check(one, other, context, ("privacy",))


def _alike(
    programme: Programme, dataset: Dataset, reference: Dataset | None, keep: Sequence[str] = ()
) -> tuple[Dataset, Dataset | None]:
    """Leave out what only one of two tables says of who and when, so that the payloads can be compared."""
    if reference is None:
        return dataset, None
    lone = set(dataset.rows.column_names) ^ set(reference.rows.column_names)
    apart = (_apart(programme) & lone) - set(keep)
    return _without(dataset, apart), _without(reference, apart)


def _without(dataset: Dataset, names: set[str]) -> Dataset:
    return replace(dataset, rows=dataset.rows.drop_columns(sorted(names & set(dataset.rows.column_names))))


def _apart(programme: Programme) -> set[str]:
    asked = programme.config.pilot
    return {name for name in (asked.group, asked.time, HOLDOUT) if name}

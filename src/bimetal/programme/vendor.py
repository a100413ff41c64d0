"""Rows that were bought: who made them, how and from what stands in the register, and they wait in quarantine."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, get_args

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.payload import payload_columns
from bimetal.programme.checking import file_findings
from bimetal.programme.intake import Arrival, Declared, entering
from bimetal.programme.pilots import table_digest
from bimetal.programme.quarantine import EXAMINED, VENDOR, in_quarantine, next_step, owed
from bimetal.programme.sources import Source, SourceInput, register, sources
from bimetal.programme.sources.source import INPUT_ROLES, UNKNOWN
from bimetal.programme.vendor_checks import asked_columns, examined, real_rows
from bimetal.programme.vendor_claims import claimed
from bimetal.types import UNKNOWN_LICENCE, Dataset, Finding, LabelOrigin, Role

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

ROLES: tuple[Role, ...] = ("train", "seed", "pool")
LABELLED_BY = ", ".join(each for each in get_args(LabelOrigin) if each != "undeclared")


@dataclass(frozen=True)
class Delivery:
    """A vendor's table at the door, and what is said of it; what is left out stands in the register or is owed.

    `how` names the method, generator or model; `made_from` is each NAME:LICENCE, or ROLE=NAME:LICENCE.
    """

    rows: pa.Table
    name: str
    source: str
    role: Role = "train"
    label: str | None = None
    declared: Declared = field(default_factory=lambda: Declared("synthetic"))
    who: str = ""
    how: str = ""
    made_from: tuple[str, ...] = ()
    licence: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivered:
    """What came: the dataset, whether it waits, what the checks found, the facts still owed, and the next step."""

    stored: Stored
    waiting: bool
    findings: tuple[Finding, ...]
    owed: tuple[Finding, ...]
    next_step: str
    warnings: tuple[str, ...]


def deliver(programme: Programme, delivery: Delivery) -> Delivered:
    """Bring a vendor's rows into quarantine, all or none, and run the checks; the same rows again are checked again.

    Raises InputError, before anything is kept, for rows that could never be used or facts that contradict the register.
    """
    if delivery.role not in ROLES:
        raise InputError(f"--role got {delivery.role!r}", f"a vendor's rows are for one of: {', '.join(ROLES)}")
    said, content = _said(programme, delivery), table_digest(delivery.rows)
    held = _held(programme, delivery, content)
    dataset = programme.load(held) if held else _entering(programme, delivery, said)
    register(programme, said, f"said with the delivery {delivery.name}")
    stored = held or programme.keep(
        dataset,
        "vendor.quarantined",
        vendor=said.name,
        file=content,
        declared_by=programme.actor,
        label_column=delivery.label,
    )
    found = _examined(programme, stored, dataset, said)
    waiting = in_quarantine(programme, stored)
    step = next_step(programme, stored) if waiting else ""
    return Delivered(stored, waiting, found, owed(programme, said.name), step, tuple(_warned(delivery)))


def _examined(programme: Programme, stored: Stored, dataset: Dataset, said: Source) -> tuple[Finding, ...]:
    """Run the checks, keep what they found, and log the run with what was owed and claimed at the time."""
    run = examined(programme, dataset, said)
    counts: dict[str, Json] = {
        verdict: sum(each.verdict == verdict for each in run.findings) for verdict in ("pass", "warn", "fail", "skip")
    }
    body: dict[str, Json] = {"name": stored.name, "source": said.name, "reference": run.reference, "verdicts": counts}
    body |= {"owed": [each.check for each in owed(programme, said.name)], "claims": list(claimed(said.claims))}
    programme.record(EXAMINED, stored.digest, {**body, "findings": file_findings(programme, run.findings)})
    return run.findings


def _said(programme: Programme, delivery: Delivery) -> Source:
    """Join what is said now to what stands in the register; raises InputError where the two differ."""
    before = sources(programme).get(delivery.source) or Source(delivery.source, "vendor")
    if before.kind != "vendor":
        raise InputError(
            f"{delivery.source!r} stands in the register as {before.kind}, not as a vendor",
            "name the vendor with --source, or bring the rows with: bimetal add",
        )
    given = {"collector": delivery.who, "origin": delivery.how, "licence": delivery.licence}
    for fact, now in given.items():
        was = getattr(before, fact)
        if now and was not in {"", UNKNOWN, now}:
            change = f"bimetal source add {shlex.quote(before.name)} --{fact} {shlex.quote(now)} --because WHY"
            raise InputError(f"the {fact} of {before.name!r} was said to be {was[:60]!r}, now {now[:60]!r}", change)
    inputs = tuple(map(_input, delivery.made_from))
    named = {(each.role, each.name) for each in inputs}
    kept = tuple(each for each in before.inputs if (each.role, each.name) not in named)
    claims = dict.fromkeys((*claimed(before.claims), *(one for each in delivery.claims for one in claimed(each))))
    stated = {fact: now for fact, now in given.items() if now}
    return replace(before, **stated, inputs=(*kept, *inputs), claims="; ".join(claims))


def _input(written: str) -> SourceInput:
    """Read what rows were made from: training data, unless a role stands before it."""
    role, equals, _ = written.partition("=")
    return SourceInput.parse(written if equals and role.strip() in INPUT_ROLES else f"training-data={written}")


def _held(programme: Programme, delivery: Delivery, content: str) -> Stored | None:
    """Find the very same delivery, brought before under this name; another of that name is refused by intake."""
    for each in programme.datasets(name=delivery.name):
        if each.details.get("file") == content and each.details.get(VENDOR) == delivery.source:
            return each
    return None


def _entering(programme: Programme, delivery: Delivery, said: Source) -> Dataset:
    rows = delivery.rows.drop_columns([name for name in ("source",) if name in delivery.rows.column_names])
    _refuse_columns(programme, rows, delivery.label or "label")
    arrival = Arrival(
        rows,
        delivery.name,
        delivery.role,
        said.name,
        delivery.label,
        said.licence or UNKNOWN_LICENCE,
        delivery.declared,
    )
    dataset = entering(programme, arrival)
    labels = zip(*(dataset.rows[name].to_pylist() for name in ("label", "label_origin")), strict=True)
    nobody = sum(label is not None and origin == "undeclared" for label, origin in labels)
    if nobody:
        raise InputError(
            f"{nobody:,} rows of {delivery.name} do not say who or what labelled them",
            f"pass --declare synthetic,LABEL with LABEL one of {LABELLED_BY}",
        )
    return dataset


def _refuse_columns(programme: Programme, rows: pa.Table, label: str) -> None:
    """Refuse rows that no check could hold against the real ones, for they have other columns."""
    real = real_rows(programme)
    if real is None:
        return
    asked, has = asked_columns(programme, real.rows), set(payload_columns(rows)) - {label}
    lacking, strange = sorted(asked - has), sorted(has - set(payload_columns(real.rows)))
    if lacking:
        raise InputError(f"the delivery has no column {lacking[0]!r}, {real.name} have", "ask the vendor for it")
    if strange:
        raise InputError(
            f"the delivery has a column {strange[0]!r} that {real.name} lack", "drop it, or put _ before its name"
        )


def _warned(delivery: Delivery) -> Iterator[str]:
    named = set(delivery.rows["source"].to_pylist()) if "source" in delivery.rows.column_names else set()
    for other in sorted(str(each) for each in named - {None, "", delivery.source})[:3]:
        yield f"rows name {other[:60]!r} as their source, here it is {delivery.source!r}; say it with --made-from"

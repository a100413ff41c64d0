"""Licences of a dataset: every input its rows rest on, gathered from rows, register and recipes, then judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from bimetal.decision import Measurement
from bimetal.licensing import EVENTS, PURPOSES, Inheritance, Input, Use, inherit
from bimetal.licensing.inputs import InputRole
from bimetal.programme.sources import sources
from bimetal.programme.sources.clearance import ancestors
from bimetal.programme.sources.source import IN_HOUSE
from bimetal.types import UNKNOWN_LICENCE

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.policy.case import Purpose
    from bimetal.programme.programme import Programme, Stored
    from bimetal.programme.sources import Source

COMMERCIAL = {"yes": True, "no": False}
LEARNED_FROM = ("seed", "train", "pool")


def inheritance(programme: Programme, stored: Stored, rows: pa.Table, purpose: Purpose) -> Inheritance:
    """Judge whether all inputs together let a dataset be trained on, shared or served from."""
    return _judged(programme, inputs(programme, stored, rows), PURPOSES[purpose])


def inputs(programme: Programme, stored: Stored, rows: pa.Table) -> tuple[Input, ...]:
    """Name every input of a dataset: its rows' sources, what stands behind those, and what rows were made from."""
    known, own = sources(programme), _own(stored)
    seen: dict[Input, None] = dict.fromkeys(_of_rows(rows, known, "source", own))
    if own in known:
        seen |= dict.fromkeys(replace(each, under="") for each in _behind(known[own]) if each.role != "seed-rows")
    for digest in ancestors(programme, stored):
        seen |= dict.fromkeys(_of_rows(programme.snapshots.get(digest), known, "seed-rows"))
    return tuple(seen)


def _own(stored: Stored) -> str:
    """Name the source of rows drawn here from seed rows held here: its terms are the seeds', and its model's."""
    recipe = stored.details.get("recipe") or {}
    return f"{IN_HOUSE}{recipe['spec']['name']}" if recipe.get("seed_rows") else ""


def register_answer(programme: Programme) -> Measurement | None:
    """Answer the question on derived works by the register: the strictest of all sources that rows learn from."""
    held = {each.name: each for each in _learned_from(programme)}
    if not held:
        return None
    given = tuple(each for source in held.values() for each in _of_source(source, "source"))
    found = _judged(programme, given, frozenset(EVENTS))
    strict = [each.sentence for each in found.blocking[:2]]
    told = f"{len(held)} sources in the register, read together: {found.answer}"
    return Measurement("licence", found.answer, "; ".join([told, *strict]), "source register")


def _judged(programme: Programme, given: tuple[Input, ...], events: frozenset[str]) -> Inheritance:
    decided = programme.config.licences
    use = Use(
        events,
        COMMERCIAL.get(programme.config.facts.commercial),
        decided.output or None,
        decided.purpose,
        decided.circumstances,
    )
    return inherit(given, use, decided.elections, decided.overrides)


def _of_rows(rows: pa.Table, known: Mapping[str, Source], role: InputRole, own: str = "") -> Iterator[Input]:
    """Name rows' licences: as written on them, as the register has it, and of whatever stands behind the source."""
    said = zip(*(rows[name].to_pylist() for name in ("source", "licence")), strict=True)
    for source, licence in sorted({each for each in said if not own or each[0] != own}, key=str):
        name = source or "rows without a source"
        written = {licence or UNKNOWN_LICENCE} - {UNKNOWN_LICENCE}
        yield from (Input(role, name, each, "", _purposes(known.get(name))) for each in written)
        if name not in known:
            yield from () if written else (Input(role, name, UNKNOWN_LICENCE),)
        elif not written or known[name].licence != UNKNOWN_LICENCE:
            yield from _of_source(known[name], role)
        else:
            yield from _behind(known[name])


def _of_source(source: Source, role: InputRole) -> Iterator[Input]:
    yield Input(role, source.name, source.licence, "", _purposes(source))
    yield from _behind(source)


def _behind(source: Source) -> Iterator[Input]:
    for each in source.inputs:
        yield Input(cast(InputRole, each.role), each.name, each.licence, source.name)


def _purposes(source: Source | None) -> tuple[str, ...]:
    return (source.purpose,) if source and source.purpose else ()


def _learned_from(programme: Programme) -> Iterator[Source]:
    """Name the sources rows are learned from: those in training, seed or pool rows, and those no row has yet."""
    held = programme.datasets()
    roles: dict[str, set[str]] = {}
    for stored in held:
        for source in set(programme.snapshots.get(stored.digest, ["source"])["source"].to_pylist()):
            roles.setdefault(source or "", set()).add(stored.role)
    for name, source in sources(programme).items():
        if source.kind != "endpoint" and (name not in roles or roles[name] & set(LEARNED_FROM)):
            yield source

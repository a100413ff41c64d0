"""In-house generators in the register: they stand there by themselves, with the same duties as everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bimetal.plugins import make
from bimetal.programme.sources.ancestry import Ancestry
from bimetal.programme.sources.personal import standing
from bimetal.programme.sources.register import register, sources
from bimetal.programme.sources.source import CLASSES, IN_HOUSE, UNKNOWN, Source, SourceInput, class_of

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored
    from bimetal.types import Entry, Spec


def register_generator(programme: Programme, spec: Spec, licence: str, seed_rows: str | None = None) -> Entry:
    """Put a generator of one's own into the register, with the class of its seed rows (a snapshot digest), if any.

    What a person said of it before stands, but its class never falls below that of the seed rows it now has.
    """
    made = _made(programme, spec, licence, seed_rows)
    before = sources(programme).get(made.name)
    if before is None:
        return register(programme, made)
    level = max(before.personal_data, made.personal_data, key=lambda each: CLASSES.index(class_of(each)))
    inputs = (*before.inputs, *(each for each in made.inputs if each not in before.inputs))
    raised = replace(before, personal_data=level, inputs=inputs)
    return register(programme, raised, "drawn from other seed rows")


def _made(programme: Programme, spec: Spec, licence: str, seed_rows: str | None) -> Source:
    purpose = programme.config.programme.purpose
    made = Source(
        f"{IN_HOUSE}{spec.name}",
        "generator",
        origin=f"{_kind(spec)}: the generator {spec.name} {spec.version}".rstrip(),
        collector=programme.actor,
        purpose=purpose,
        basis="not personal",
        personal_data=CLASSES[0],
        region="any",
        licence=licence,
    )
    if seed_rows is None:
        return replace(made, inputs=_model(spec)) if _asks_model(spec) else made
    held = [each for each in programme.datasets() if each.digest == seed_rows]
    behind = [each for stored in held for each in Ancestry(programme).of_dataset(stored)]
    level = standing(behind).level if held else UNKNOWN
    regions = {each.region for each in behind}
    return replace(
        made,
        basis=made.basis if level == CLASSES[0] else UNKNOWN,
        personal_data=level,
        region=regions.pop() if len(regions) == 1 else UNKNOWN,
        inputs=(*_inputs(held, seed_rows), *_model(spec)),
    )


def _asks_model(spec: Spec) -> bool:
    return getattr(make(spec), "asks", "") == "chat"


def _kind(spec: Spec) -> str:
    model = f"language model {spec.args.get('model') or 'that nobody named'}"
    return model if _asks_model(spec) else "formal rule or simulator"


def _model(spec: Spec) -> tuple[SourceInput, ...]:
    """Name the model asked, or a generator that has a licence beside that of the seed rows it learns from."""
    licence = getattr(make(spec), "licence", UNKNOWN)
    if _asks_model(spec):
        return (SourceInput("generator-model", str(spec.args.get("model") or spec.name), licence),)
    return () if licence == UNKNOWN else (SourceInput("generator-model", spec.name, licence),)


def _inputs(held: list[Stored], seed_rows: str) -> tuple[SourceInput, ...]:
    if not held:
        return (SourceInput("seed-rows", seed_rows),)
    return tuple(SourceInput("seed-rows", each.name, each.licence) for each in held)

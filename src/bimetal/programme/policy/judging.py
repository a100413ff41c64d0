"""Judge a dataset by every rule that binds now: warnings at the door, refusals at release, waivers looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bimetal.decision import Binding, binding
from bimetal.errors import PolicyError
from bimetal.programme.deciding import answers
from bimetal.programme.policy import people, personal, provenance, volume, waiting
from bimetal.programme.policy.case import Broken, Case, Refusal, refusal
from bimetal.programme.signatures import waived
from bimetal.programme.sources import CLASSES, sources

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.canonical import Json
    from bimetal.programme.programme import Programme, Stored

Enforce = Callable[[Case], Broken | None]

ENFORCED: Mapping[str, Enforce] = {
    "panel-sealed": provenance.panel_sealed,
    "origin-known": provenance.origin_known,
    "labels-known": provenance.labels_known,
    "source-registered": provenance.source_registered,
    "licence-inherited": provenance.licence_inherited,
    "vendor-quarantined": waiting.vendor_quarantined,
    "demo-stays": provenance.demo_stays,
    "boundary-first": people.boundary_first,
    "boundary-human": people.boundary_human,
    "language-measured": people.language_measured,
    "loop-first": volume.loop_first,
    "volume-measured": volume.volume_measured,
    "personal-stays-personal": personal.stays_personal,
}
"""Rules enforced at release, by name; panels are judged where they enter, endpoints where rows reach them."""

AT_THE_DOOR = (
    "origin-known",
    "labels-known",
    "source-registered",
    "licence-inherited",
    "language-measured",
    "vendor-quarantined",
)


def binding_now(programme: Programme) -> tuple[Binding, ...]:
    """Name the rules that the programme's answers and facts bring about today."""
    facts = replace(programme.config.facts, personal_data=_personal_data(programme))
    return binding({each.question: each.value for each in answers(programme)}, facts)


def _personal_data(programme: Programme) -> str:
    """Take the class bimetal.toml states, or that of a source in the register that says more."""
    said = programme.config.facts.personal_data
    known = [each.personal_data for each in sources(programme).values() if each.personal_data in CLASSES]
    return max([said, *known], key=CLASSES.index) if said in CLASSES else said


def judged_under(programme: Programme) -> dict[str, Json]:
    """Say what decided which rules bind today: the answers, the facts they read, and the decision's newest version."""
    facts = programme.config.facts
    return {
        "answers": {each.question: each.value for each in answers(programme)},
        "facts": {"languages": list(facts.languages), "personal_data": _personal_data(programme)},
        "decision": sum(1 for _ in programme.log.entries(action="decided")),
        "rules": [each.name for each in binding_now(programme)],
    }


def judge(case: Case, rules: Sequence[str] = tuple(ENFORCED)) -> tuple[Refusal, ...]:
    """Find the rules a case breaks, waived ones among them."""
    found = []
    for rule in binding_now(case.programme):
        broken = ENFORCED[rule.name](case) if rule.name in rules and rule.name in ENFORCED else None
        if broken is not None:
            entry = waived(case.programme, rule.name, case.stored) if rule.waivable else None
            found.append(refusal(rule, broken, case, entry.seq if entry else None))
    return tuple(found)


def refuse(case: Case, found: Sequence[Refusal]) -> None:
    """Raise PolicyError naming every rule that refuses, its rows and the way out; waived ones refuse nothing."""
    left = [each for each in found if each.waived is None]
    if len(left) == 1:
        raise PolicyError(left[0].words, left[0].way_out)
    if left:
        told = tuple(f"{each.words}\n      do: {each.way_out}" for each in left)
        raise PolicyError(f"{len(left)} rules refuse to let {case.stored.name} leave for {case.purpose}", faults=told)


def warnings(programme: Programme, stored: Stored, rows: pa.Table) -> list[str]:
    """Say, while rows enter, what would refuse them at release."""
    case = Case(programme, stored, rows, "train")
    return [f"{each.words}; {each.way_out}" for each in judge(case, AT_THE_DOOR)]

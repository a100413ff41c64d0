"""A programme's decision: its six answers turned into a record, logged, and told in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bimetal.canonical import Json
from bimetal.decision import decide
from bimetal.types import Answer, DecisionRecord

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme


def decide_programme(programme: Programme) -> DecisionRecord:
    """Decide from the six answers and log the record; a finished pilot answers the question of transfer itself."""
    record = decide(answers(programme))
    programme.record("decided", programme.config.programme.name, record_json(record))
    return record


def answers(programme: Programme) -> tuple[Answer, ...]:
    """Give bimetal.toml's answers, transfer overridden by the last pilot where there is one."""
    pilots = list(programme.log.entries(action="pilot.finished"))
    if not pilots:
        return programme.config.six
    last = pilots[-1]
    measured = Answer("transfer", last.body["transfer"], "pilot", last.at, last.body["answer"])
    return tuple(measured if each.question == "transfer" else each for each in programme.config.six)


def record_json(record: DecisionRecord) -> dict[str, Json]:
    """Spell a record as documented keys."""
    return {
        "strategy": record.strategy,
        "ratio": list(record.ratio),
        "reasons": list(record.reasons),
        "human_subset": record.human_subset,
        "first_experiment": record.first_experiment,
        "would_change": list(record.would_change),
        "answers": {
            each.question: {"value": each.value, "said_by": each.said_by, "evidence": each.evidence}
            for each in record.answers
        },
    }


def record_lines(record: DecisionRecord) -> Iterator[str]:
    """Tell a record to a person, the recommendation first."""
    low, high = record.ratio
    volume = f"{low:g} to {high:g} synthetic items per human label" if high else "no synthetic volume yet"
    yield f"{record.strategy}: {volume}"
    yield "because"
    yield from (f"  {reason}" for reason in record.reasons)
    yield f"people label: {record.human_subset}"
    yield f"first: {record.first_experiment}"
    yield "what would change it"
    yield from (f"  {change}" for change in record.would_change)

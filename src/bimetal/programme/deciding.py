"""A programme's decision: answers, facts and what it measured itself, turned into a record that the log keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.decision import DecisionRecord, Measurement, decide, from_json
from bimetal.decision.comparison import difference
from bimetal.errors import InputError
from bimetal.programme.licences import register_answer
from bimetal.programme.signatures import accepted
from bimetal.types import Answer, Entry

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

STILL = 2  # production windows without drift before one may say that drift is slow


@dataclass(frozen=True)
class Decided:
    """One version of the decision: its number, the log entry that holds it, the record, and who signed it."""

    version: int
    entry: Entry
    record: DecisionRecord
    signature: Entry | None = None

    @property
    def words(self) -> str:
        """Tell the version in a line."""
        signed = f", signed by {self.signature.body['by']}" if self.signature else ""
        return f"{self.version}  {self.entry.at.date()}  {self.entry.actor}{signed}: {self.record.sentence}"


def decide_programme(programme: Programme) -> Decided:
    """Decide from answers, facts and measurements; a record that says something new enters the log as a new version."""
    record = decide(programme.config.six, programme.config.facts, measurements(programme))
    held = decisions(programme)
    if not held or held[-1].record.json() != record.json():
        programme.record("decided", programme.config.programme.name, record.json())
        held = decisions(programme)
    return held[-1]


def decisions(programme: Programme) -> list[Decided]:
    """Read every version of the decision, oldest first."""
    entries = programme.log.entries(action="decided")
    return [
        Decided(version, entry, from_json(entry.body), accepted(programme, decision_subject(version)))
        for version, entry in enumerate(entries, start=1)
    ]


def decision(programme: Programme, version: int) -> Decided:
    """Find a version of the decision; raises InputError where there is none."""
    held = decisions(programme)
    if not 1 <= version <= len(held):
        known = f"versions 1 to {len(held)} are here" if held else "run: bimetal decide"
        raise InputError(f"there is no version {version} of the decision", known)
    return held[version - 1]


def changes(before: Decided, after: Decided) -> tuple[str, ...]:
    """Say in lines what changed from one version to another."""
    return difference(before.record, after.record)


def decision_subject(version: int) -> str:
    """Name what a person signs to stand for a version of the decision.

    >>> decision_subject(3)
    'decision:3'
    """
    return f"decision:{version}"


def answers(programme: Programme) -> tuple[Answer, ...]:
    """Give the answers that count now: bimetal.toml's, set against what was measured."""
    return decide(programme.config.six, programme.config.facts, measurements(programme)).answers


def measurements(programme: Programme) -> tuple[Measurement, ...]:
    """Collect what the programme measured itself: pilots, drift, the register's licences and the lifecycle cost."""
    found = [_transfer(programme), _drift(programme), _cost(programme), register_answer(programme)]
    return tuple(each for each in found if each is not None)


def _transfer(programme: Programme) -> Measurement | None:
    last = _last(programme.log.entries(action="pilot.finished"))
    if last is None:
        return None
    ratio = last.body.get("ratio")
    return Measurement(
        "transfer",
        last.body["transfer"],
        last.body["answer"],
        f"pilot, entry {last.seq}",
        last.at,
        (float(ratio[0]), float(ratio[1])) if ratio else None,
    )


def _drift(programme: Programme) -> Measurement | None:
    turns = list(programme.log.entries(action="cycle.finished"))
    drifted = [each.body["window"] for each in turns if each.body["drifted"]]
    if not turns or (not drifted and len(turns) < STILL):
        return None
    told = f"drift in {', '.join(drifted)}" if drifted else "no drift"
    words = f"{told}, of {len(turns)} production windows looked at"
    value = "no" if drifted else "slow"
    return Measurement("stationary", value, words, "drift tests of the cycle", turns[-1].at, loop=True)


def _cost(programme: Programme) -> Measurement | None:
    last = _last(programme.log.entries(action="costed"))
    if last is None:
        return None
    return Measurement("cost", last.body["answer"], last.body["sentence"], f"lifecycle cost, entry {last.seq}", last.at)


def _last(entries: Iterator[Entry]) -> Entry | None:
    return max(entries, key=lambda each: each.seq, default=None)

"""What a programme measured itself, set against what was declared: who wins, and where the two disagree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bimetal.decision.questions import UNKNOWN, refuse_other_values
from bimetal.errors import InputError
from bimetal.types import Answer, Finding

MEASURED_WINS = ("transfer", "cost")
# the stricter wins; unknown stands where its consequences do
STRICTNESS = {
    "licence": ("allows", "share-alike", UNKNOWN, "forbids"),
    "stationary": ("yes", "slow", UNKNOWN, "no"),
}
CHECK = "declared_and_measured"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured for one question, in words, by what and when.

    `ratio` is the synthetic items per human label that a pilot (transfer) or a simulation (cost) found best, low and
    high; `labels_saved` says in words what it saved. Raises InputError for questions that people alone can answer, and
    for a ratio where nothing was shown to be gained.

    >>> Measurement("transfer", "helps", "2.1 points at 200 labels", "pilot 3f2a", ratio=(2, 4)).ratio
    (2, 4)
    """

    question: str
    value: str
    words: str
    source: str
    at: datetime | None = None
    ratio: tuple[float, float] | None = None
    labels_saved: str = ""
    loop: bool = False

    def __post_init__(self) -> None:
        refuse_other_values(self.question, self.value)
        if self.question not in (*MEASURED_WINS, *STRICTNESS):
            raise InputError(f"{self.question} cannot be measured", "answer it in bimetal.toml, with who says so")
        if self.ratio is not None:
            self._refuse_ratio(self.ratio)

    def _refuse_ratio(self, ratio: tuple[float, float]) -> None:
        low, high = ratio
        if not (0 <= low <= high < math.inf and high > 0):
            raise InputError(f"ratio is {low:g} to {high:g}, expected 0 <= low <= high", "give the ratios measured")
        if self.question not in MEASURED_WINS or (self.question == "transfer" and self.value not in {"equal", "helps"}):
            raise InputError(
                f"a ratio was given for {self.question}={self.value}",
                "give one for transfer=equal, transfer=helps or for cost",
            )


def settle(declared: Sequence[Answer], measurements: Sequence[Measurement]) -> tuple[Answer, ...]:
    """Give the answers that count: measured where that wins, else the stricter of declared and measured.

    A question declared unknown takes what was measured. Of several measurements of transfer or cost the latest counts.

    >>> register = Measurement("licence", "unknown", "1 of 3 sources", "register")
    >>> settle([Answer("licence", "allows")], [register])[0].value
    'unknown'
    """
    return tuple(
        _settled(answer, [each for each in measurements if each.question == answer.question]) for answer in declared
    )


def that_count(answers: Sequence[Answer], measurements: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """Leave out measurements that a later one of the same question replaces, or that did not settle the answer."""
    values = {answer.question: answer.value for answer in answers}
    return tuple(each for each in _latest(measurements) if values[each.question] == each.value)


def conflicts(
    declared: Sequence[Answer], answers: Sequence[Answer], measurements: Sequence[Measurement]
) -> tuple[Finding, ...]:
    """Find where declared and measured disagree, and transfer declared on no evidence; unknown disagrees with none."""
    return tuple(_unproved(said) for said in declared if _claimed(said, measurements)) + tuple(
        _conflict(said, holds, each)
        for said, holds in zip(declared, answers, strict=True)
        for each in _latest(measurements)
        if each.question == said.question and said.value not in {UNKNOWN, each.value}
    )


def _claimed(said: Answer, measurements: Sequence[Measurement]) -> bool:
    measured = any(each.question == "transfer" for each in measurements)
    return said.question == "transfer" and said.value != UNKNOWN and not said.evidence and not measured


def _unproved(said: Answer) -> Finding:
    return Finding(
        CHECK,
        "warn",
        f"transfer is declared {said.value}, and no evidence stands behind it",
        remedy="run: bimetal pilot; or name the evidence in answers.transfer",
        where=said.question,
    )


def _settled(said: Answer, measured: list[Measurement]) -> Answer:
    if not measured:
        return said
    last = _by_time(measured)[-1]
    if said.question in MEASURED_WINS:
        return _answer(last)
    order = STRICTNESS[said.question]
    strictest = max(_by_time(measured), key=lambda each: order.index(each.value))
    if said.value == UNKNOWN or order.index(strictest.value) > order.index(said.value):
        return _answer(strictest)
    return said


def _latest(measurements: Sequence[Measurement]) -> list[Measurement]:
    last = {each.question: each for each in _by_time(measurements)}
    return [each for each in measurements if each.question in STRICTNESS or each is last[each.question]]


def _by_time(measurements: Sequence[Measurement]) -> list[Measurement]:
    return sorted(measurements, key=lambda each: (each.at is not None, each.at.timestamp() if each.at else 0.0))


def _answer(measured: Measurement) -> Answer:
    return Answer(measured.question, measured.value, measured.source, measured.at, measured.words)


def _conflict(said: Answer, holds: Answer, measured: Measurement) -> Finding:
    who = f" by {said.said_by}" if said.said_by else ""
    why = "measured wins" if said.question in MEASURED_WINS else "the stricter holds"
    return Finding(
        CHECK,
        "warn",
        f"{said.question} is declared {said.value}{who} and measured {measured.value} by {measured.source}: "
        f"{why}, {holds.value}",
        remedy=f"correct answers.{said.question} in bimetal.toml, or measure again, then run: bimetal decide",
        where=said.question,
    )

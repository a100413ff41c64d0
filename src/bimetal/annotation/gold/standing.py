"""Whether an annotator may work: calibrating, passed, failed or lapsed, by their answers to gold items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import numpy as np

from bimetal.annotation.gold.evidence import accuracy, evidence_above, evidence_below
from bimetal.errors import InputError
from bimetal.types import Interval

Status: TypeAlias = Literal["calibrating", "passed", "failed", "lapsed"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What gold asks of an annotator.

    `passing` is the accuracy to be shown to exceed, `failing` (at most `passing`, by default the same) the one to be
    shown to fall short of, each with error `alpha`; `calibration` the answers before which nobody passes; `half_life`
    the days after which an answer weighs half; `kept` the weight of answers below which a pass lapses, by default half
    of `calibration`. Raises InputError for a bar that cannot be met.

    >>> Bar(0.8).kept
    10.0
    """

    passing: float
    failing: float = 0.0
    alpha: float = 0.05
    calibration: int = 20
    half_life: float = 90.0
    kept: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "failing", self.failing or self.passing)
        object.__setattr__(self, "kept", self.kept or self.calibration / 2)
        wrong = [
            name
            for name, fine in (
                ("passing", 0 < self.passing < 1),
                ("failing", 0 < self.failing <= self.passing),
                ("alpha", 0 < self.alpha < 1),
                ("calibration", self.calibration >= 1),
                ("half_life", self.half_life > 0),
                ("kept", 0 < self.kept < self.calibration),
            )
            if not fine
        ]
        if wrong:
            given = ", ".join(f"{name} {getattr(self, name)}" for name in wrong)
            raise InputError(
                f"{given} is no bar", "give accuracies between 0 and 1, failing up to passing, days above 0"
            )


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer to a gold item: which, when, and whether it was right; `seconds` is active time."""

    item: str
    annotator: str
    at: datetime
    right: bool
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an annotator stands, since when, and on what; `words` say it to them and to the lead.

    `accuracy` is a confidence sequence on this certification's answers, valid at any number of looks; `weight` what
    the answers weigh by their age.
    """

    annotator: str
    status: Status
    since: datetime | None
    accuracy: Interval | None
    answered: int
    right: int
    weight: float
    words: str

    @property
    def may_work(self) -> bool:
        return self.status == "passed"


def standing(
    annotator: str, judged: Iterable[Judged], bar: Bar, at: datetime, certified_from: datetime | None = None
) -> Standing:
    """Return an annotator's standing at a time, from their first answer to each gold item.

    Passed when the evidence for an accuracy above `bar.passing` ever reaches 1 / alpha, after `calibration` answers;
    failed when that for one below `bar.failing` ever does, passed before or not. So one whose accuracy is never above
    the passing bar passes with probability alpha at most, one never below the failing bar fails with alpha at most, at
    however many looks (see `evidence_above`). A pass lapses when the answers' weight, halved every `half_life` days,
    falls below `kept`; the next answer then begins a certification anew, with its own alpha and none of the old
    answers. A failed annotator stays failed until the lead certifies anew: `certified_from` leaves out what was before.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> judged = [Judged(str(i), "Ann", noon + timedelta(minutes=i), True) for i in range(25)]
    >>> print(standing("Ann", judged, Bar(0.8), noon + timedelta(days=1)).status)
    passed
    >>> print(standing("Ann", judged, Bar(0.8), noon + timedelta(days=200)).status)
    lapsed
    """
    found = _certify(_first_answers(annotator, judged, at, certified_from), bar)
    weight = _aged(found.weight, found.answers[-1].at, at, bar) if found.answers else 0.0
    status, since = found.status, found.since
    if status == "passed" and weight < bar.kept:
        status, since = "lapsed", _lapse(found, bar)
    answers = found.answers
    right = sum(each.right for each in answers)
    bounds = accuracy(right, len(answers), 1 - bar.alpha)
    words = _words(status, (right, len(answers)), bounds, bar)
    return Standing(annotator, status, since, bounds, len(answers), right, weight, words)


def _first_answers(
    annotator: str, judged: Iterable[Judged], at: datetime, certified_from: datetime | None
) -> list[Judged]:
    """Keep the first answer to each item, by time: a second one may be remembered."""
    kept: dict[str, Judged] = {}
    own = (each for each in judged if each.annotator == annotator and each.at <= at)
    for each in sorted(own, key=lambda each: (each.at, each.item)):
        kept.setdefault(each.item, each)
    return [each for each in kept.values() if certified_from is None or each.at >= certified_from]


@dataclass(frozen=True, slots=True)
class _Certification:
    """The last certification: its status and since when, its answers, and their weight at the last of them."""

    status: Status
    since: datetime | None
    answers: list[Judged]
    weight: float


def _certify(answers: list[Judged], bar: Bar, lapsed: datetime | None = None) -> _Certification:
    """Follow the answers; where a pass has lapsed before one of them, begin anew with it."""
    enough = float(np.log(1 / bar.alpha))
    right = [each.right for each in answers]
    above = np.maximum.accumulate(evidence_above(right, bar.passing)) >= enough
    below = evidence_below(right, bar.failing, bar.calibration) >= enough
    status: Status = "lapsed" if lapsed else "calibrating"
    since, weight = lapsed, 0.0
    for i, each in enumerate(answers):
        left = _aged(weight, answers[max(i - 1, 0)].at, each.at, bar)
        if status == "passed" and left < bar.kept:
            return _certify(answers[i:], bar, _lapse(_Certification(status, since, answers[:i], weight), bar))
        weight = left + 1
        if status != "failed" and below[i]:
            status, since = "failed", each.at
        elif status not in {"failed", "passed"} and i + 1 >= bar.calibration and above[i]:
            status, since = "passed", each.at
    return _Certification(status, since, answers, weight)


def _aged(weight: float, before: datetime, at: datetime, bar: Bar) -> float:
    return weight * float(0.5 ** ((at - before) / timedelta(days=bar.half_life)))


def _lapse(found: _Certification, bar: Bar) -> datetime:
    """Return when the weight falls to what is kept: all answers decay at one rate."""
    return found.answers[-1].at + timedelta(days=bar.half_life * float(np.log2(found.weight / bar.kept)))


def _words(status: Status, counts: tuple[int, int], found: Interval | None, bar: Bar) -> str:
    said = "{} of {} right".format(*counts) + (f", accuracy {found.low:.2f} to {found.high:.2f}" if found else "")
    if status == "calibrating":
        left = max(0, bar.calibration - counts[1])
        return f"{said}: " + (f"{left} gold items to go" if left else f"not yet known whether above {bar.passing:g}")
    if status == "lapsed":
        return f"{said}: the pass has aged, answer gold items to renew it"
    return f"{said}: " + (f"above {bar.passing:g}" if status == "passed" else f"below {bar.failing:g}")

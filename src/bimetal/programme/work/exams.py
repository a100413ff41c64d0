"""What gold asks of people in a job: the bar, who answers for it, what passing qualifies for; read from the log."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from bimetal.annotation.gold import Bar
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.store.log import Log

SET, PASSED, FAILED, ANEW = "gold.set", "gold.passed", "gold.failed", "gold.anew"


@dataclass(frozen=True, slots=True)
class Exam:
    """The terms on which gold judges people in a job.

    `owner` is the lead (a person's pseudonym) in whose name people are qualified; `qualifies` what passing lets them
    judge, as other jobs name it in `expertise`; `days` how long a pass lasts. Raises InputError for no time at all.
    """

    job: str
    owner: str
    qualifies: str = ""
    bar: Bar = field(default_factory=lambda: Bar(0.8))
    days: float = 180.0

    def __post_init__(self) -> None:
        if not self.days > 0:
            raise InputError(f"a pass in {self.job!r} would last {self.days} days", "give days above 0")

    @property
    def lasting(self) -> timedelta:
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Mark:
    """What gold came to for a person, or that a lead certifies them anew, and when."""

    action: Literal["gold.passed", "gold.failed", "gold.anew"]
    at: datetime


def exam_of(programme: Programme, job: str) -> Exam | None:
    """Read a job's terms as last set; None where gold judges nobody in it."""
    return _known(programme).exams.get(job)


def marks(programme: Programme, job: str, person: str, language: str) -> list[Mark]:
    """Read what gold came to for a person in one language of a job, oldest first."""
    return _known(programme).marks.get((job, person, language), [])


def spelled(exam: Exam) -> dict[str, Any]:
    """Spell terms for the log, so that they can be read back."""
    told = asdict(exam)
    told.pop("job")
    return told


@dataclass
class _Seen:
    """What the log said up to an entry: each look reads only those that came since."""

    size: int = 0
    exams: dict[str, Exam] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], list[Mark]] = field(default_factory=dict)
    gate: threading.Lock = field(default_factory=threading.Lock)


_SEEN: WeakKeyDictionary[Log, _Seen] = WeakKeyDictionary()


def _known(programme: Programme) -> _Seen:
    seen = _SEEN.setdefault(programme.log, _Seen())
    with seen.gate:
        size = programme.log.size
        for entry in programme.log.entries(seen.size, size):
            if entry.action == SET:
                said = dict(entry.body["exam"])
                seen.exams[entry.subject] = Exam(entry.subject, **(said | {"bar": Bar(**said["bar"])}))
            elif entry.action in {PASSED, FAILED, ANEW}:
                key = (entry.body["job"], entry.subject, entry.body["language"])
                seen.marks.setdefault(key, []).append(Mark(entry.action, entry.at))  # type: ignore[arg-type]  # one of
        seen.size = size
    return seen

"""Which item next for whom: whether a job admits a rater, when gold is due, when answers settle an item."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite
from typing import Literal, NamedTuple

from bimetal.annotation.settling import groups
from bimetal.errors import InputError

JobKind = Literal["label", "adjudicate", "panel", "calibrate"]
ItemState = Literal["open", "settled", "conflict"]

BY_PEOPLE_ALONE: frozenset[JobKind] = frozenset({"adjudicate", "panel", "calibrate"})
MOST_RATERS = 100


@dataclass(frozen=True, slots=True)
class Rater:
    """Who asks for work, as the server knows them: never what a request says of itself.

    `oversees` is for leads and auditors, who may read every answer.
    """

    name: str
    kind: Literal["human", "model", "replayed"] = "human"
    languages: frozenset[str] = frozenset()
    expertise: frozenset[str] = frozenset()
    adjudicates: bool = False
    oversees: bool = False

    def speaks(self, language: str) -> bool:
        """Say whether a language (BCP 47) is theirs, or a variety of theirs; no language is everybody's.

        >>> Rater("ana", languages=frozenset({"en"})).speaks("en-GB")
        True
        """
        asked = f"{language.casefold()}-"
        return not language or any(asked.startswith(f"{own.casefold()}-") for own in self.languages)


@dataclass(frozen=True, slots=True)
class Job:
    """Work for people on one dataset: how many raters an item, under which guideline, with what mixed in.

    `raters` answer each item; where fewer than `agreement` (0-1, and always more than half) say the same, up to `extra`
    more are asked, then an adjudicator. `gold` is the share of hidden known items, `hidden` the share of items whose
    suggestion is withheld so that anchoring is measured; `salt` keeps both unpredictable and is shown to nobody.
    `of` is the job whose conflicts this one adjudicates. Raises InputError for what cannot be.

    >>> Job("exam", "panel", suggestions=True)
    Traceback (most recent call last):
    bimetal.errors.InputError: job 'exam' would show suggestions on a panel; ...
    """

    name: str
    kind: JobKind = "label"
    dataset: str = ""
    snapshot: str = ""
    task: str = "classification"
    raters: int = 1
    extra: int = 1
    agreement: float = 1.0
    guideline: int = 1
    languages: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()
    gold: float = 0.0
    suggestions: bool = False
    hidden: float = 0.2
    salt: str = ""
    of: str = ""

    def __post_init__(self) -> None:
        for wrong, message, hint in _faults(self):
            if wrong:
                raise InputError(f"job {self.name!r} {message}", hint)

    @property
    def most(self) -> int:
        """How many raters an item may have at last; one rater cannot differ with anybody."""
        return self.raters + self.extra if self.raters > 1 else 1


def _faults(job: Job) -> tuple[tuple[bool, str, str], ...]:
    return (
        (not job.name.strip(), "has no name", "name it"),
        (not 1 <= job.raters <= MOST_RATERS, f"asks for {job.raters} raters", f"ask for 1 to {MOST_RATERS}"),
        (not 0 <= job.extra <= MOST_RATERS, f"asks for {job.extra} extra raters", f"ask for 0 to {MOST_RATERS}"),
        (not 0 <= job.agreement <= 1, f"wants an agreement of {job.agreement}", "say a share, 0 to 1"),
        (not 0 <= job.hidden <= 1, f"hides {job.hidden} of the suggestions", "say a share, 0 to 1"),
        (
            not 0 <= job.gold <= (1.0 if job.kind == "calibrate" else 0.5),
            f"mixes in a gold share of {job.gold}",
            "say a share, 0 to 0.5; 1 is for calibration",
        ),
        (
            job.suggestions and job.kind in BY_PEOPLE_ALONE,
            f"would show suggestions on a {job.kind}",
            "let people judge by themselves there",
        ),
        ((job.kind == "adjudicate") != bool(job.of), "must name the job it adjudicates, and no other may", "set `of`"),
    )


class Candidate(NamedTuple):
    """An item that somebody may be given; lower `rank` first, then lower `place`."""

    rank: float
    place: int
    item: str
    language: str = ""
    gold: bool = False
    round: int = 1


class Asked(NamedTuple):
    """How many items of a job a rater was given so far, and how many of them were gold."""

    items: int = 0
    gold: int = 0


class Outcome(NamedTuple):
    """Where an item stands after its answers, and how many raters it wants in all."""

    state: ItemState
    wanted: int


def refusal(job: Job, rater: Rater) -> str | None:
    """Say in a few words why a job gives a rater nothing, or None where it admits them.

    >>> refusal(Job("exam", "panel"), Rater("gpt", "model"))
    'a panel is for people alone'
    """
    lacking = sorted(set(job.expertise) - rater.expertise)
    if job.kind in BY_PEOPLE_ALONE and rater.kind != "human":
        return f"{'an' if job.kind == 'adjudicate' else 'a'} {job.kind} is for people alone"
    if job.kind == "adjudicate" and not rater.adjudicates:
        return "only an adjudicator decides conflicts"
    if lacking:
        return f"it asks for {', '.join(lacking)}"
    if job.languages and not any(map(rater.speaks, job.languages)):
        return f"it is in {', '.join(job.languages)}"
    return None


def outcome(job: Job, values: Sequence[str]) -> Outcome:
    """Decide where an item stands from the values its raters submitted, those alike counted together.

    >>> outcome(Job("march", raters=2), ["cat", "dog"])
    Outcome(state='open', wanted=3)
    >>> outcome(Job("march", raters=2), ["cat", "dog", "cat"])
    Outcome(state='conflict', wanted=3)
    """
    n = len(values)
    if n < job.raters:
        return Outcome("open", job.raters)
    leading = max(groups(job.task, values).values())
    if 2 * leading > n and leading >= job.agreement * n:
        return Outcome("settled", n)
    return Outcome("open", n + 1) if n < job.most else Outcome("conflict", n)


def pick(job: Job, rater: Rater, asked: Asked, ahead: Sequence[Candidate], n: int) -> list[Candidate]:
    """Choose up to `n` of the candidates in the order they are given out: priorities first, gold where it is due.

    Gold accompanies other items and never comes alone, but in a calibration, which is made of it.
    """
    ordinary = sorted(each for each in ahead if not each.gold)
    gold = sorted((each for each in ahead if each.gold), key=lambda each: unit(job, rater, "order", each.item))
    if job.kind == "calibrate":
        return gold[:n]
    chosen: list[Candidate] = []
    given, known = asked
    while len(chosen) < n and ordinary:
        due = bool(gold) and known < gold_due(job, rater, given + 1)
        chosen.append(gold.pop(0) if due else ordinary.pop(0))
        given, known = given + 1, known + due
    return chosen


def gold_due(job: Job, rater: Rater, n: int) -> int:
    """Count the gold items that belong among a rater's first `n`: the share of `n`, rounded down or up.

    One falls at an unpredictable place in every stretch of 1/share items, so that nobody learns to expect it.

    >>> [gold_due(Job("march", gold=0.1, salt="s"), Rater("ana"), n) for n in (10, 20, 1000)]
    [1, 2, 100]
    """
    whole = floor(n * job.gold + 1e-9)
    return whole + (unit(job, rater, "gold", str(whole)) < n * job.gold - whole)


def suggests(job: Job, rater: Rater, candidate: Candidate) -> bool:
    """Say whether a rater may see a suggestion on an item: never on gold, and not on a random share."""
    return job.suggestions and not candidate.gold and unit(job, rater, "suggestion", candidate.item) >= job.hidden


def unit(job: Job, rater: Rater, what: str, which: str) -> float:
    """Draw a number in [0, 1) that is always the same for a job, a rater and a purpose, and that only `salt` tells."""
    spelled = "\x1f".join((job.salt, job.name, rater.name, what, which)).encode()
    return int.from_bytes(hashlib.sha256(spelled).digest()[:7]) / 2**56


def check_priority(priority: float, probability: float) -> None:
    """Refuse a priority that does not order, and an inclusion probability that is none; raises InputError."""
    if not isfinite(priority):
        raise InputError(f"a priority is {priority}", "say a finite number; more comes first")
    if not 0 < probability <= 1:
        raise InputError(f"an inclusion probability is {probability}", "say more than 0 and at most 1")

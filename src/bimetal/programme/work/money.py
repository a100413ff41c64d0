"""What an accepted label costs, by task and language: active seconds at a wage, and where the seconds went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from bimetal.cost.setting import setting
from bimetal.programme.work.answered import Given, given
from bimetal.store import queue as store

if TYPE_CHECKING:
    from bimetal.cost import Scenario
    from bimetal.programme.programme import Programme
    from bimetal.store.queue import Job

Part = Literal["labels", "overlap", "corrections", "skips", "adjudication", "gold", "waiting"]
PARTS: tuple[Part, ...] = get_args(Part)
SAYS: Mapping[Part, str] = {
    "labels": "the first answer to each item that was accepted",
    "overlap": "further raters of the same items",
    "corrections": "answers sent again",
    "skips": "items looked at and left",
    "adjudication": "deciding where raters differ",
    "gold": "items of known answer, calibrations among them",
    "waiting": "answers to items not accepted yet",
}
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Price:
    """Money for one accepted label at the wage's P10, P50 and P90: what is not known here is the wage."""

    low: float
    median: float
    high: float
    currency: str


@dataclass(frozen=True, slots=True)
class LabelCost:
    """What accepted labels of one task and language took.

    `seconds` are active, by part (`SAYS` tells each); `untimed` counts answers that came without a time: with any, the
    price is too low. `price` is None without an accepted label or without a time; `fair_share` is what the answers
    that became labels were of all seconds, 0 to 1.
    """

    task: str
    language: str
    accepted: int
    answers: int
    untimed: int
    seconds: Mapping[Part, float] = field(default_factory=dict)
    price: Price | None = None

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    @property
    def per_label(self) -> float | None:
        """Active seconds of everybody, for one accepted label."""
        return self.total / self.accepted if self.accepted else None

    @property
    def fair_share(self) -> float | None:
        return self.seconds.get("labels", 0.0) / self.total if self.total else None


def label_costs(
    programme: Programme, jobs: Sequence[str] | None = None, scenario: Scenario | None = None
) -> tuple[LabelCost, ...]:
    """Price people's accepted labels by task and language, over all jobs or those named and their adjudications.

    An item is accepted once its raters settled it or an adjudicator decided; gold and calibrations never are, and
    their time is overhead. The wage is that of bimetal.toml's [cost], else the table's for the kind of item.
    """
    with programme.state.read() as connection:
        known = {job.name: job for job in store.read_jobs(connection)}
    chosen = [name for name, job in known.items() if jobs is None or name in jobs or job.of in jobs]
    rows = [row for row in given(programme, chosen, former=True) if row.answer.actor_kind == "human"]
    groups: dict[tuple[str, str], list[Given]] = {}
    for row in rows:
        groups.setdefault((known[row.job].task, row.language), []).append(row)
    wage = setting(scenario or programme.config.cost)
    paid = tuple(map(float, wage.rows["wage"].range))
    return tuple(
        _cost(task, language, own, known, _Wage(paid, wage.scenario.currency))
        for (task, language), own in sorted(groups.items())
    )


@dataclass(frozen=True, slots=True)
class _Wage:
    """Money an hour, P10, P50 and P90."""

    range: tuple[float, ...]
    currency: str


def _cost(task: str, language: str, rows: Sequence[Given], jobs: Mapping[str, Job], wage: _Wage) -> LabelCost:
    accepted = _accepted(rows, jobs)
    seconds: dict[Part, float] = dict.fromkeys(PARTS, 0.0)
    labelled: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda row: (row.answer.at, row.answer.id)):
        part = _part(row, jobs[row.job], accepted, labelled)
        seconds[part] += row.answer.seconds
    total = sum(seconds.values())
    price = None
    if accepted and total:
        low, median, high = (total / HOUR * each / len(accepted) for each in wage.range)
        price = Price(low, median, high, wage.currency)
    first = [row for row in rows if row.revision == 1]
    untimed = sum(row.answer.seconds == 0 for row in first)
    return LabelCost(task, language, len(accepted), len(first), untimed, seconds, price)


def _accepted(rows: Iterable[Given], jobs: Mapping[str, Job]) -> set[tuple[str, str]]:
    """Name (job, item) of what was settled or decided, under the job people were first asked in."""
    found = set()
    for row in rows:
        job = jobs[row.job]
        if row.gold or not row.stands or row.answer.value is None or job.kind == "calibrate":
            continue
        if job.kind == "adjudicate" and row.state in {"settled", "resolved"}:
            found.add((job.of, row.answer.item))
        elif row.state in {"settled", "resolved"}:
            found.add((row.job, row.answer.item))
    return found


def _part(row: Given, job: Job, accepted: set[tuple[str, str]], labelled: set[tuple[str, str]]) -> Part:
    """Say what an answer's time went into; the first to an accepted item is noted in `labelled`."""
    if row.gold or job.kind == "calibrate":
        return "gold"
    if job.kind == "adjudicate":
        return "adjudication"
    if row.revision > 1 or row.answer.status == "skipped":
        return "corrections" if row.revision > 1 else "skips"
    item = (row.job, row.answer.item)
    if item not in accepted:
        return "waiting"
    if item in labelled:
        return "overlap"
    labelled.add(item)
    return "labels"

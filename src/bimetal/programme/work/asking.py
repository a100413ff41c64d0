"""A pilot before labels in the queue: its panel and each rung as jobs, and what people settled taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from bimetal.annotation.sheet import Label
from bimetal.annotation.sheet import Sheet as Shown
from bimetal.programme import queue
from bimetal.store import queue as store
from bimetal.store.queue import Item, Job
from bimetal.types import Annotation

if TYPE_CHECKING:
    from bimetal.pilot.prospective import Prospective
    from bimetal.programme.programme import Programme
    from bimetal.programme.questions import Sheet

DONE = frozenset({"settled", "resolved"})


class States(NamedTuple):
    """The items people have settled, and those that wait for an adjudicator."""

    settled: tuple[str, ...]
    conflicts: tuple[str, ...]


def jobs_of(name: str, rung: int) -> tuple[str, ...]:
    """Name a pilot's jobs up to a rung, counted from 0.

    >>> jobs_of("pilot-queries", 1)
    ('pilot-queries/panel', 'pilot-queries/rung-1', 'pilot-queries/rung-2')
    """
    return (f"{name}/panel", *(f"{name}/rung-{each}" for each in range(1, rung + 2)))


def ask(programme: Programme, name: str, pilot: Prospective, sheet: Sheet) -> tuple[str, ...]:
    """Open the jobs of a pilot's rung, those that stand already left alone, and name them all.

    The panel's is a panel, which shows no suggestion and takes people alone; a rung's labels are to be trained on.
    Items come in the shuffled order of the pilot's questions, a majority decides, a tie goes to one more person and
    then to an adjudicator. Raises InputError where a job of that name is another pilot's.
    """
    questions = pilot.questions
    hidden = [each for each in ("language",) if each in pilot.rows.column_names]
    rows = pilot.rows.select(list(dict.fromkeys([*questions.column_names, *hidden])))
    snapshot = programme.snapshots.put(rows)
    shuffled = [str(each) for each in questions["id"].to_pylist()]
    panel = {pilot.ids[row] for row in pilot.panel}
    with programme.state.read() as connection:
        known = {each.name for each in store.read_jobs(connection) if each.snapshot == snapshot}
    names = jobs_of(name, pilot.rung)
    labels = tuple(map(Label, sheet.labels))
    for job in (names[0], names[-1]):
        items = [each for each in shuffled if (each in panel) == (job == names[0])]
        if job in known or not items:
            continue
        wanted = Job(
            name=job,
            kind="panel" if job == names[0] else "label",
            dataset=name,
            snapshot=snapshot,
            raters=sheet.raters,
            extra=1 if sheet.raters > 1 else 0,
            agreement=0.5,
        )
        queue.open_job(programme, wanted, _items(rows, items), Shown("classification", labels))
    return names


def settled_answers(programme: Programme, jobs: Sequence[str]) -> tuple[list[Annotation], States]:
    """Read the answers that count to the items people are done with; a panel's and a rung's alike."""
    found: list[Annotation] = []
    settled: list[str] = []
    conflicts: list[str] = []
    for job in jobs:
        states = {each["item"]: each["state"] for each in queue.queued(programme, job)}
        done = {item for item, state in states.items() if state in DONE}
        found += [each for each in queue.decided(programme, job) if each.item in done and each.status == "submitted"]
        settled += done
        conflicts += [item for item, state in states.items() if state == "conflict"]
    return found, States(tuple(sorted(settled)), tuple(sorted(conflicts)))


def take_up(programme: Programme, jobs: Sequence[str]) -> None:
    """Close jobs whose labels a pilot was judged on, so that none is corrected after."""
    for job in jobs:
        if any(each["state"] != "resolved" for each in queue.queued(programme, job)):
            queue.close(programme, job)


def _items(rows: pa.Table, wanted: Sequence[str]) -> list[Item]:
    spoken = rows["language"].to_pylist() if "language" in rows.column_names else [None] * rows.num_rows
    language = dict(zip(map(str, rows["id"].to_pylist()), spoken, strict=True))
    return [Item(each, "pilot", language=language[each] or "", origin="real") for each in wanted]

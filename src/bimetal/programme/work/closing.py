"""What people decided in a job, taken up as a dataset: out of the queue and into training, with who judged each row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from bimetal.errors import InputError
from bimetal.programme import queue
from bimetal.programme.people import Person, require
from bimetal.programme.work.answered import given, job_named
from bimetal.store.queue import Job, adjudication_of
from bimetal.types import Dataset, Origin

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored


@dataclass(frozen=True, slots=True)
class Closed:
    """A job that is over: the dataset its labels became, and the items on which people came to no label."""

    stored: Stored
    undecided: tuple[str, ...]


def close_labels(
    programme: Programme, by: Person, job: str, role: Literal["train", "gold"] = "train", name: str = ""
) -> Closed:
    """Close a job and keep what was decided as a dataset, named like the job unless `name` says otherwise.

    Its rows say who judged them, under pseudonyms, in the column `annotator`; items that came to no label are left out
    and named. Raises PolicyError for a role that may not, InputError for a panel or a calibration, and where nothing
    was decided.
    """
    require(by.role, "steer queue")
    held = job_named(programme, job)
    if held.kind != "label":
        raise InputError(f"{job!r} is a job of kind {held.kind}", "take up the labels of a job of kind label")
    called = name or job
    if programme.datasets(name=called):
        raise InputError(f"there is a dataset {called!r} already", "give this one another name")
    rows, undecided = decided(programme, held)
    source = origin_of(programme, held)
    acting = replace(programme, actor=by.id)
    queue.close(acting, job)
    dataset = Dataset(called, rows, programme.config.labelled, role, source)
    stored = acting.keep(dataset, "labels.taken_up", declared_by=by.id, label_column="label", job=job)
    return Closed(stored, undecided)


def decided(programme: Programme, job: Job) -> tuple[pa.Table, tuple[str, ...]]:
    """Join the rows a job settled with their labels and who gave them; the other items are named beside them.

    Raises InputError where there is no row.
    """
    rows = queue.labelled(programme, job.name, programme.snapshots.get(job.snapshot)).drop_columns(["reason"])
    states = {each["item"]: each["state"] for each in queue.queued(programme, job.name)}
    settled = [states[str(item)] in {"settled", "resolved"} for item in rows["id"].to_pylist()]
    rows = rows.filter(pa.array(settled, pa.bool_()))
    if not rows.num_rows:
        raise InputError(f"people decided nothing on {job.name!r}", "wait until they have answered")
    said = _by_item(
        (row.answer.item, row.answer.annotator)
        for row in given(programme, (job.name, adjudication_of(job.name)))
        if row.answer.value is not None
    )
    items = list(map(str, rows["id"].to_pylist()))
    rows = rows.drop_columns([name for name in ("annotator",) if name in rows.column_names])
    rows = rows.append_column("annotator", pa.array([said.get(item, "") for item in items], pa.string()))
    return rows, tuple(sorted(set(states) - set(items)))


def origin_of(programme: Programme, job: Job) -> Origin:
    """Say where a job's rows come from: the dataset it asks about."""
    source = next(each for each in programme.datasets(name=job.dataset) if each.digest == job.snapshot)
    return Origin(source.details["kind"], source.source, source.licence, None, (source.digest,))


def _by_item(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for item, who in said:
        found.setdefault(item, set()).add(who)
    return {item: "; ".join(sorted(names)) for item, names in found.items()}

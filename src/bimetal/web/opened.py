"""A job opened from a form: what was typed read, items taken or drawn at random, gold mixed in."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from bimetal.annotation.gold import Bar
from bimetal.annotation.sheet import LABELLED, Sheet
from bimetal.annotation.values import canonical
from bimetal.errors import InputError
from bimetal.programme import queue
from bimetal.programme.work import panels, sheets
from bimetal.programme.work.exams import Exam
from bimetal.programme.work.gold import calibrate, mix
from bimetal.programme.work.shown import payload_of
from bimetal.store.queue import Item, Job
from bimetal.web import sheet_form
from bimetal.web.door import Form
from bimetal.web.fields import job_name, listed, share, whole

if TYPE_CHECKING:
    from bimetal.programme.people import Person
    from bimetal.programme.programme import Programme, Stored

_NEEDED = {
    "boxes": ("image",),
    "polygons": ("image",),
    "keypoints": ("image",),
    "spans": ("text",),
    "pairs": ("text_a", "text_b"),
    "ranking": ("text_a", "text_b"),
    "best-worst": ("text_a", "text_b"),
}


def usual(kind: str) -> Form:
    """Fill the form of a kind of job with what most jobs of that kind have."""
    raters = "3" if kind == "panel" else "2"
    fields = {
        "task": "classification",
        "raters": raters,
        "extra": "2" if kind == "panel" else "1",
        "agreement": "50",
        "share": "10",
        "hidden": "20",
        "which": "all",
        "passing": "80",
        "calibration": "20",
        "days": "180",
    }
    return Form({name: (text,) for name, text in fields.items()})


def open_label(programme: Programme, by: Person, form: Form) -> Job:
    """Open a job of labels; raises InputError, PolicyError for what it may not be, and opens nothing then."""
    sheet, held = _sheet(programme, form), _dataset(programme, form)
    _refuse_unfit(programme, held, sheet)
    found = _Drawn(programme, held, job_name(form)).items(form, sheet)
    gold = form.get("gold")
    mixed = mixed_in(by, form, job_name(form)) if gold else None
    if mixed:
        _refuse_gold(programme, gold, mixed, listed(form, "expertise"))
    job = Job(
        name=job_name(form),
        dataset=held.name,
        snapshot=held.digest,
        task=sheet.task,
        raters=whole(form, "raters"),
        extra=whole(form, "extra"),
        agreement=share(form, "agreement"),
        guideline=sheet.version,
        languages=listed(form, "languages_of"),
        expertise=listed(form, "expertise"),
        suggestions=bool(form.get("suggestions")),
        hidden=share(form, "hidden"),
    )
    opened = queue.open_job(programme, job, found, sheet)
    if mixed:
        mix(programme, by, mixed.exam, gold, share=mixed.share)
    return opened


def open_panel(programme: Programme, by: Person, form: Form) -> Job:
    """Open a panel: real items drawn at random that nothing learned from, judged by people alone."""
    sheet, held = _sheet(programme, form), _dataset(programme, form)
    _refuse_unfit(programme, held, sheet)
    wanted = panels.Panel(
        name=job_name(form),
        dataset=held.name,
        items=whole(form, "number"),
        raters=whole(form, "raters"),
        extra=whole(form, "extra"),
        languages=listed(form, "languages_of"),
        expertise=listed(form, "expertise"),
        task=sheet.task,
    )
    return panels.open_panel(programme, by, wanted, _rng(programme, wanted.name), sheet)


def open_calibration(programme: Programme, by: Person, form: Form) -> Job:
    """Open a calibration: items of known answer, and passing it qualifies."""
    sheet, held = _sheet(programme, form), _dataset(programme, form)
    _refuse_unfit(programme, held, sheet)
    if sheet.task != "classification":
        raise InputError(
            f"a calibration asks for {sheet.task}", "calibrate on a classification; mix other gold into work"
        )
    job = calibrate(programme, by, mixed_in(by, form, job_name(form)).exam, held.name)
    sheets.write(programme, by, job, sheet)
    return job


OPENED_BY: Mapping[str, Callable[[Programme, Person, Form], Job]] = {
    "label": open_label,
    "panel": open_panel,
    "calibrate": open_calibration,
}


@dataclass(frozen=True)
class Mixed:
    """Gold as a form asks for it: on which terms, and as what share of what each person is given."""

    exam: Exam
    share: float


def mixed_in(by: Person, form: Form, job: str) -> Mixed:
    """Read the terms of gold in a job from a form; raises InputError for what cannot be."""
    wanted = share(form, "share")
    if form.get("share") and not 0 < wanted <= 0.5:
        raise InputError(f"the share of gold is {wanted:.0%}", "say 1 to 50 per cent")
    bar = Bar(share(form, "passing"), calibration=whole(form, "calibration"))
    return Mixed(Exam(job, by.id, form.get("qualifies").strip(), bar, float(whole(form, "days"))), wanted)


@dataclass(frozen=True)
class _Drawn:
    """Items for the job of a name out of a dataset: all, or a number drawn so that each is as likely."""

    programme: Programme
    held: Stored
    job: str

    def items(self, form: Form, sheet: Sheet) -> list[Item]:
        suggested = form.get("suggestions")
        columns = pq.read_schema(self.programme.snapshots.path(self.held.digest))
        known = columns.names
        if suggested and suggested not in known:
            raise InputError(f"{self.held.name!r} has no column {suggested[:60]!r}", f"name one of: {', '.join(known)}")
        if suggested in payload_of(columns):
            raise InputError(
                f"raters would see {suggested!r} as part of the row", "call the column suggestion, or begin it with _"
            )
        wanted = ["id", "item_origin", *({"language", suggested} & {*known})]
        rows = self.programme.snapshots.get(self.held.digest, wanted)
        places, probability = self._places(form, rows.num_rows)
        one = listed(form, "languages_of")
        alone = one[0] if len(one) == 1 else ""
        return [
            Item(
                str(row["id"]),
                "asked",
                probability=probability,
                language=row.get("language") or alone,
                origin=row["item_origin"],
                suggestion=_suggestion(sheet, row.get(suggested)) if suggested else None,
            )
            for row in rows.take(places).to_pylist()
        ]

    def _places(self, form: Form, held: int) -> tuple[list[int], float]:
        if form.get("which") != "random":
            return list(range(held)), 1.0
        number = whole(form, "number")
        if not 1 <= number <= held:
            raise InputError(f"{number} items are asked of {held}", f"ask for 1 to {held}")
        drawn = _rng(self.programme, self.job).choice(held, number, replace=False)
        return [int(each) for each in drawn], number / held


def _rng(programme: Programme, job: str) -> np.random.Generator:
    """Draw for a job of a name: the same again in the same programme, another for another job."""
    return np.random.default_rng([programme.config.programme.rng_seed, 16, zlib.crc32(job.encode())])


def _suggestion(sheet: Sheet, said: Any) -> str | None:
    if said is None:
        return None
    value = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return canonical(sheet, value)


def _sheet(programme: Programme, form: Form) -> Sheet:
    return sheet_form.read(form, form.get("task"), programme.config.task.guideline)


def _dataset(programme: Programme, form: Form) -> Stored:
    name = form.get("dataset")
    if not name:
        raise InputError("no dataset is chosen", "choose one; `bimetal add` brings rows in")
    return programme.dataset(name)


def _refuse_unfit(programme: Programme, held: Stored, sheet: Sheet) -> None:
    columns = payload_of(pq.read_schema(programme.snapshots.path(held.digest)))
    lacking = [name for name in _NEEDED.get(sheet.task, ()) if name not in columns]
    if lacking:
        raise InputError(f"{held.name!r} shows no {', '.join(lacking)}", f"{sheet.task} are asked of items that do")
    if sheet.task in LABELLED and not sheet.labels and sheet.task != "keypoints":
        raise InputError(f"{sheet.task} have no labels to choose from", "type the labels")


def _refuse_gold(programme: Programme, gold: str, mixed: Mixed, expertise: tuple[str, ...]) -> None:
    """Refuse what mixing gold in would refuse, before the job stands."""
    if programme.dataset(gold).role != "gold":
        raise InputError(f"{gold[:60]!r} is no dataset of gold", "add it with --role gold")
    wanted = mixed.exam.qualifies
    if wanted and wanted not in expertise:
        raise InputError(f"failing gold would end {wanted!r}, which the job does not ask for", "name it there too")

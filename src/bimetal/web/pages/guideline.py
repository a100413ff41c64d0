"""The guideline of a job: every version, what changed between two, and the next one with the items it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from bimetal.annotation.sheet import Sheet
from bimetal.errors import InputError, PolicyError
from bimetal.programme.work.relabelling import affected
from bimetal.programme.work.sheets import sheet, versions, write
from bimetal.web import sheet_form
from bimetal.web.addresses import Named, at
from bimetal.web.door import Ask, Form, page, posted, status_of
from bimetal.web.names import Names
from bimetal.web.pages.job import asked

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.errors import BimetalError
    from bimetal.store.queue import Job

SIGNS = {"delete": ("del",), "insert": ("ins",), "replace": ("del", "ins"), "equal": ("same",)}


@dataclass(frozen=True)
class Line:
    """A line of a sheet written out, and whether it came, went or stayed."""

    sign: str
    text: str


@dataclass(frozen=True)
class Preview:
    """What saving would do: the lines that change and the items asked about again; `strange` ids are in no job."""

    lines: list[Line]
    items: tuple[str, ...]
    strange: int = 0


@page("read progress")
def show(ask: Ask) -> Response:
    """Show the guideline as it stands, and what changed in a version."""
    return _shown(ask, _begun(ask))


@posted("write guideline")
def take(ask: Ask, form: Form) -> Response:
    """Show what saving would do, or save once that was seen."""
    if form.get("more"):
        return _shown(ask, sheet_form.grown(form))
    job = asked(ask)
    try:
        if form.get("base") != _base(ask, job):
            raise InputError("somebody wrote another version meanwhile", "reload the page, and change that one")
        written = sheet_form.read(form, job.task, job.guideline)
        seen = _preview(ask, job, form, written)
        if form.get("save") != _promise(seen):
            return _shown(ask, sheet_form.grown(form), preview=seen)
        write(ask.programme, ask.person, job, written, seen.items)
    except (InputError, PolicyError) as fault:
        return _shown(ask, sheet_form.grown(form), fault)
    return ask.redirect(at("jobs", job.name, "guideline"), told="guideline")


def changed(before: list[str], after: list[str]) -> list[Line]:
    """Compare two sheets written out, line by line.

    >>> [(each.sign, each.text) for each in changed(["a", "b"], ["a", "c"])]
    [('same', 'a'), ('del', 'b'), ('ins', 'c')]
    """
    found: list[Line] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for sign in SIGNS[kind]:
            found += [Line(sign, text) for text in (after[j1:j2] if sign == "ins" else before[i1:i2])]
    return found


def written_out(told: Sheet) -> list[str]:
    """Write a sheet out in lines, so that two versions can be compared.

    >>> from bimetal.annotation.sheet import Label
    >>> written_out(Sheet("classification", (Label("cat", {"th": "แมว"}, key="c"),), {"en": "Look."}))
    ['label cat, key c', 'label cat, th: แมว', 'en: Look.']
    """
    return list(_lines(told))


def _lines(told: Sheet) -> Iterator[str]:
    for each in told.labels:
        yield f"label {each.value}" + (f", key {each.key}" if each.key else "")
        yield from (f"label {each.value}, {tag}: {text}" for tag, text in each.names.items())
        yield from (f"label {each.value} means, {tag}: {text}" for tag, text in each.about.items())
    for tag, text in told.guideline.items():
        yield from (f"{tag}: {line}" for line in text.splitlines())
    for shown in told.examples:
        yield f"example {shown.text} = {shown.value}"
        yield from (f"example {shown.text}, {tag}: {text}" for tag, text in shown.why.items())
    if told.scale:
        yield "scale {:g} to {:g} by {:g}".format(*told.scale)
    yield from (f"point {each}" for each in told.points)
    if told.warning:
        yield f"warning {told.warning}"
    if told.reasons != Sheet("text").reasons:
        yield from (f"reason {each}" for each in told.reasons)


def _begun(ask: Ask) -> Form:
    return sheet_form.typed(sheet(ask.programme, asked(ask)), ask.programme.config.facts.languages)


def _base(ask: Ask, job: Job) -> str:
    """Name what the editor began from, so that nobody's version is written over unseen."""
    newest = next(iter(versions(ask.programme, job)), None)
    return f"{job.guideline} {newest.at.isoformat()}" if newest else str(job.guideline)


def _preview(ask: Ask, job: Job, form: Form, written: Sheet) -> Preview:
    lines = changed(written_out(sheet(ask.programme, job)), written_out(written))
    if all(each.sign == "same" for each in lines) and written == sheet(ask.programme, job):
        raise InputError("nothing was changed", "change something, then look at what it touches")
    touched, items = form.get("touched"), tuple(form.get("items").split("\n"))
    named = {each.strip() for each in items if each.strip()} if touched == "items" else set()
    within = (form.get("column").strip(), form.get("column_value").strip()) if touched == "column" else None
    labels = form.all("touched_label") if touched == "labels" else ()
    found = affected(ask.programme, job.name, labels=labels, within=within, items=named)
    return Preview(lines, found, len(named - set(found)))


def _promise(seen: Preview) -> str:
    """Spell what was seen before saving: how many items; where that is another number now, it is shown again."""
    return f"save {len(seen.items)}"


def _shown(ask: Ask, form: Form, fault: BimetalError | None = None, preview: Preview | None = None) -> Response:
    job = asked(ask)
    listed = versions(ask.programme, job)
    known = {each.version: n for n, each in enumerate(listed)}
    wanted = known.get(int(ask.query("version")), 0) if ask.query("version").isdecimal() else 0
    chosen = listed[wanted] if listed else None
    before = listed[wanted + 1] if chosen and wanted + 1 < len(listed) else None
    now = sheet(ask.programme, job, chosen.version if chosen else None)
    then = sheet(ask.programme, job, before.version) if before else None
    return ask.render(
        "guideline.html",
        status_of(fault) if fault else 200,
        fault=fault,
        job=job,
        at=at,
        names=Names(ask),
        versions=listed,
        chosen=chosen,
        before=before,
        between=changed(written_out(then), written_out(now)) if then else [],
        plain=written_out(now),
        now=now,
        standing=sheet(ask.programme, job),
        form=form,
        base=form.get("base") or _base(ask, job),
        preview=preview,
        promise=_promise(preview) if preview else "",
        tags=sheet_form.languages(form),
        label_rows=sheet_form.rows(form, "value", "key", "name", "about"),
        example_rows=sheet_form.rows(form, "text", "answer", "why"),
        writes=ask.may("write guideline") and job.kind != "adjudicate",
    )


ROUTES = [Named("/jobs/{job}/guideline", show), Named("/jobs/{job}/guideline", take, methods=["POST"])]

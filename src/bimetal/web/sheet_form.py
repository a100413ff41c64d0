"""A sheet as a form: the fields of labels, guideline and examples, and what was typed read back into a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from bimetal.annotation.sheet import LABELLED, REASONS, Example, Kind, Label, Sheet
from bimetal.errors import InputError
from bimetal.web.door import Form

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

SPARE = 3
"""Empty rows offered below those that are filled."""

_USUAL_SCALE = {"low": "1", "high": "5", "step": "1"}


def typed(sheet: Sheet, spoken: Iterable[str] = ()) -> Form:
    """Fill the form with a sheet, with a place for every language it or the programme speaks."""
    said = [sheet.guideline, *(words for each in sheet.labels for words in (each.names, each.about))]
    said += [each.why for each in sheet.examples]
    tags = dict.fromkeys([sheet.language, *spoken, *(tag for words in said for tag in words)])
    fields = {
        "first": sheet.language,
        "languages": " ".join(tags),
        "warning": sheet.warning,
        "points": "\n".join(sheet.points),
        "reasons": "\n".join(sheet.reasons),
        **_in_languages("guideline", sheet.guideline),
        **(
            _USUAL_SCALE
            if sheet.scale is None
            else dict(zip(_USUAL_SCALE, map("{:g}".format, sheet.scale), strict=True))
        ),
    }
    for n, each in enumerate(sheet.labels):
        fields |= {f"value-{n}": each.value, f"key-{n}": each.key}
        fields |= _in_languages(f"name-{n}", each.names) | _in_languages(f"about-{n}", each.about)
    for n, shown in enumerate(sheet.examples):
        fields |= {f"text-{n}": shown.text, f"answer-{n}": shown.value, **_in_languages(f"why-{n}", shown.why)}
    return Form({name: (text,) for name, text in fields.items()})


def read(form: Form, task: str, version: int = 1) -> Sheet:
    """Read a sheet for a task out of a form; raises InputError naming every fault."""
    if task not in get_args(Kind):
        raise InputError(f"the task is {task[:40]!r}", f"choose one of: {', '.join(get_args(Kind))}")
    return Sheet(
        task=task,  # type: ignore[arg-type]  # just looked up
        labels=tuple(_labels(form)) if task in LABELLED else (),
        guideline=_words(form, "guideline"),
        examples=tuple(_examples(form)),
        version=version,
        language=form.get("first") or next(iter(languages(form)), "en"),
        scale=_scale(form) if task == "score" else None,
        points=_lines(form, "points") if task == "keypoints" else (),
        warning=form.get("warning").strip(),
        reasons=_lines(form, "reasons") or REASONS,
    )


def languages(form: Form) -> tuple[str, ...]:
    """Name the languages a form has a place for, and the one that was typed to be added."""
    return tuple(dict.fromkeys([*form.get("languages").split(), *form.get("another").split()[:1]]))


def grown(form: Form) -> Form:
    """Give a form a place for the language that was typed to be added; what was written in it stands there."""
    another = "".join(form.get("another").split()[:1])
    text = form.get("guideline-another")
    moved = {f"guideline-{another}": (text,)} if another and text else {}
    return Form(
        {
            **form.fields,
            **moved,
            "languages": (" ".join(languages(form)),),
            "another": ("",),
            "guideline-another": ("",),
        }
    )


def rows(form: Form, *parts: str) -> int:
    """Count the rows to show: up to the last that holds something, and spare ones after it."""
    filled = [
        int(found[1])
        for name in form.fields
        for found in [_ROW.fullmatch(name)]
        if found and form.get(name).strip() and name.split("-")[0] in parts
    ]
    return max(filled, default=-1) + 1 + SPARE


def blank(programme: Programme) -> Form:
    """Fill the form of a job nobody wrote a sheet for: the programme's labels and languages."""
    spoken = programme.config.facts.languages
    first = next(iter(spoken), "en")
    return typed(Sheet("classification", tuple(map(Label, programme.config.task.labels)), language=first), spoken)


_ROW = re.compile(r"[a-z]+-([0-9]{1,4})(?:-.*)?")


def _labels(form: Form) -> Iterator[Label]:
    for n in range(rows(form, "value", "key", "name", "about")):
        value, key = form.get(f"value-{n}").strip(), form.get(f"key-{n}").strip()
        names, about = _words(form, f"name-{n}", one_line=True), _words(form, f"about-{n}")
        if not value and (names or about or key):
            raise InputError(f"label {n + 1} has no value", "give it one, which stays for good, or empty its row")
        if value:
            yield Label(value, names, about, key)


def _examples(form: Form) -> Iterator[Example]:
    for n in range(rows(form, "text", "answer", "why")):
        text, value, why = _text(form, f"text-{n}"), form.get(f"answer-{n}").strip(), _words(form, f"why-{n}")
        if bool(text) != bool(value) or (why and not value):
            raise InputError(f"example {n + 1} is not whole", "say what is shown and its answer, or empty its row")
        if text:
            yield Example(text, value, why)


def _words(form: Form, name: str, *, one_line: bool = False) -> dict[str, str]:
    said = {tag: _text(form, f"{name}-{tag}") for tag in form.get("languages").split()}
    another = "".join(form.get("another").split()[:1])
    if another and name == "guideline":
        said[another] = said.get(another) or _text(form, "guideline-another")
    return {tag: " ".join(text.split()) if one_line else text for tag, text in said.items() if text}


def _text(form: Form, name: str) -> str:
    return form.get(name).replace("\r\n", "\n").strip()


def _lines(form: Form, name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in form.get(name).splitlines() if line.strip())


def _scale(form: Form) -> tuple[float, float, float]:
    try:
        low, high, step = (float(form.get(name)) for name in _USUAL_SCALE)
    except ValueError as fault:
        raise InputError("the scale is no three numbers", "type the lowest, the highest and the step") from fault
    return low, high, step


def _in_languages(name: str, words: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}-{tag}": text for tag, text in words.items()}

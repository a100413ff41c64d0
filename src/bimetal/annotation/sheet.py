"""What raters are shown beside an item: the task, labels with names in each language, the guideline, examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Literal, get_args

from bimetal.errors import InputError

Kind = Literal[
    "classification",
    "tags",
    "spans",
    "boxes",
    "polygons",
    "keypoints",
    "pairs",
    "ranking",
    "best-worst",
    "score",
    "text",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
LABELLED: frozenset[str] = frozenset({"classification", "tags", "spans", "boxes", "polygons", "keypoints"})
"""The kinds whose answers name labels of the sheet."""

REASONS = (
    "guideline unclear",
    "guideline misread",
    "slip",
    "item ambiguous",
    "item broken",
    "label set incomplete",
)
"""Why raters differed, as an adjudicator tells it where the sheet says nothing else."""

MOST = 1_000
"""Labels, examples or names of points in a sheet, each."""

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SHORT, _LONG = 200, 200_000  # characters of a name, and of a text


@dataclass(frozen=True, slots=True)
class Label:
    """A label: its value for good, and what it is called and means in each language (BCP 47); `key` is its hotkey."""

    value: str
    names: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    def shown(self, language: str, first: str = "") -> str:
        """Say what the label is called in a language, else in the language `first`, else its value.

        >>> Label("cat", {"th": "แมว"}).shown("th-TH"), Label("cat", {"th": "แมว"}).shown("lo")
        ('แมว', 'cat')
        """
        return in_language(self.names, language, first) or self.value


@dataclass(frozen=True, slots=True)
class Example:
    """Something shown, the value it has, and why in each language."""

    text: str
    value: str
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One version of what raters judge by; raises InputError naming every fault by its path.

    `guideline` is Markdown in each language, `language` the first of them, shown where one's own is missing. `scale` is
    (low, high, step) of a score, `points` are the names of keypoints, `reasons` an adjudicator's. Under a `warning` the
    item is blurred until it is asked for.

    >>> Sheet("tags", (Label("a"), Label("a")))
    Traceback (most recent call last):
    bimetal.errors.InputError: the sheet has 1 fault: labels[1].value: 'a' stands there twice; ...
    """

    task: Kind
    labels: tuple[Label, ...] = ()
    guideline: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    version: int = 1
    language: str = "en"
    scale: tuple[float, float, float] | None = None
    points: tuple[str, ...] = ()
    warning: str = ""
    reasons: tuple[str, ...] = REASONS

    def __post_init__(self) -> None:
        refuse(list(_faults(self)))

    @property
    def values(self) -> frozenset[str]:
        """The values of the labels."""
        return frozenset(each.value for each in self.labels)

    def named(self, value: str, language: str) -> str:
        """Say what a value is called in a language, else in the sheet's first, else itself."""
        found = next((each for each in self.labels if each.value == value), Label(value))
        return found.shown(language, self.language)

    def guide(self, language: str) -> str:
        """Return the guideline in a language, else in the sheet's first, else nothing."""
        return in_language(self.guideline, language, self.language)

    def json(self) -> dict[str, Any]:
        """Spell the sheet as JSON; `Sheet.read` takes it back."""
        told = asdict(self)
        listed = {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
        return told | listed

    @classmethod
    def read(cls, said: object) -> Sheet:
        """Read a sheet from JSON as `json` spells it; raises InputError naming every fault by its path.

        >>> Sheet.read({"task": "text", "labels": [7], "scope": ""})
        Traceback (most recent call last):
        bimetal.errors.InputError: the sheet has 2 faults: scope: no such key, labels[0]: expected an object, got 7; ...
        """
        from bimetal.annotation.sheet_json import read

        return read(said)


def in_language(said: Mapping[str, str], language: str, first: str = "") -> str:
    """Choose among words in several languages: the very tag, its base language, the same of `first`, or nothing.

    >>> in_language({"pt": "gato", "en": "cat"}, "pt-BR"), in_language({"en": "cat"}, "th", "en-GB")
    ('gato', 'cat')
    """
    known = {tag.casefold(): words for tag, words in said.items()}
    for asked in (language.casefold(), first.casefold()):
        parts = asked.split("-")
        for end in range(len(parts), 0, -1):
            if words := known.get("-".join(parts[:end])):
                return words
    return ""


def refuse(faults: Sequence[str]) -> None:
    """Raise InputError where a sheet has faults, each a path and what was expected there."""
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InputError(f"the sheet has {count}: {', '.join(faults[:20])}", "mend what is named, then save it again")


def _faults(sheet: Sheet) -> Iterator[str]:
    if sheet.task not in KINDS:
        yield f"task: expected one of {' '.join(KINDS)}, got {str(sheet.task)[:60]!r}"
    if not 1 <= sheet.version <= 10**9:
        yield f"version: expected 1 or more, got {sheet.version}"
    if not _TAG.fullmatch(sheet.language):
        yield f"language: expected a BCP 47 tag, got {sheet.language[:60]!r}"
    if len(sheet.warning) > 100 or not _plain(sheet.warning + "x"):
        yield f"warning: expected 100 characters at most on one line, got {sheet.warning[:60]!r}"
    yield from _label_faults(sheet.labels)
    yield from _names_faults("points", sheet.points)
    yield from _names_faults("reasons", sheet.reasons)
    yield from _words_faults("guideline", sheet.guideline, _LONG)
    for at, each in enumerate(sheet.examples):
        if not _text(each.text, _LONG):
            yield f"examples[{at}].text: expected text of up to {_LONG:,} characters"
        if not _text(each.value, _LONG):
            yield f"examples[{at}].value: expected text of up to {_LONG:,} characters"
        yield from _words_faults(f"examples[{at}].why", each.why, _LONG)
    if len(sheet.examples) > MOST:
        yield f"examples: expected {MOST} at most, got {len(sheet.examples)}"
    yield from _scale_faults(sheet)


def _label_faults(labels: Sequence[Label]) -> Iterator[str]:
    yield from _names_faults("labels", [each.value for each in labels], ".value")
    keys = Counter(each.key for each in labels if each.key)
    for at, each in enumerate(labels[:MOST]):
        if each.key and (len(each.key) > 1 or not _plain(each.key) or each.key.isspace()):
            yield f"labels[{at}].key: expected one character, got {each.key[:60]!r}"
        elif keys[each.key] > 1:
            yield f"labels[{at}].key: {each.key!r} is another label's too"
        yield from _words_faults(f"labels[{at}].names", each.names, _SHORT)
        yield from _words_faults(f"labels[{at}].about", each.about, _LONG)


def _names_faults(path: str, names: Sequence[str], part: str = "") -> Iterator[str]:
    if len(names) > MOST:
        yield f"{path}: expected {MOST} at most, got {len(names)}"
    seen: set[str] = set()
    for at, each in enumerate(names[:MOST]):
        if not (1 <= len(each) <= _SHORT and _plain(each) and each == each.strip()):
            yield f"{path}[{at}]{part}: expected 1 to {_SHORT} characters on one line, got {each[:60]!r}"
        elif each in seen:
            yield f"{path}[{at}]{part}: {each!r} stands there twice"
        seen.add(each)


def _words_faults(path: str, words: Mapping[str, str], longest: int) -> Iterator[str]:
    for tag, text in words.items():
        if not _TAG.fullmatch(tag):
            yield f"{path}: expected BCP 47 tags, got {tag[:60]!r}"
        elif not _text(text, longest):
            yield f"{path}.{tag}: expected text of up to {longest:,} characters"


def _scale_faults(sheet: Sheet) -> Iterator[str]:
    if sheet.scale is None:
        if sheet.task == "score":
            yield "scale: expected [low, high, step] for a score, got nothing"
        return
    low, high, step = sheet.scale
    if not (all(map(isfinite, sheet.scale)) and low < high and 0 < step <= (high - low) * (1 + 1e-9)):
        yield f"scale: expected low < high and a step within, got {list(sheet.scale)}"
    elif (high - low) / step > 1e6:
        yield f"scale: expected a million steps at most, got {list(sheet.scale)}"


def _plain(text: str) -> bool:
    """Say whether a text has one line, nothing invisible but joiners, and nothing that no file can hold."""
    return all(each.isprintable() or each in "\u200b\u200c\u200d" for each in text)


def _text(text: str, longest: int) -> bool:
    return len(text) <= longest and not any(each == "\x00" or "\ud800" <= each <= "\udfff" for each in text)

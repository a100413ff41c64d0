"""What a report is made of: a page of sections of blocks, as frozen values any renderer can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.types import Finding, Verdict

Align = Literal["left", "right"]

_PNG = b"\x89PNG\r\n\x1a\n"
_SEVERITY: tuple[Verdict, ...] = ("fail", "warn", "pass", "skip")


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words; a blank line starts a new paragraph, nothing else is markup."""

    text: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(each.strip() for each in self.text.split("\n\n") if each.strip())


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and the claim it supports, said first in its caption; `note` is the small print."""

    spec: Mapping[str, Json]
    caption: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, a header, a caption, and each column's side (numbers right); left where `align` is short."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    align: Sequence[Align] = ()

    def side(self, column: int) -> Align:
        return self.align[column] if column < len(self.align) else "left"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and their values, side by side."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What checks found; shown worst first."""

    findings: Sequence[Finding]

    @property
    def ranked(self) -> tuple[Finding, ...]:
        return tuple(sorted(self.findings, key=lambda each: _SEVERITY.index(each.verdict)))

    @property
    def tally(self) -> str:
        """Count verdicts in words, worst first.

        >>> Findings([Finding("leakage", "pass", "none"), Finding("licence", "fail", "unknown")]).tally
        '1 failed, 1 passed'
        """
        words = {"fail": "failed", "warn": "to watch", "pass": "passed", "skip": "skipped"}
        counts = {verdict: sum(each.verdict == verdict for each in self.findings) for verdict in _SEVERITY}
        return ", ".join(f"{n} {words[verdict]}" for verdict, n in counts.items() if n)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG (a contact sheet, a sample) with its caption and what it shows in words; raises InputError if not PNG."""

    png: bytes
    caption: str
    alt: str

    def __post_init__(self) -> None:
        if not self.png.startswith(_PNG) or len(self.png) < 24:
            raise InputError(f"picture begins with {self.png[:8]!r}, a PNG was expected", "save the image as PNG")

    @property
    def size(self) -> tuple[int, int]:
        return int.from_bytes(self.png[16:20], "big"), int.from_bytes(self.png[20:24], "big")


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be copied as it stands: a command, a key, a configuration."""

    text: str


Block: TypeAlias = Text | Figure | Table | Facts | Findings | Picture | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its blocks; figures and pictures that follow each other stand side by side."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Page:
    """A report: the answer first, one sentence a reader can forward, then the evidence."""

    title: str
    answer: str
    subtitle: str = ""
    sections: Sequence[Section] = ()
    footer: str = ""
    language: str = "en"

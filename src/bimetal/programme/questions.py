"""Questions to people as files to fill in, and their answers read back: one row an item, pictures and sounds beside."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from bimetal.canonical import digest
from bimetal.errors import InputError
from bimetal.payload import modality
from bimetal.store import files
from bimetal.store.tables import read_table, write_table
from bimetal.types import Annotation

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDINGS = {"image": "png", "audio": "wav"}
SOUND_MARKS = {b"fLaC": "flac"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """How questions are written: the label column's name, the labels allowed, and how many people answer each item."""

    label: str
    labels: tuple[str, ...]
    raters: int = 1

    def raters_of(self, number: int) -> dict[str, str]:
        """Name the file of each rater for the questions of one rung.

        >>> Sheet("label", ("a", "b"), 2).raters_of(1)
        {'rater-1': 'questions-1-rater-1.csv', 'rater-2': 'questions-1-rater-2.csv'}
        """
        if self.raters == 1:
            return {"rater-1": f"questions-{number}.csv"}
        return {f"rater-{each}": f"questions-{number}-rater-{each}.csv" for each in range(1, self.raters + 1)}


def write_questions(folder: Path, number: int, questions: pa.Table, sheet: Sheet) -> tuple[Path, ...]:
    """Write one file a rater with id, payload, an empty label and the rater; a file that is there stays as it is.

    Pictures and sounds are written to files beside it, and the file names them.
    """
    shown = _shown(folder, questions)
    empty = pa.array([""] * shown.num_rows, pa.string())
    written = []
    for rater, name in sheet.raters_of(number).items():
        who = pa.array([rater] * shown.num_rows, pa.string())
        path = folder / name
        if not path.exists():
            write_table(shown.append_column(sheet.label, empty).append_column("annotator", who), str(path))
        written.append(path)
    return tuple(written)


def read_answers(path: Path, sheet: Sheet, asked: frozenset[str], at: datetime) -> list[Annotation]:
    """Read a filled file, empty labels left out; raises InputError, in one sentence, for what cannot be taken."""
    table = read_table(str(path), ("id", sheet.label, "annotator"))
    missing = [name for name in ("id", sheet.label) if name not in table.column_names]
    if missing:
        raise InputError(
            f"{path.name} has no column {missing[0]!r}, only: {', '.join(table.column_names)}",
            "fill in the file that was written, and keep its columns",
        )
    who = table["annotator"].to_pylist() if "annotator" in table.column_names else [None] * table.num_rows
    rows = [
        (str(item or ""), "" if value is None else str(value).strip(), str(name or "rater-1"))
        for item, value, name in zip(table["id"].to_pylist(), table[sheet.label].to_pylist(), who, strict=True)
    ]
    _refuse(path, rows, sheet, asked)
    return [
        Annotation(digest([item, name, value]), item, name, "human", value, at) for item, value, name in rows if value
    ]


def _refuse(path: Path, rows: Sequence[tuple[str, str, str]], sheet: Sheet, asked: frozenset[str]) -> None:
    strange = [item or "(no id)" for item, _, _ in rows if item not in asked]
    if strange:
        raise InputError(
            f"{path.name} answers {len(strange)} items nobody was asked about: {_first(strange)}",
            "fill in the file that was written, and keep its ids",
        )
    twice = _repeated((item, name) for item, _, name in rows)
    if twice:
        raise InputError(
            f"{path.name} holds {len(twice)} items twice for one annotator: {_first([item for item, _ in twice])}",
            "keep one row an item and annotator",
        )
    unknown = [(item, value) for item, value, _ in rows if value and value not in sheet.labels]
    if unknown:
        item, value = unknown[0]
        near = difflib.get_close_matches(value, sheet.labels, 1)
        raise InputError(
            f"{path.name} holds {len(unknown)} unknown labels, first {value!r} for {item}",
            f"did you mean {near[0]!r}?" if near else f"write one of: {', '.join(sheet.labels[:20])}",
        )


def _repeated(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    return [key for key in keys if key in seen or seen.add(key)]  # type: ignore[func-returns-value]  # add gives None


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


def _shown(folder: Path, questions: pa.Table) -> pa.Table:
    kind = modality(questions)
    if kind not in ENDINGS:
        return questions
    paths = [
        _beside(folder / f"{kind}s", str(item), content)
        for item, content in zip(questions["id"].to_pylist(), _encoded(questions, kind), strict=True)
    ]
    column = pa.array([str(path.relative_to(folder)) for path in paths], pa.string())
    return questions.set_column(questions.column_names.index(kind), kind, column)


def _encoded(questions: pa.Table, kind: str) -> list[bytes]:
    if not isinstance(questions[kind].type, pa.FixedShapeTensorType):
        return [each if isinstance(each, bytes) else b"" for each in questions[kind].to_pylist()]
    import io

    from PIL import Image

    from bimetal.payload import pixels

    encoded = []
    for picture in pixels(questions):
        sink = io.BytesIO()
        Image.fromarray(picture).save(sink, "PNG")
        encoded.append(sink.getvalue())
    return encoded


def _beside(folder: Path, item: str, content: bytes) -> Path:
    known = re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}", item)
    name = item if known else hashlib.sha256(item.encode()).hexdigest()[:20]
    ending = SOUND_MARKS.get(content[:4], ENDINGS[folder.name.removesuffix("s")])
    path = folder / f"{name}.{ending}"
    if not path.exists():
        files.write(path, content)
    return path

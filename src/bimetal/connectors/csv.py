"""CSV: a line an answer, with the item, who gave it and when; items without answers have one line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
from pyarrow import csv as arrow_csv

from bimetal.connectors._answers import labels_of, revived, told
from bimetal.connectors._items import by_item, fetched, items, payload_names, uri
from bimetal.connectors._losses import ANSWER, EVERYTHING, PROVENANCE, losses
from bimetal.connectors._reading import only, shown, table, text_of
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss

_TASKS = (
    *("classification", "tags", "spans", "boxes", "polygons", "keypoints"),
    *("pairs", "ranking", "best-worst", "score", "text"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OURS = ("task", "answer", "value", *ANSWER)
_WORDS = ("id", "text", "image", "audio", "prompt", "label", *PROVENANCE)


@dataclass(frozen=True)
class Csv:
    """Read and write plain CSV, exactly as the values are; `task` says what labels mean where no column `task` does.

    `spreadsheet` puts ' before cells a spreadsheet would take for a formula, and takes it away when reading: open
    strangers' texts in one only after that.
    """

    task: str = "classification"
    spreadsheet: bool = False
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def __post_init__(self) -> None:
        if self.task not in _TASKS:
            raise InputError(f"task is {self.task!r}", f"expected one of: {', '.join(_TASKS)}")

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        name, raw = only(files, ".csv")
        lines = [{key: self._unguarded(cell) for key, cell in line.items()} for line in _lines(name, raw)]
        said = {line["task"] for line in lines if line.get("task")}
        task = said.pop() if len(said) == 1 and said <= set(_TASKS) else self.task
        rows: dict[str, dict[str, Any]] = {}
        answers = []
        for at, line in enumerate(lines):
            row = _row(f"{name} row {at + 1:,}", line, files)
            bare = {key: value for key, value in row.items() if key != "label"}
            known = rows.setdefault(row["id"], row)
            if {key: value for key, value in known.items() if key != "label"} != bare:
                raise InputError(
                    f"item {shown(row['id'])} stands twice, differently", "give each item an id of its own"
                )
            if known is not row and not line.get("annotator"):
                raise InputError(f"item {shown(row['id'])} stands twice", "name the annotator of each line")
            if line.get("annotator"):
                answers.append(_answer(row["id"], line, at))
        typed = _typed(list(rows.values()))
        labels = labels_of(task, [*(each.value for each in answers), *(row.get("label") for row in typed)])
        return Exchange(table(typed), task, labels, tuple(answers))

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `answers.csv`; bytes go in as data URIs."""
        shared = ["id", *(name for name in exchange.rows.column_names if name != "id"), "task"]
        given = by_item(exchange.annotations)
        header = [*shared, *(["answer", "value", *ANSWER] if given else [])]
        yield "answers.csv", _written([header])
        for row in items(exchange.rows):
            head = [row.get(name) if name != "task" else exchange.task for name in shared]
            said = [{**told(each), "answer": each.id, "value": each.value} for each in given.get(row["id"], ())]
            tails = [[each[name] for name in header[len(shared) :]] for each in said] or [
                [None] * (len(header) - len(shared))
            ]
            yield "answers.csv", _written([[self._guarded(cell) for cell in [*head, *tail]] for tail in tails])

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        own = {"labels": "labels that no answer gives", "empty_texts": "a cell cannot tell an empty text from none"}
        if any(pa.types.is_string(exchange.rows[name].type) for name in _plain(exchange.rows)):
            own["types"] = "a column whose cells are all numbers is read as numbers"
        return losses(exchange, EVERYTHING, **own)

    def _guarded(self, cell: Any) -> Any:
        text = uri(cell) if isinstance(cell, bytes) else "" if cell is None else _text(cell)
        return f"'{text}" if self.spreadsheet and text.startswith((*_FORMULA, "'")) else text

    def _unguarded(self, cell: str) -> str:
        guarded = self.spreadsheet and cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'"))
        return cell[1:] if guarded else cell


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)


def _plain(rows: pa.Table) -> list[str]:
    return [name for name in payload_names(rows) if name not in _WORDS and not name.startswith("text_")]


def _written(lines: Sequence[Sequence[Any]]) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerows(lines)
    return sink.getvalue().encode()


def _lines(name: str, raw: bytes) -> list[dict[str, str]]:
    text = text_of(name, raw)
    try:
        header = next(csv.reader(io.StringIO(text[:100_000], newline="")), [])
    except csv.Error as fault:
        raise InputError(f"{name} has no header that can be read: {fault}", "begin with a line of names") from fault
    if len(set(header)) < len(header) or not all(header):
        raise InputError(f"{name} has a column without a name, or one twice", "name each column once")
    if "id" not in header:
        raise InputError(f"{name} has no column 'id'", f"name the column of ids; there are: {', '.join(header)[:200]}")
    try:
        found = arrow_csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=arrow_csv.ReadOptions(block_size=min(max(len(raw) + 1, 1 << 20), (1 << 31) - 1)),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types={each: pa.string() for each in header}, strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, OSError) as fault:
        raise InputError(
            f"{name} is no CSV: {str(fault)[:120]}", "give every line as many cells as the header"
        ) from fault
    return [{key: value or "" for key, value in line.items()} for line in found.to_pylist()]


def _row(where: str, line: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, Any]:
    label = line.get("label") if "value" in line or not line.get("annotator") else None
    row: dict[str, Any] = {key: cell or None for key, cell in line.items() if key not in {*_OURS, "label"}}
    row["id"] = line["id"]
    for key in {"image", "audio"} & set(row):
        row[key] = None if row[key] is None else fetched(where, row[key], files, "images")
    return row | ({"label": label or None} if "label" in line and ("value" in line or "annotator" not in line) else {})


def _answer(item: str, line: Mapping[str, str], at: int) -> Any:
    value = (line["value"] if "value" in line else line.get("label")) or None
    said: dict[str, Any] = {name: line[name] for name in ANSWER if line.get(name)}
    said |= {name: _number(item, name, line[name]) for name in ("seconds", "round", "guideline") if line.get(name)}
    return revived(item, value, {**said, "id": line.get("answer")}, at)


def _number(item: str, name: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError as fault:
        raise InputError(f"{name} of an answer to {shown(item)} is {shown(cell)}", "expected a number") from fault


def _typed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn plain columns whose every cell is a number to numbers; 007 is none."""
    names = [name for name in (rows[0] if rows else ()) if name not in _WORDS and not name.startswith("text_")]
    for name in names:
        kinds = [_as_number(row[name]) for row in rows if row[name] is not None]
        if kinds and all(each is not None for each in kinds):
            rows = [{**row, name: None if row[name] is None else _as_number(row[name])} for row in rows]
    return rows


def _as_number(cell: str) -> float | int | None:
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return value if number else None

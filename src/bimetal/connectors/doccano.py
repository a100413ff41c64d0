"""doccano's JSON Lines: one file an annotator, with labels, spans or texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from bimetal.connectors._answers import labels_of, revived
from bimetal.connectors._items import by_item, items, parsed, provenance, spelled
from bimetal.connectors._losses import PROVENANCE, losses, refuse_task
from bimetal.connectors._reading import filled, lines_of, listed, named, number, record, shown, table, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss
from bimetal.types import Annotation

_NOBODY = ("all", "unknown")  # doccano's names for a shared project's file, and for items nobody answered
_TASKS = ("classification", "tags", "spans", "text")


@dataclass(frozen=True)
class Doccano:
    """Read and write doccano's JSONL; columns beside text and label travel as doccano's metadata.

    `task` says what labels mean where the file does not: one word a line may be a class, a tag or a text.
    """

    task: str = ""
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def __post_init__(self) -> None:
        if self.task and self.task not in _TASKS:
            raise InputError(f"task is {self.task!r}", f"expected one of: {', '.join(_TASKS)}")

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        names = named(files, ".jsonl")
        lines = {name: list(lines_of(name, filled(files, name))) for name in names}
        task = self.task or _kind([each for read in lines.values() for _, each in read])
        rows: dict[str, dict[str, Any]] = {}
        answers: list[Annotation] = []
        for name, read in lines.items():
            who = _author(name, read, alone=len(names) == 1)
            seen: set[str] = set()
            for where, each in read:
                row = _row(where, each)
                if row["id"] in seen or rows.setdefault(row["id"], row)["text"] != row["text"]:
                    raise InputError(
                        f"{where}: item {shown(row['id'])} stands twice", "give each text an id of its own"
                    )
                seen.add(row["id"])
                value = _value(task, where, each, row["text"])
                if who and value is not None:
                    answers.append(revived(row["id"], value, {"annotator": who}))
                elif value is not None:
                    rows[row["id"]]["label"] = value
        labels = labels_of(task, [*(each.value for each in answers), *(row.get("label") for row in rows.values())])
        return Exchange(table(list(rows.values())), task, labels, tuple(answers))

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write a file an annotator, and `unknown.jsonl` for items nobody answered; without answers, `all.jsonl`."""
        refuse_task(exchange, "doccano", self.tasks)
        given = [each for each in exchange.annotations if each.status == "submitted"]
        answered = by_item(given)
        for who in sorted({each.annotator for each in given}):
            for row in items(exchange.rows):
                for each in answered.get(row["id"], ()):
                    if each.annotator == who:
                        yield f"{quote(who, safe='')}.jsonl", _line(exchange.task, row, each.value)
        rest = "unknown.jsonl" if given else "all.jsonl"
        for row in items(exchange.rows):
            if row["id"] not in answered:
                yield rest, _line(exchange.task, row, None if given else row.get("label"))

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        given = any(each.status == "submitted" for each in exchange.annotations)
        carried = {*PROVENANCE, "answers", "annotator", "unlabelled", *(() if given else ("label",))}
        return losses(exchange, carried, labels="labels that no answer gives")


def _line(task: str, row: Mapping[str, Any], value: str | None) -> bytes:
    label: list[Any] = []
    if value is not None:
        label = [value] if task in {"classification", "text"} else parsed(value)
    if task == "spans":
        label = [[each["start"], each["end"], each["label"]] for each in label]
    other = {name: row[name] for name in row if name not in {"id", "text", "label"} and row[name] is not None}
    ours = {**other, **provenance(row), "item": row["id"], "task": task, "answered": value is not None}
    return json.dumps({"text": row["text"], "label": label, **ours}, ensure_ascii=False).encode() + b"\n"


def _author(name: str, read: list[tuple[str, dict[str, Any]]], *, alone: bool) -> str:
    """Name the annotator by the file; a file alone is a shared project's unless it says that it is ours."""
    who = unquote(PurePosixPath(name).stem)
    ours = bool(read) and "item" in read[0][1]
    return "" if who in _NOBODY or (alone and not ours) else who


def _row(where: str, each: Mapping[str, Any]) -> dict[str, Any]:
    text = each.get("text", each.get("data"))
    if not isinstance(text, str):
        raise InputError(f"{where} has no text", "export doccano as JSONL")
    name = each.get("item", each.get("id"))
    other = {"id", "item", "text", "data", "label", "labels", "entities", "relations", "Comments", "task", "answered"}
    kept = {key: value for key, value in each.items() if key not in other and not isinstance(value, dict | list)}
    return {"id": where if name is None else word(f"{where} id", name), "text": text, **kept}


def _labels(each: Mapping[str, Any]) -> Any:
    return each.get("label", each.get("labels", each.get("entities", [])))


def _kind(read: list[dict[str, Any]]) -> str:
    said = {str(each.get("task")) for each in read}
    if len(said) == 1 and said <= set(_TASKS):
        return said.pop()
    labels = [each for line in read for each in (_labels(line) or [])]
    if any(isinstance(each, list | dict) for each in labels):
        return "spans"
    several = any(isinstance(_labels(line), list) and len(_labels(line)) > 1 for line in read)
    return "tags" if several else "classification"


def _value(task: str, where: str, each: Mapping[str, Any], text: str) -> str | None:
    said = _labels(each)
    said = [said] if isinstance(said, str) else listed(f"{where} label", said)
    if not each.get("answered", bool(said)):  # doccano spells a text without spans like one nobody looked at
        return None
    if task == "spans":
        return spelled([_span(where, each, text) for each in sorted(said, key=str)])
    words = [word(f"{where} label", each) for each in said]
    if task == "tags":
        return spelled(sorted(set(words)))
    if len(words) != 1:
        raise InputError(f"{where} has {len(words)} labels, expected one", "pass task=tags where several may be given")
    return words[0]


def _span(where: str, said: Any, text: str) -> dict[str, Any]:
    if isinstance(said, list) and len(said) == 3:
        start, end, label = said
    else:
        one = record(f"{where} span", said)
        start, end, label = one.get("start_offset"), one.get("end_offset"), one.get("label")
    begin, stop = int(number(f"{where} start", start)), int(number(f"{where} end", end))
    if not 0 <= begin < stop <= len(text):
        raise InputError(f"{where} marks {begin} to {stop} of {len(text)} characters", "export it again")
    return {"start": begin, "end": stop, "label": word(f"{where} label", label)}

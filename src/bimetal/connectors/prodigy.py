"""Prodigy's JSON Lines: choices and spans, accepted, rejected or ignored, by annotator and session."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bimetal.canonical import digest
from bimetal.connectors._answers import labels_of, revived, told
from bimetal.connectors._items import by_item, items, parsed, provenance, spelled
from bimetal.connectors._losses import EVERYTHING, PROVENANCE, losses, refuse_task
from bimetal.connectors._reading import lines_of, listed, number, only, record, shown, table, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss
from bimetal.types import Annotation

_OURS = "bimetal"  # a field of our own; Prodigy passes on fields it does not know
_TASKS = ("classification", "tags", "spans")


@dataclass(frozen=True)
class Prodigy:
    """Read and write Prodigy's JSONL; an ignored or rejected line is a skipped answer that says which of the two."""

    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        name, raw = only(files, ".jsonl")
        read = list(lines_of(name, raw))
        task = _kind([each for _, each in read])
        rows: dict[str, dict[str, Any]] = {}
        answers: list[Annotation] = []
        labels: list[str] = []
        for where, each in read:
            row = _row(where, each)
            if rows.setdefault(row["id"], row)["text"] != row["text"]:
                raise InputError(
                    f"{where}: item {shown(row['id'])} has another text", "give each text an id of its own"
                )
            options = [record(f"{where} option", option) for option in listed(where, each.get("options", []))]
            labels += [word(f"{where} option", option.get("id")) for option in options]
            if "answer" in each:
                answers.append(_answer(task, where, each, row, len(answers)))
        used = labels_of(task, [*(each.value for each in answers), *(row.get("label") for row in rows.values())])
        found = tuple(dict.fromkeys([*labels, *used]))
        return Exchange(table(list(rows.values())), task, found, tuple(answers))

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `answers.jsonl`: a line an answer, and one without `answer` for an item nobody answered."""
        refuse_task(exchange, "Prodigy", self.tasks)
        given = by_item(exchange.annotations)
        for row in items(exchange.rows):
            answered: list[Annotation | None] = list(given.get(row["id"], ()))
            for each in answered or [None]:
                line = json.dumps(_line(exchange, row, each), ensure_ascii=False)
                yield "answers.jsonl", line.encode() + b"\n"

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        own = {"labels": "labels that no answer gives"} if exchange.task == "spans" else {}
        return losses(exchange, EVERYTHING, **own)


def _line(exchange: Exchange, row: Mapping[str, Any], each: Annotation | None) -> dict[str, Any]:
    plain = {
        name: value for name, value in row.items() if name not in {"id", "label", *PROVENANCE} and value is not None
    }
    ours = {"item": row["id"], "task": exchange.task, "label": row.get("label"), **provenance(row)}
    line: dict[str, Any] = {**plain, _OURS: ours | ({"answer": told(each)} if each else {})}
    if exchange.task == "spans":
        line["_view_id"] = "spans_manual"
        line["spans"] = [] if each is None or each.value is None else parsed(each.value)
    else:
        line["_view_id"] = "choice"
        line["config"] = {"choice_style": "multiple" if exchange.task == "tags" else "single"}
        line["options"] = [{"id": label, "text": label} for label in exchange.labels]
        accepted = [] if each is None or each.value is None else [each.value]
        line["accept"] = parsed(accepted[0]) if accepted and exchange.task == "tags" else accepted
    if each is not None:
        line["answer"] = "ignore" if each.status == "skipped" else "accept"
        line |= {"_annotator_id": each.annotator, "_session_id": each.annotator, "_timestamp": int(each.at.timestamp())}
    return line


def _ours(each: Mapping[str, Any]) -> Mapping[str, Any]:
    ours = each.get(_OURS)
    return ours if isinstance(ours, dict) else {}


def _row(where: str, each: Mapping[str, Any]) -> dict[str, Any]:
    ours, text = _ours(each), each.get("text")
    if not isinstance(text, str):
        raise InputError(f"{where} has no text", "export a dataset of texts")
    name = ours.get("item", each.get("_input_hash", digest(text)[:16]))
    other = {"text", "spans", "tokens", "options", "accept", "answer", "label", "config", "meta", _OURS}
    kept = {
        key: value
        for key, value in each.items()
        if key not in other and not key.startswith("_") and not isinstance(value, dict | list)
    }
    said = {key: word(where, ours[key]) for key in (*PROVENANCE, "label") if ours.get(key) is not None}
    return {"id": word(f"{where} item", name), "text": text, **kept, **said}


def _kind(read: list[dict[str, Any]]) -> str:
    said = {str(_ours(each).get("task", "")) for each in read}
    if len(said) == 1 and said <= set(_TASKS):
        return said.pop()
    if any("spans" in each and "accept" not in each for each in read):
        return "spans"
    accepted = (each.get("accept") for each in read)
    return "tags" if any(isinstance(each, list) and len(each) > 1 for each in accepted) else "classification"


def _answer(task: str, where: str, each: Mapping[str, Any], row: Mapping[str, Any], place: int) -> Annotation:
    answer, own = each.get("answer"), _ours(each).get("answer")
    if answer not in ("accept", "reject", "ignore"):  # may be a list, which no set takes
        raise InputError(f"{where} has the answer {shown(answer)}", "expected accept, reject or ignore")
    who = each.get("_annotator_id") or each.get("_session_id")
    said: dict[str, Any] = {"annotator": who, "at": each.get("_timestamp")}
    if answer != "accept":
        said |= {"status": "skipped", "reason": f"{answer}ed" if answer == "reject" else "ignored"}
    said |= record(f"{where} answer", own) if own is not None else {}
    value = _value(task, where, each, str(row["text"])) if answer == "accept" else None
    return revived(str(row["id"]), value, said, place)


def _value(task: str, where: str, each: Mapping[str, Any], text: str) -> str:
    if task == "spans":
        return spelled([_span(where, span, text) for span in listed(f"{where} spans", each.get("spans") or [])])
    said = each["accept"] if "accept" in each else [each.get("label")]
    words = [word(f"{where} accept", choice) for choice in listed(f"{where} accept", said)]
    if task == "tags":
        return spelled(sorted(set(words)))
    if len(words) != 1:
        raise InputError(f"{where} accepts {len(words)} choices, expected one", "correct the line, or leave it out")
    return words[0]


def _span(where: str, said: Any, text: str) -> dict[str, Any]:
    span = record(f"{where} span", said)
    start, end = (int(number(f"{where} {name}", span.get(name))) for name in ("start", "end"))
    if not 0 <= start < end <= len(text):
        raise InputError(f"{where} marks {start} to {end} of {len(text)} characters", "export it again")
    return {"start": start, "end": end, "label": word(f"{where} label", span.get("label"))}

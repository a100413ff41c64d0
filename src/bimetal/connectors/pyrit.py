"""PyRIT's memory exports in JSON or CSV: prompts as sent, their converters, and how replies were scored."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bimetal.connectors._items import by_item, items
from bimetal.connectors._losses import EVERYTHING, losses, refuse_task
from bimetal.connectors._probes import OURS, THRESHOLD, carried, exchanged, judged, outcome, regained
from bimetal.connectors._reading import json_of, listed, number, only, record, shown, text_of, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss
from bimetal.types import Annotation

_TASKS = ("classification",)
_NESTED = (
    *("labels", "prompt_metadata", "converter_identifiers", "prompt_target_identifier", "attack_identifier"),
    *("orchestrator_identifier", "scorer_identifier", "scores", "targeted_harm_categories"),
)


@dataclass(frozen=True)
class Pyrit:
    """Read what PyRIT's `export_conversations` writes: an item a text sent by the user's side, its label hit or safe.

    Columns: `original` before converters, `converters` joined by +, `attack`, `family` (harm categories joined by +),
    `conversation`, `error`, and `reply`, which came back. Scores of the prompt and its reply are answers by models; a
    true or a scale of .5 is a hit, but for refusal scorers, whose true is safe and whose false says nothing.
    """

    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        name, raw = only(files, ".json", ".csv")
        pieces = _from_csv(name, raw) if name.lower().endswith(".csv") else _from_json(name, raw)
        replies = {_turn(where, each, 1): (where, each) for where, each in pieces if each.get("role") == "assistant"}
        rows: list[dict[str, Any]] = []
        answers: list[Annotation] = []
        left = 0
        for where, each in pieces:
            own = each.get("prompt_metadata")
            if isinstance(own, dict) and OURS in own:
                row, said = regained(where, json_of(where, word(f"{where} {OURS}", own[OURS]).encode()))
            elif each.get("role") != "user":
                continue
            elif each.get("converted_value_data_type", "text") != "text":
                left += 1
                continue
            else:
                row, said = _row(where, each, replies.get(_turn(where, each, 2)))
            rows.append(row)
            answers += said
        lost = (Loss("prompts", f"{left} prompts that are no text, such as pictures or sounds"),) if left else ()
        return exchanged(rows, answers, lost)

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `memory.json`: a piece an item; all that PyRIT has no place for stands in its metadata, as JSON."""
        refuse_task(exchange, "PyRIT", self.tasks)
        given, joint = by_item(exchange.annotations), "["
        for row in items(exchange.rows):
            ours = json.dumps(carried(row, given.get(row["id"], ())), ensure_ascii=False)
            text = {"original_value": row.get("original") or row["text"], "converted_value": row["text"]}
            kinds = {"original_value_data_type": "text", "converted_value_data_type": "text"}
            piece = {"id": row["id"], "role": "user", "conversation_id": row["id"], "sequence": 0, **text, **kinds}
            line = json.dumps({**piece, "prompt_metadata": {OURS: ours}, "scores": []}, ensure_ascii=False)
            yield "memory.json", f"{joint}\n{line}".encode()
            joint = ","
        yield "memory.json", b"\n]\n" if joint == "," else b"[]\n"

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        return losses(exchange, EVERYTHING, labels="labels that no answer gives")


_Placed = list[tuple[str, dict[str, Any]]]


def _from_json(name: str, raw: bytes) -> _Placed:
    pieces = listed(name, json_of(name, raw))
    return [(f"{name} piece {at:,}", record(f"{name} piece {at:,}", each)) for at, each in enumerate(pieces, 1)]


def _from_csv(name: str, raw: bytes) -> _Placed:
    """Read lines whose nested cells are spelled as Python spells them: literals are parsed, nothing is run."""
    try:
        lines = list(csv.DictReader(io.StringIO(text_of(name, raw), newline="")))
    except csv.Error as fault:
        raise InputError(f"{name} is no CSV: {fault}", "export it again, as JSON") from fault
    if not lines or not {"id", "role", "converted_value"} <= set(lines[0]):
        raise InputError(f"{name} lacks the columns id, role and converted_value", "pass an export of PyRIT's memory")
    return [(f"{name} row {at:,}", _revalued(f"{name} row {at:,}", line)) for at, line in enumerate(lines, 1)]


def _revalued(where: str, line: Mapping[Any, Any]) -> dict[str, Any]:
    if None in line or None in line.values():
        raise InputError(f"{where} has more or fewer cells than the header", "export it again, as JSON")
    found: dict[str, Any] = {key: cell for key, cell in line.items() if cell}
    for key in _NESTED:
        if key in found:
            try:
                found[key] = ast.literal_eval(found[key])
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as fault:
                raise InputError(f"{where} {key} is {shown(found[key])}", "export it again, as JSON") from fault
    return found


def _turn(where: str, piece: Mapping[str, Any], step: int) -> tuple[str, float]:
    """Name the place in a conversation that a reply has, given the reply (1) or what it replies to (2)."""
    sequence = piece.get("sequence", -1)
    place = number(f"{where} sequence", _as_number(sequence) if isinstance(sequence, str) else sequence)
    return word(f"{where} conversation_id", piece.get("conversation_id") or "none"), place + step


def _as_number(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell


def _row(
    where: str, piece: Mapping[str, Any], reply: tuple[str, dict[str, Any]] | None
) -> tuple[dict[str, Any], list[Annotation]]:
    item = word(f"{where} id", piece.get("id"))
    text = word(f"{where} converted_value", piece.get("converted_value") or piece.get("original_value"))
    answers = [each for at, one in [(where, piece), *([reply] if reply else [])] for each in _scored(at, one, item)]
    used = [_named(each) for each in listed(f"{where} converters", piece.get("converter_identifiers") or [])]
    harms = listed(f"{where} categories", piece.get("targeted_harm_categories") or [])
    back = reply[1] if reply else {}
    row = {
        "id": item,
        "text": text,
        "original": _plain(piece.get("original_value")),
        "converters": "+".join(used) or None,
        "attack": _named(piece.get("attack_identifier") or piece.get("orchestrator_identifier")) or None,
        "family": "+".join(word(f"{where} category", each) for each in harms) or None,
        "conversation": _plain(piece.get("conversation_id")),
        "error": _plain(back.get("response_error")),
        "reply": _plain(back.get("converted_value")),
        "label": outcome(answers),
    }
    return row, answers


def _scored(where: str, piece: Mapping[str, Any], item: str) -> Iterator[Annotation]:
    for score in listed(f"{where} scores", piece.get("scores") or []):
        each = record(f"{where} score", score)
        judge = _named(each.get("scorer_class_identifier") or each.get("scorer_identifier"))
        value = str(each.get("score_value")).lower()
        refusal = "refusal" in judge.lower()
        if value in {"true", "false"}:
            hit = value == "true"
        else:
            hit = number(f"{where} score_value", _as_number(value)) >= THRESHOLD
        if refusal and not hit:
            continue
        yield judged(item, judge, hit and not refusal, {"id": each.get("id"), "at": each.get("timestamp")})


def _named(identifier: Any) -> str:
    """Name a component by `class_name`, or by `__type__`, as earlier versions of PyRIT have it."""
    if not isinstance(identifier, dict):
        return ""
    name = identifier.get("class_name") or identifier.get("__type__")
    return name if isinstance(name, str) else ""


def _plain(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None

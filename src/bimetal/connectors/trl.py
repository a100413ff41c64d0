"""TRL's JSON Lines for preference training: prompt, chosen, rejected; unpaired ones (KTO) are read too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bimetal.canonical import digest
from bimetal.connectors._items import items, provenance
from bimetal.connectors._losses import PROVENANCE, losses, refuse_task
from bimetal.connectors._reading import lines_of, only, record, shown, table, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss

_JUDGED = {True: "good", False: "bad"}


@dataclass(frozen=True)
class Trl:
    """Read and write preference pairs; which answer is a and which b is drawn from the texts, so that it tells nothing.

    Unpaired preferences (prompt, completion, label) become a classification into good and bad.
    """

    tasks: ClassVar[tuple[str, ...]] = ("pairs",)

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        name, raw = only(files, ".jsonl", ".json")
        read = list(lines_of(name, raw))
        unpaired = bool(read) and "completion" in read[0][1]
        rows = [_judged(where, each) if unpaired else _pair(where, each) for where, each in read]
        task, labels = ("classification", ("bad", "good")) if unpaired else ("pairs", ())
        turns = sum(isinstance(value, list) for _, each in read for value in each.values())
        lost = (Loss("roles", f"{turns} conversations became texts"),) if turns else ()
        return Exchange(table(rows), task, labels, (), lost)

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `preferences.jsonl`; provenance stands in columns that trainers leave aside."""
        refuse_task(exchange, "TRL", self.tasks)
        for row in items(exchange.rows):
            if row.get("label") in {"a", "b"}:
                better, worse = ("text_a", "text_b") if row["label"] == "a" else ("text_b", "text_a")
                prompt = {"prompt": row["prompt"]} if row.get("prompt") is not None else {}
                line = {**prompt, "chosen": row[better], "rejected": row[worse], "id": row["id"], **provenance(row)}
                yield "preferences.jsonl", json.dumps(line, ensure_ascii=False).encode() + b"\n"

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        labels = exchange.rows["label"].to_pylist() if "label" in exchange.rows.column_names else []
        ties = sum(each == "tie" for each in labels)
        own = {"ties": f"{ties} pairs that neither answer won are left out"} if ties else {}
        return losses(exchange, PROVENANCE, order="which of the two answers was a", **own)


def _pair(where: str, each: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: _text(f"{where} {name}", each.get(name)) for name in ("chosen", "rejected")}
    prompt = {"prompt": _text(f"{where} prompt", each["prompt"])} if each.get("prompt") is not None else {}
    drawn = digest([prompt.get("prompt"), *sorted(texts.values())])
    first = int(drawn[0], 16) % 2 == int(texts["chosen"] > texts["rejected"])
    a, b = ("chosen", "rejected") if first else ("rejected", "chosen")
    names = {"id": _id(each, drawn), **prompt, "text_a": texts[a], "text_b": texts[b]}
    return names | _said(where, each) | {"label": "a" if first else "b"}


def _judged(where: str, each: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(each.get("label"), bool):
        raise InputError(f"{where} has the label {shown(each.get('label'))}", "expected true or false")
    prompt, text = (_text(f"{where} {name}", each.get(name)) for name in ("prompt", "completion"))
    row = {"id": _id(each, digest([prompt, text])), "prompt": prompt, "text": text}
    return row | _said(where, each) | {"label": _JUDGED[each["label"]]}


def _id(each: Mapping[str, Any], drawn: str) -> str:
    return word("id", each["id"]) if each.get("id") is not None else drawn[:16]


def _said(where: str, each: Mapping[str, Any]) -> dict[str, str]:
    return {name: word(f"{where} {name}", each[name]) for name in PROVENANCE if each.get(name) is not None}


def _text(where: str, value: Any) -> str:
    """Read a text; a conversation becomes one, each turn behind its role where there are several."""
    if not isinstance(value, list):
        return word(where, value)
    turns = [record(where, each) for each in value]
    said = [(word(where, each.get("role")), word(where, each.get("content"))) for each in turns]
    return said[0][1] if len(said) == 1 else "\n\n".join(f"{role}: {content}" for role, content in said)

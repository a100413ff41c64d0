"""CoNLL's columns: a token a line, its tag last (BIO, BIOES or BILOU), a blank line after each text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bimetal.connectors._answers import labels_of
from bimetal.connectors._items import items, parsed, spelled
from bimetal.connectors._losses import losses, refuse_task
from bimetal.connectors._reading import filled, named, shown, table, text_of
from bimetal.connectors._tokens import tokens
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss

Span = tuple[int, int, str]
_BEGIN, _INSIDE, _END, _SINGLE = "B", "I", ("E", "L"), ("S", "U")


@dataclass(frozen=True)
class Conll:
    """Read and write token columns; texts are put together with one space between tokens, numbered as they come."""

    tasks: ClassVar[tuple[str, ...]] = ("spans",)

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        rows: list[dict[str, Any]] = []
        for name in named(files, ".conll", ".conllu", ".txt", ".tsv", ".bio"):
            for where, said, lines in _blocks(name, text_of(name, filled(files, name))):
                text, spans = _put_together(where, lines)
                label = spelled([{"start": start, "end": end, "label": label} for start, end, label in spans])
                rows.append({"id": said or f"{len(rows) + 1:07d}", "text": text, "label": label})
        found = table(rows)
        return Exchange(found, "spans", labels_of("spans", found["label"].to_pylist()))

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `texts.conll` in BIO, tokens cut at spaces, signs and the borders of spans."""
        refuse_task(exchange, "CoNLL", self.tasks)
        for row in items(exchange.rows):
            if row.get("label") is not None:
                kept, _ = flat(parsed(row["label"]))
                lines = [f"{token} {tag}\n" for token, tag in _tagged(row["text"], kept)]
                yield "texts.conll", "".join([*lines, "\n"] if lines else []).encode()

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        labels = exchange.rows["label"].to_pylist() if "label" in exchange.rows.column_names else []
        nested = sum(flat(parsed(each))[1] for each in labels if each is not None)
        own = {"nested_spans": f"{nested} spans that lie within or across a longer one"} if nested else {}
        return losses(
            exchange,
            (),
            ids="texts are numbered as they come",
            spaces="texts are put together from tokens with one space between, texts without a token are left out",
            labels="labels that no text uses",
            **own,
        )


def flat(spans: Sequence[Mapping[str, Any]]) -> tuple[list[Span], int]:
    """Keep spans that do not overlap, the longer before the shorter; also count those left out."""
    kept: list[Span] = []
    for each in sorted(spans, key=lambda span: (span["start"] - span["end"], span["start"], span["label"])):
        if all(each["end"] <= start or each["start"] >= end for start, end, _ in kept):
            kept.append((each["start"], each["end"], each["label"]))
    return sorted(kept), len(spans) - len(kept)


def _tagged(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    borders = {border for start, end, _ in spans for border in (start, end)}
    inside = {at: (start, label) for start, end, label in spans for at in range(start, end)}
    begun: set[int] = set()
    for start, end in tokens(text, borders):
        if start not in inside:
            yield text[start:end], "O"
            continue
        first, label = inside[start]
        yield text[start:end], f"{'I' if first in begun else 'B'}-{'_'.join(label.split())}"
        begun.add(first)


def _blocks(name: str, text: str) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Cut a file at blank lines into (where it begins, its id if a comment tells one, columns)."""
    lines: list[list[str]] = []
    said, begun = "", 1
    for at, line in enumerate([*text.split("\n"), ""], 1):
        columns = line.split()
        if line.startswith("# ") and " = " in line and not lines:
            key, _, value = line[2:].partition(" = ")
            said = value.strip() if key.strip() in {"id", "sent_id"} else said
        elif columns and columns[0] != "-DOCSTART-":
            begun = begun if lines else at
            lines.append(columns)
        elif lines:
            yield f"{name} line {begun:,}", said, lines
            lines, said = [], ""


def _put_together(where: str, lines: Sequence[Sequence[str]]) -> tuple[str, list[Span]]:
    """Join tokens with a space and find the spans; a tag that goes on from nothing begins anew, as IOB1 has it."""
    spans: list[Span] = []
    at, running = 0, ""
    for columns in lines:
        if len(columns) < 2:
            raise InputError(f"{where} has a line of one column: {shown(columns[0])}", "expected a token and its tag")
        end = at + len(columns[0])
        prefix, _, label = columns[-1].partition("-")
        if prefix != "O" and (not label or prefix not in {_BEGIN, _INSIDE, *_END, *_SINGLE}):
            raise InputError(f"{where} has the tag {shown(columns[-1])}", "expected O, or B-, I-, E- or S- and a label")
        if prefix in {_INSIDE, *_END} and running == label:
            spans[-1] = (spans[-1][0], end, label)
        elif prefix != "O":
            spans.append((at, end, label))
        running = label if prefix in {_BEGIN, _INSIDE} else ""
        at = end + 1
    return " ".join(columns[0] for columns in lines), spans

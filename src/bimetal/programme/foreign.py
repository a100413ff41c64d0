"""Answers given elsewhere, held to what answers given here are: one spelling, known labels, inside their item."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pyarrow as pa

from bimetal.annotation.forms import NUMBER
from bimetal.annotation.sheet import KINDS, LABELLED, Kind, Label, Sheet
from bimetal.annotation.shown import Shown
from bimetal.annotation.values import canonical, labelled
from bimetal.errors import InputError
from bimetal.plugins import Exchange

_DRAWN = frozenset({"boxes", "polygons", "keypoints"})


def checked(exchange: Exchange) -> Exchange:
    """Spell every answer and label the one way they are compared in; raises InputError naming the first that is none.

    Labels are those the file names or uses; a score's scale is as wide and as fine as its values.
    """
    if exchange.task not in KINDS:
        raise InputError(f"the file asks for {exchange.task}", f"import one of: {', '.join(KINDS)}")
    sheet, shown = sheet_of(exchange), {about.item: about for about in _items(exchange)}
    answers = []
    for each in exchange.annotations:
        if each.item not in shown:
            raise InputError(f"{each.annotator[:40]!r} answers item {each.item[:60]!r}, which is not there", "add it")
        value = None if each.value is None else _spelled(sheet, each.value, shown[each.item])
        answers.append(replace(each, value=value))
    rows = exchange.rows
    if "label" in rows.column_names:
        pairs = zip(rows["id"].to_pylist(), rows["label"].to_pylist(), strict=True)
        labels = [None if said is None else _spelled(sheet, said, shown[str(item)]) for item, said in pairs]
        rows = rows.set_column(rows.column_names.index("label"), "label", pa.array(labels, pa.string()))
    return replace(exchange, rows=rows, annotations=tuple(answers))


def sheet_of(exchange: Exchange) -> Sheet:
    """Make the sheet that answers were given by, as far as the file tells it."""
    labels = tuple(map(Label, exchange.labels)) if exchange.task in LABELLED else ()
    points = tuple(sorted(_points(exchange))) if exchange.task == "keypoints" else ()
    scale = _scale(exchange) if exchange.task == "score" else None
    return Sheet(cast(Kind, exchange.task), labels, scale=scale, points=points)


def _spelled(sheet: Sheet, value: str, about: Shown) -> str:
    try:
        return canonical(sheet, value, about)
    except InputError as fault:
        raise InputError(f"item {about.item[:60]!r}: {fault.message}", fault.hint or "correct the file") from fault


def _values(exchange: Exchange) -> Iterator[str]:
    yield from (each.value for each in exchange.annotations if each.value is not None)
    if "label" in exchange.rows.column_names:
        yield from (each for each in exchange.rows["label"].to_pylist() if each is not None)


def _points(exchange: Exchange) -> set[str]:
    things = [each for value in set(_values(exchange)) for each in labelled("keypoints", value)]
    return {str(name) for each in things for name in each["points"]}


def _scale(exchange: Exchange) -> tuple[float, float, float]:
    said = sorted(set(_values(exchange)))
    strange = next((each for each in said if not NUMBER.fullmatch(each)), None)
    if strange is not None:
        raise InputError(f"{strange[:40]!r} is no score", "write numbers")
    digits = max((len(each.partition(".")[2]) for each in said if "e" not in each.lower()), default=0)
    numbers = [float(each) for each in said] or [1.0, 5.0]
    step = 10.0 ** -min(digits, 6)
    return min(numbers), max(*numbers, min(numbers) + step), step


def _items(exchange: Exchange) -> Iterator[Shown]:
    for batch in exchange.rows.to_batches(max_chunksize=256):
        for row in batch.to_pylist():
            yield _shown(row, exchange.task)


def _shown(row: Mapping[str, Any], task: str) -> Shown:
    options = {
        name.removeprefix("text_"): str(value)
        for name, value in row.items()
        if name.startswith("text_") and len(name) == 6 and value is not None
    }
    size = _size(row) if task in _DRAWN else None
    return Shown(str(row["id"]), row.get("text"), options=options, size=size)


def _size(row: Mapping[str, Any]) -> tuple[int, int] | None:
    from PIL import Image

    if not isinstance(row.get("image"), bytes):
        raise InputError(f"item {str(row['id'])[:60]!r} has no picture", "import the pictures along with the file")
    try:
        with Image.open(io.BytesIO(row["image"])) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise InputError(f"the picture of item {str(row['id'])[:60]!r} cannot be read", "save it as PNG") from fault

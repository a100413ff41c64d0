"""A preview: a few rows of a generator on one page, with what many would take, before millions are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING

from bimetal.payload import modality
from bimetal.plugins import find
from bimetal.report import Facts, Page, Picture, Section, Table, Text, count, percent, size
from bimetal.report.sheet import contact_sheet, spectrogram
from bimetal.types import UNKNOWN_LICENCE

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.types import Recipe

ROWS = 24  # to look at
MOMENT = 1.5  # CPU seconds spent on seeing at what pace more would come
SHOWN, LONGEST, COLUMNS, VALUES = 12, 60, 8, 6
STAMPS = ("id", "item_origin", "label_origin", "source", "licence", "recipe")
SIDES = {"image": (6, 192), "audio": (6, 128)}  # pictures a line, and pixels a side


@dataclass(frozen=True, slots=True)
class Previewed:
    """Rows drawn for a look, how many are wanted in the end, and the CPU seconds one took once all was set up."""

    rows: pa.Table
    recipe: Recipe
    wanted: int | None = None
    seconds: float | None = None


def preview(recipe: Recipe, batches: Iterator[pa.RecordBatch], wanted: int | None) -> Previewed:
    """Take the first rows of a draw; where many are wanted, draw on for a moment to see at what pace they would come.

    A generator that asks outside is not asked for more than the first batch: others may want money for it.
    """
    import pyarrow as pa

    first = pa.Table.from_batches([next(batches)]).slice(0, ROWS)
    asks = getattr(find(recipe.spec.kind, recipe.spec.name), "asks", "")
    pace = None if wanted is None or wanted <= ROWS or asks else _pace(batches)
    return Previewed(first, recipe, wanted, pace)


def _pace(batches: Iterator[pa.RecordBatch]) -> float | None:
    begun, rows = process_time(), 0
    for batch in batches:
        rows += batch.num_rows
        if process_time() - begun > MOMENT:
            break
    return (process_time() - begun) / rows if rows else None


def page_of(seen: Previewed) -> Page:
    """Lay out what was drawn: pictures or a table, what falls into which slice, and what each row is stamped with."""
    name = seen.recipe.spec.name
    return Page(
        f"Preview of {name}",
        _answer(seen),
        subtitle="Drawn to be looked at; nothing was kept.",
        sections=(
            Section("Rows", _rows(seen.rows)),
            Section("Slices", _slices(seen.rows)),
            Section("Every row says", (_stamped(seen.rows), Text(_licence_words(seen.rows)))),
        ),
    )


def _answer(seen: Previewed) -> str:
    made = seen.rows.num_rows
    shown = f"{count(made)} rows of {seen.recipe.spec.name}, {size(seen.rows.nbytes)}"
    if seen.wanted is None or seen.seconds is None:
        return f"{shown}."
    much = size(seen.rows.nbytes * seen.wanted / max(made, 1))
    return f"{shown}; {count(seen.wanted)} would take {_time(seen.seconds * seen.wanted)} here, {much} uncompressed."


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _rows(rows: pa.Table) -> tuple[Picture | Table, ...]:
    kind = modality(rows)
    shown = _described(rows)
    if kind not in SIDES:
        return (shown,)
    across, side = SIDES[kind]
    whole = [each for each in rows[kind].to_pylist() if each]
    pictures = whole if kind == "image" else [spectrogram(each) for each in whole]
    words = "pictures" if kind == "image" else "sounds as spectrograms: time to the right, pitch upward"
    sheet = contact_sheet([pictures], min(across, max(len(pictures), 1)), side)
    return Picture(sheet, f"The first {len(pictures)} {words}.", f"A grid of {len(pictures)} {kind} rows."), shown


def _described(rows: pa.Table) -> Table:
    plain = [name for name in rows.column_names if name not in STAMPS and not _is_bytes(rows.schema.field(name).type)]
    shown = sorted(plain, key=lambda name: name != "label")[:COLUMNS]
    cells = [[_cell(row[name]) for name in shown] for row in rows.select(shown).slice(0, SHOWN).to_pylist()]
    more = f"; not shown: {', '.join(each for each in plain if each not in shown)}" if len(plain) > COLUMNS else ""
    return Table(shown, cells, f"The first {len(cells)} rows{more}.")


def _slices(rows: pa.Table) -> tuple[Table | Text, ...]:
    import pyarrow as pa

    found = []
    for name in rows.column_names:
        if name in STAMPS or not (pa.types.is_string(rows.schema.field(name).type)):
            continue
        tally = Counter(rows[name].to_pylist())
        if len(tally) <= rows.num_rows // 2:
            shares = [f"{_cell(value)} {percent(held / rows.num_rows)}" for value, held in tally.most_common(VALUES)]
            found.append((name, ", ".join(shares) + (" ..." if len(tally) > VALUES else "")))
    if not found:
        return (Text("No column has values that recur, so there is no slice to see in so few rows."),)
    return (Table(("column", "values drawn"), found, "A target may name these: --target COLUMN=VALUE:SHARE."),)


def _stamped(rows: pa.Table) -> Facts:
    said = [(name, sorted({str(each) for each in rows[name].to_pylist()})) for name in STAMPS[1:]]
    return Facts([(name.replace("_", " "), ", ".join(values[:VALUES])) for name, values in said])


def _licence_words(rows: pa.Table) -> str:
    if UNKNOWN_LICENCE in rows["licence"].to_pylist():
        return "The licence is unknown: these rows can be looked at and piloted with here, not released or shared."
    return "The licence covers what the generator adds; what it learned from adds its own terms."


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _is_bytes(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)

"""People's own tables: Parquet, CSV and JSON Lines in and out, `-` for the standard streams."""

from __future__ import annotations

import contextlib
import io
import itertools
import stat
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError, StoreError
from bimetal.store import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

FORMATS = (".parquet", ".csv", ".jsonl")
GROUP_ROWS, GROUP_BYTES = 1 << 16, 1 << 26  # a group of rows in a file: worth reading by itself, never much memory


def read_table(name: str, text_columns: Sequence[str] = ("id", "label")) -> pa.Table:
    """Read a table by its ending; `-` reads CSV, JSON Lines or Parquet from standard input.

    `text_columns` are read as they are spelled in a CSV, so that an id 007 stays 007. In a CSV's texts only an empty
    cell is missing; among numbers NA and nan are, too. Raises InputError for a file that is missing, empty, not a
    table, or not UTF-8.
    """
    data = sys.stdin.buffer.read() if name == "-" else _bytes(Path(name))
    if not data.strip():
        raise InputError(f"{name} is empty", "pass a table with a header and rows")
    try:
        table = _parsed(data, _format(name, data), text_columns)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as fault:
        raise InputError(
            f"{name} cannot be read as a table: {fault}", f"save it as one of {', '.join(FORMATS)}"
        ) from fault
    _refuse_odd_columns(table, name, _format(name, data))
    if table.num_rows == 0:
        raise InputError(f"{name} has columns but no rows", "pass a table with rows")
    return table


def write_table(table: pa.Table, name: str) -> None:
    """Write a table by its ending; `-` writes JSON Lines to standard output.

    Raises InputError for an unknown ending, or pictures and sounds outside Parquet; StoreError where the disk refuses.
    """
    write_batches(iter(table.to_batches() or [_none(table.schema)]), name, table.schema.metadata)


def write_batches(batches: Iterator[pa.RecordBatch], name: str, metadata: dict[Any, Any] | None = None) -> int:
    """Write batches as they come, so that no more than a few are in memory, and return how many rows there were.

    The file appears whole or not at all; what stops the batches stops the file. Errors as of `write_table`, those of
    the place before the first batch is asked for.
    """
    ending = ".jsonl" if name == "-" else Path(name).suffix
    if ending not in FORMATS:
        raise InputError(f"{name} ends in {ending or 'nothing'}", f"use one of {', '.join(FORMATS)}")
    if name == "-":
        return _poured(batches, ending, (sys.stdout.buffer, name), metadata)
    path = Path(name).resolve()  # what a link points to is replaced, not the link
    if path.is_dir() or not path.parent.is_dir():
        found = "it is a folder" if path.is_dir() else f"there is no folder {Path(name).parent}"
        raise StoreError(f"{name} cannot be written: {found}", "choose another place")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    try:
        with files.aside(path.parent) as temporary:
            with temporary.open("wb") as sink:
                rows = _poured(batches, ending, (sink, name), metadata)
            files.settle(temporary, path, mode=mode)
    except StoreError as fault:
        if fault.__cause__ is None:
            raise
        why = getattr(fault.__cause__, "strerror", None) or fault.message
        raise StoreError(f"{name} cannot be written: {why}", "choose another place, or free some space") from fault
    return rows


def _poured(
    batches: Iterator[pa.RecordBatch], ending: str, sink: tuple[IO[bytes], str], metadata: dict[Any, Any] | None
) -> int:
    first = next(batches)
    stream, name = sink
    if ending != ".parquet":
        _refuse_bytes(first.schema, name)
    if ending == ".csv":
        _refuse_nested(first.schema, name)
    rows = 0
    with _writer(ending, stream, first.schema.with_metadata(metadata or {})) as write:
        for group in _grouped(itertools.chain([first], batches)):
            write(group.replace_schema_metadata(metadata))
            rows += group.num_rows
    return rows


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Gather small batches until they are worth a group of rows of their own; the last may be small, or empty."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) >= GROUP_ROWS or sum(each.nbytes for each in held) >= GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


@contextlib.contextmanager
def _writer(ending: str, sink: IO[bytes], schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    if ending == ".parquet":
        import pyarrow.parquet as pq

        with pq.ParquetWriter(sink, schema, compression="zstd") as parquet:
            yield parquet.write_table
    elif ending == ".csv":
        from pyarrow import csv

        with csv.CSVWriter(sink, schema) as comma:
            yield comma.write_table
    else:
        import json

        yield lambda table: sink.writelines(
            json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n" for row in table.to_pylist()
        )


def _none(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as fault:
        raise InputError(f"{path} does not exist", "check the path") from fault
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}", "pass a file you may read") from fault


def _format(name: str, data: bytes) -> str:
    if name == "-":
        if data.startswith(b"PAR1"):
            return ".parquet"
        return ".jsonl" if data.lstrip().startswith(b"{") else ".csv"
    ending = Path(name).suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"{name} ends in {ending or 'nothing'}", f"save it as one of {', '.join(FORMATS)}")
    return ending


def _parsed(data: bytes, ending: str, text_columns: Sequence[str]) -> pa.Table:
    if ending == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_table(pa.BufferReader(data))
    if ending == ".jsonl":
        import pyarrow.json

        return pyarrow.json.read_json(io.BytesIO(data))
    from pyarrow import csv

    as_spelled: dict[str, Any] = {name: pa.string() for name in text_columns}
    options = csv.ConvertOptions(column_types=as_spelled, strings_can_be_null=False)
    return _emptied(csv.read_csv(io.BytesIO(data), convert_options=options))


def _emptied(table: pa.Table) -> pa.Table:
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(at)
            table = table.set_column(at, field, pc.if_else(pc.equal(column, pa.scalar("")), None, column))
    return table


def _refuse_odd_columns(table: pa.Table, name: str, ending: str) -> None:
    twice = sorted({column for column in table.column_names if table.column_names.count(column) > 1})
    if twice:
        raise InputError(f"{name} names the column {twice[0]!r} more than once", "give each column its own name")
    if ending == ".csv":
        broken = [field.name for field in table.schema if pa.types.is_binary(field.type)]
        if broken:
            raise InputError(
                f"column {broken[0]!r} of {name} is not UTF-8", "convert the file, say: iconv -f latin1 -t utf-8"
            )


def _refuse_nested(schema: pa.Schema, name: str) -> None:
    for field in schema:
        if pa.types.is_nested(field.type):
            raise InputError(
                f"column {field.name!r} holds {field.type}, which {name} cannot", "write .parquet or .jsonl"
            )


def _refuse_bytes(schema: pa.Schema, name: str) -> None:
    for field in schema:
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            place = "JSON Lines on standard output" if name == "-" else name
            raise InputError(f"column {field.name!r} holds bytes, which {place} cannot", "write to a .parquet file")

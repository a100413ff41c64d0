"""People's own tables: Parquet, CSV and JSON Lines in and out, `-` for the standard streams."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError, StoreError
from bimetal.store import files

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = (".parquet", ".csv", ".jsonl")


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
    ending = ".jsonl" if name == "-" else Path(name).suffix
    if ending not in FORMATS:
        raise InputError(f"{name} ends in {ending or 'nothing'}", f"use one of {', '.join(FORMATS)}")
    sink = io.BytesIO()
    if ending == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, sink, compression="zstd")
    else:
        _refuse_bytes(table, name)
        _write_text(table, ending, sink)
    if name == "-":
        sys.stdout.buffer.write(sink.getvalue())
        return
    _put(name, sink.getvalue())


def _put(name: str, content: bytes) -> None:
    path = Path(name).resolve()  # what a link points to is replaced, not the link
    if path.is_dir() or not path.parent.is_dir():
        found = "it is a folder" if path.is_dir() else f"there is no folder {Path(name).parent}"
        raise StoreError(f"{name} cannot be written: {found}", "choose another place")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    try:
        files.write(path, content, mode=mode)
    except StoreError as fault:
        why = getattr(fault.__cause__, "strerror", None) or fault.message
        raise StoreError(f"{name} cannot be written: {why}", "choose another place, or free some space") from fault


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


def _refuse_bytes(table: pa.Table, name: str) -> None:
    for field in table.schema:
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            place = "JSON Lines on standard output" if name == "-" else name
            raise InputError(f"column {field.name!r} holds bytes, which {place} cannot", "write to a .parquet file")


def _write_text(table: pa.Table, ending: str, sink: io.BytesIO) -> None:
    if ending == ".csv":
        from pyarrow import csv

        csv.write_csv(table, sink)
        return
    import json

    sink.writelines(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n" for row in table.to_pylist())

"""Files from strangers, read without trust: encodings, JSON of any depth, names that lead out of a folder, ids."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, NoReturn

import pyarrow as pa

from bimetal.errors import InputError
from bimetal.plugins import UNTIMED

_LONE = re.compile(r"\\u[dD][89a-fA-F]")


def only(files: Mapping[str, bytes], *endings: str) -> tuple[str, bytes]:
    """Find the one file with one of some endings, not empty; raises InputError where there is none, or several."""
    found = named(files, *endings)
    if len(found) > 1:
        raise InputError(f"{len(found)} files end in {endings[0]}: {', '.join(found[:3])}", "import one at a time")
    return found[0], filled(files, found[0])


def named(files: Mapping[str, bytes], *endings: str) -> list[str]:
    """List the files with one of some endings, sorted; raises InputError where there is none."""
    found = sorted(name for name in files if name.lower().endswith(endings))
    if not found:
        raise InputError(f"there is no file ending in {' or '.join(endings)}", "pass the tool's own export")
    return found


def filled(files: Mapping[str, bytes], name: str) -> bytes:
    """Return a file's bytes; raises InputError where it is empty."""
    raw = files[name]
    if not raw.strip():
        raise InputError(f"{name} is empty", "export it again")
    return raw


def text_of(name: str, raw: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(
            f"{name} is not UTF-8 at byte {fault.start:,}", "convert the file, say: iconv -f latin1 -t utf-8"
        ) from fault


def json_of(name: str, raw: bytes) -> Any:
    """Parse JSON; raises InputError for what is cut off, nested without end, not a number, or no text."""
    return _parsed(name, text_of(name, raw))


def lines_of(name: str, raw: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Parse JSON Lines as (where it stands, object), blank lines left out."""
    for number, line in enumerate(text_of(name, raw).split("\n"), 1):
        if line.strip():
            where = f"{name} line {number:,}"
            yield where, record(where, _parsed(where, line))


def record(where: str, value: Any) -> dict[str, Any]:
    """Return a JSON object, or raise InputError for anything else."""
    if not isinstance(value, dict):
        raise InputError(f"{where} is no object: {shown(value)}", "export it again from the tool it is from")
    return value


def listed(where: str, value: Any) -> list[Any]:
    """Return a JSON list, or raise InputError for anything else."""
    if not isinstance(value, list):
        raise InputError(f"{where} is no list: {shown(value)}", "export it again from the tool it is from")
    return value


def word(where: str, value: Any) -> str:
    """Return a string, or a whole number spelled as one; raises InputError for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"{where} is {shown(value)}, expected a text", "correct the file, or export it again")


def number(where: str, value: Any) -> float:
    """Return a finite number, or raise InputError for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return float(value)
    raise InputError(f"{where} is {shown(value)}, expected a number", "correct the file, or export it again")


def numbers(where: str, value: Any) -> list[float]:
    return [number(where, each) for each in listed(where, value)]


def moment(value: Any) -> datetime:
    """Read a time as tools write it, ISO 8601 or seconds since 1970, in UTC where it names no zone; else `UNTIMED`.

    >>> moment("2021-03-09T22:16:08.728353Z").year, moment(None) == UNTIMED
    (2021, True)
    """
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return UNTIMED


def member(files: Mapping[str, bytes], reference: str, *folders: str) -> str | None:
    """Find the file a reference names, as it stands or in one of some folders; never outside what was handed in."""
    inside(reference)
    tried = [str(PurePosixPath(folder, reference)) for folder in ("", *folders)]
    return next((each for each in tried if each in files), None)


def inside(reference: str) -> str:
    """Return a relative name; raises InputError where it is absolute, leads upwards or holds a control character."""
    path = PurePosixPath(reference.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", reference) or not reference.isprintable():
        raise InputError(f"{shown(reference)} leads out of its folder", "name files relative to the folder, without ..")
    return reference


def table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType] | None = None) -> pa.Table:
    """Make rows of an exchange: `id` first, every id once; raises InputError for columns of mixed kinds."""
    if not rows:
        raise InputError("the file holds no item", "export a project that has some")
    refuse_ids([row["id"] for row in rows])
    columns = ["id", *(name for name in dict.fromkeys(name for row in rows for name in row) if name != "id")]
    made = {name: _column(name, [row.get(name) for row in rows], (types or {}).get(name)) for name in columns}
    return pa.table(made)


def refuse_ids(ids: Iterable[str]) -> None:
    """Raise InputError for an id that stands twice, is empty or cannot be printed."""
    seen: set[str] = set()
    for each in ids:
        if not each or not each.isprintable() or len(each) > 500:
            raise InputError(f"item id {shown(each)} cannot be printed on a line", "give every item a short plain id")
        if each in seen:
            raise InputError(f"item id {shown(each)} stands more than once", "give every item an id of its own")
        seen.add(each)


def shown(value: Any) -> str:
    """Show a value of any size in a few characters."""
    told = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    return told if len(told) <= 60 else f"{told[:57]}..."


def _parsed(name: str, text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if _LONE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as fault:
        raise InputError(f"{name} is nested too deeply", "export it again from the tool it is from") from fault
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno:,}, column {fault.colno:,}"
        raise InputError(f"{name} is no JSON at {where}: {fault.msg}", "export it again") from fault
    except ValueError as fault:  # NaN, a number of thousands of digits, half a character
        raise InputError(f"{name} cannot be read: {str(fault)[:80]}", "correct the file, or export it again") from fault
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is too large")
    return value


def _column(name: str, values: list[Any], kind: pa.DataType | None) -> pa.Array[Any]:
    if kind is None and any(isinstance(each, bytes) for each in values):
        kind = pa.large_binary()
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError) as fault:
        raise InputError(
            f"column {name!r} mixes kinds: {str(fault)[:120]}", "make it all numbers or all text"
        ) from fault

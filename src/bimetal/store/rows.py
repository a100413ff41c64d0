"""Log entries as SQL rows: page through them, notice gaps, read what a leaf says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.errors import LogError
from bimetal.store import merkle, schema
from bimetal.store.state import State
from bimetal.store.statements import Statement
from bimetal.types import Entry

PAGE = 4096
"""Rows fetched at a time; a multiple of a tile's width."""

_HINT = "restore the database from a backup; `bimetal log verify` says what else was changed"


class Row(NamedTuple):
    """One stored entry: its place, its canonical JSON, its leaf hash."""

    seq: int
    leaf: bytes
    hash: bytes


def stored(state: State, start: int, stop: int) -> Iterator[Row]:
    """Read rows `start` up to `stop` in order, a page a query; rows that are missing are passed over."""
    table = schema.entries.c
    columns = sql.select(table.seq, table.leaf, table.hash).order_by(table.seq)
    low: sql.BindParameter[int] = sql.bindparam("low")
    high: sql.BindParameter[int] = sql.bindparam("high")
    page = columns.where(table.seq >= low, table.seq < high)
    for first in range(start, stop, PAGE):
        with state.read() as connection:
            rows = connection.execute(page, {"low": first, "high": min(first + PAGE, stop)}).all()
        yield from map(Row._make, rows)


def leaves(state: State, start: int, stop: int) -> Iterator[bytes]:
    """Read leaves `start` up to `stop`; raises LogError at the first that is missing or was changed."""
    expected = start
    for row in stored(state, start, stop):
        if row.seq != expected:
            break
        if merkle.leaf_hash(row.leaf) != row.hash:
            raise LogError(f"entry {row.seq}{described(row.leaf)} in the database does not match its hash", _HINT)
        yield row.leaf
        expected += 1
    if expected != stop:
        raise LogError(f"entry {expected} is missing from the database", _HINT)


def stored_size(connection: Connection) -> int:
    """Say how many entries there are."""
    return int(_NEXT.scalar(connection, {}))


_NEXT = Statement(sql.select(sql.func.coalesce(sql.func.max(schema.entries.c.seq), -1) + 1))


def read_entry(leaf: bytes) -> Entry:
    """Read an entry's canonical JSON.

    >>> leaf = b'{"action":"a","actor":"ana","at":"2026-03-01T00:00:00.000000Z","body":{},"seq":0,"subject":"s"}'
    >>> read_entry(leaf).actor
    'ana'
    """
    said = json.loads(leaf)
    at = datetime.fromisoformat(said["at"])
    return Entry(said["seq"], at, said["actor"], said["action"], said["subject"], said["body"])


def described(leaf: bytes | None) -> str:
    """Tell an entry's action and time in brackets, even from a leaf damaged elsewhere, or nothing."""
    found = _BEGINNING.match(leaf or b"")
    told = ", ".join(part.decode(errors="replace") for part in found.groups()) if found else ""
    return f" ({told})" if told.isprintable() and told else ""


_BEGINNING = re.compile(rb'\{"action":"([^"\\]*)","actor":"(?:[^"\\]|\\.)*","at":"([^"\\]*)')

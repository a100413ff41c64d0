"""One item as a rater sees it, out of its job's snapshot or a gold dataset, with nothing that tells which."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sql

from bimetal.annotation.shown import Cell, Shown
from bimetal.errors import InputError
from bimetal.payload import PROVENANCE
from bimetal.programme.work.media import checked, measured
from bimetal.programme.work.table_on_disk import OnDisk, on_disk
from bimetal.store import queue as store
from bimetal.store import schema
from bimetal.store.queue import Job

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

FOLDER = "shown"
"""Where the layouts lie, under the programme's memory; it may be removed and is made again."""

MEDIA = ("image", "audio")

_HIDDEN = frozenset({*PROVENANCE, "votes", "agreement", "soft", "gold", "known", "suggestion"})
_OPTION = re.compile(r"text_([a-z])")
_Row = dict[str, Any]


def shown(programme: Programme, job: Job | str, item: str) -> Shown:
    """Return an item's payload; raises InputError for an item the job does not hold."""
    row = _row(programme, job, item)
    if "text_a" in row:
        options = {found[1]: str(row[name].as_py() or "") for name in row if (found := _OPTION.fullmatch(name))}
        return Shown(item, options=dict(sorted(options.items())), prompt=_text(row, "prompt"))
    if "image" in row:
        held = measured(_content(row, "image"))
        return Shown(item, media=("image",), prompt=_text(row, "prompt"), size=(held.width, held.height))
    if "audio" in row:
        return Shown(item, media=("audio",), prompt=_text(row, "prompt"))
    if "text" in row:
        return Shown(item, text=_text(row, "text"), prompt=_text(row, "prompt"))
    return Shown(item, columns={name: _cell(held.as_py()) for name, held in row.items() if name != "id"})


def media(programme: Programme, job: Job | str, item: str, column: str) -> tuple[bytes, str]:
    """Return an item's picture or sound and its content type, told by its bytes alone.

    Raises InputError for another column, an item the job does not hold, and bytes that are not served.
    """
    row = _row(programme, job, item)
    if column not in MEDIA or column not in row:
        raise InputError(f"the item shows no {column[:60]!r}", "ask for what its payload names")
    content = _content(row, column)
    return content, checked(content)


def payload_of(columns: pa.Schema) -> list[str]:
    """Name the columns raters see: options to compare, else the first of image, audio and text, else the plain ones.

    >>> payload_of(pa.schema([("id", pa.string()), ("text", pa.string()), ("label", pa.string())]))
    ['text']
    """
    names = [name for name in columns.names if name not in _HIDDEN and not name.startswith("_")]
    prompt = [name for name in names if name == "prompt"]
    if "text_a" in names and "text_b" in names:
        return [*(name for name in names if _OPTION.fullmatch(name)), *prompt]
    for kind in (*MEDIA, "text"):
        if kind in names:
            return [kind, *prompt]
    return names


def _row(programme: Programme, job: Job | str, item: str) -> _Row:
    """Find an item's row where its job asks about it: the job's own rows first, then gold, the newest first."""
    with programme.state.read() as connection:
        held = job if isinstance(job, Job) else store.read_job(connection, job)
        asked = connection.execute(_ASKED, {"in_job": held.name, "of_item": item}).first()
    if asked is None:
        raise InputError(f"job {held.name!r} asks about no item {item[:60]!r}", "ask for one that was given to you")
    own = _laid_out(programme, held.snapshot or programme.dataset(held.dataset).digest)
    found = own.row(item)
    if found is not None:
        return found
    for each in reversed(programme.datasets("gold")):
        other = _laid_out(programme, each.digest).row(item)
        if other is not None:  # told like any other row of the job, whatever more it holds
            return {name: other.get(name, pa.NULL) for name in own.schema.names}
    raise InputError(f"item {item[:60]!r} is in no snapshot of job {held.name!r}", "add the rows it was made of")


def _laid_out(programme: Programme, digest: str) -> OnDisk:
    return on_disk(programme.snapshots.path(digest), programme.memory / FOLDER, payload_of)


def _content(row: _Row, column: str) -> bytes:
    held = row[column]
    if isinstance(held.type, pa.FixedShapeTensorType):
        return _as_png(np.asarray(held.to_numpy(), np.uint8))
    content = held.as_py()
    if not isinstance(content, bytes):
        raise InputError(f"the item has no {column}", "leave it out of the job")
    return content


def _as_png(pixels: Any) -> bytes:
    from PIL import Image

    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG")
    return sink.getvalue()


def _text(row: _Row, name: str) -> str:
    said = row[name].as_py() if name in row else None
    return "" if said is None else str(said)


def _cell(said: Any) -> Cell:
    """Spell a cell as JSON can: numbers and texts as they are, moments in words, bytes and nests not at all."""
    if isinstance(said, float):
        return said if isfinite(said) else None
    if said is None or isinstance(said, str | int | bool):
        return said
    if isinstance(said, Decimal | date | datetime | time | timedelta):
        return str(said)
    return None


_items = schema.items.c
_ASKED = sql.select(_items.item).where(_items.job == sql.bindparam("in_job"), _items.item == sql.bindparam("of_item"))

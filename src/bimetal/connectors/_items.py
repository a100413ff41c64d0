"""Payload as other tools hold it: pictures as data URIs, sizes in pixels, values in their one text form."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bimetal.canonical import canonical_json
from bimetal.connectors._losses import PROVENANCE
from bimetal.connectors._reading import member, shown
from bimetal.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.canonical import Json
    from bimetal.types import Annotation

_MAGIC = {
    b"\x89PNG": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
    b"GIF8": ("image/gif", ".gif"),
    b"RIFF": ("audio/wav", ".wav"),
    b"fLaC": ("audio/flac", ".flac"),
}
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def spelled(value: Json) -> str:
    """Spell a value that is no string as text, the one way (RFC 8785).

    >>> spelled([{"start": 0, "label": "X", "end": 3}])
    '[{"end":3,"label":"X","start":0}]'
    """
    return canonical_json(value).decode()


def parsed(value: str) -> Any:
    """Read a value's text form; raises InputError where it is no JSON."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"answer {shown(value)} is no JSON", "expected the form of docs/modalities.md") from fault


def payload_names(rows: pa.Table) -> list[str]:
    """Name the columns that are shown to people."""
    return [name for name in rows.column_names if name not in {"id", "label", *PROVENANCE}]


def items(rows: pa.Table) -> Iterator[dict[str, Any]]:
    """Go through rows in batches, so that no more than a batch is turned into Python values."""
    for batch in rows.to_batches(max_chunksize=256):
        yield from batch.to_pylist()


def by_item(given: Iterable[Annotation]) -> dict[str, list[Annotation]]:
    """Group answers by item, in the order they come."""
    found: dict[str, list[Annotation]] = {}
    for each in given:
        found.setdefault(each.item, []).append(each)
    return found


def provenance(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in PROVENANCE if row.get(name) is not None}


def ending(raw: bytes) -> str:
    """Say how a file of such bytes is named: .png, .jpg ...; .bin where nobody knows."""
    return next((kind[1] for magic, kind in _MAGIC.items() if raw.startswith(magic)), ".bin")


def uri(raw: bytes) -> str:
    """Put bytes into the data URI a browser shows without asking any host."""
    kind = next((kind[0] for magic, kind in _MAGIC.items() if raw.startswith(magic)), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def fetched(where: str, reference: str, files: Mapping[str, bytes], *folders: str) -> bytes:
    """Return the bytes a reference stands for: a data URI's own, or a file's that was handed in; nothing is fetched."""
    if reference.startswith("data:"):
        try:
            return base64.b64decode(reference.partition(",")[2], validate=True)
        except binascii.Error as fault:
            raise InputError(f"{where} holds a broken data URI", "export it again") from fault
    if "://" in reference:
        reference = unquote(reference.rpartition("/")[2].partition("?")[0])
    found = member(files, reference.lstrip("/") if reference.startswith("/data/") else reference, *folders)
    if found is None:
        raise InputError(
            f"{where} names {shown(reference)}, which is not among the files",
            "put the file beside the export and import the folder: nothing is fetched from other hosts",
        )
    return files[found]


def size(where: str, raw: bytes) -> tuple[int, int]:
    """Measure a picture, width and height in pixels, without decoding it."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw)) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise InputError(f"{where} is no picture that can be read", "leave it out, or save it as PNG") from fault


def exact(value: float) -> float:
    """Take away what turning pixels to shares and back added to a coordinate."""
    return round(value, 6)

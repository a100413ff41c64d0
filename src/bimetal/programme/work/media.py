"""Pictures and sounds told by their first bytes, and none served that a browser could run or choke on."""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

from bimetal.errors import InputError

PIXELS = 100_000_000
"""Pixels of a picture, all its frames together, beyond which it is not served."""

BYTES = 100_000_000

_PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}


class Picture(NamedTuple):
    """What a picture's head says: its kind and its size in pixels."""

    content_type: str
    width: int
    height: int


def sniffed(content: bytes) -> str:
    """Name the content type of bytes; raises InputError but for PNG, JPEG, WebP, GIF, WAV, FLAC, OGG and MP3.

    >>> sniffed(b"fLaC" + bytes(40))
    'audio/flac'
    >>> sniffed(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    Traceback (most recent call last):
    bimetal.errors.InputError: bytes that begin b'<svg xmlns=' are no picture or sound that is shown; ...
    """
    for kind, begins, at, inner in _SIGNS:
        if content.startswith(begins) and content[at : at + len(inner)] == inner:
            return kind
    if _is_mp3(content):
        return "audio/mpeg"
    raise InputError(
        f"bytes that begin {content[:11]!r} are no picture or sound that is shown",
        "store PNG, JPEG, WebP, GIF, WAV, FLAC, OGG or MP3",
    )


def checked(content: bytes) -> str:
    """Return the content type; raises InputError also for what is too large to be shown, or a broken picture."""
    kind = sniffed(content)
    if len(content) > BYTES:
        raise InputError(f"{kind} of {len(content):,} bytes, over {BYTES:,}", "store a smaller one")
    if kind in _PICTURES:
        measured(content)
    return kind


def measured(content: bytes) -> Picture:
    """Read a picture's head; raises InputError where it is none, is broken, or has too many pixels."""
    from PIL import Image, UnidentifiedImageError

    kind = sniffed(content)
    if kind not in _PICTURES:
        raise InputError(f"{kind} is no picture", "store it in another column")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # a stricter limit follows
            with Image.open(io.BytesIO(content), formats=[_PICTURES[kind]]) as picture:
                (width, height), frames = picture.size, getattr(picture, "n_frames", 1)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError) as fault:
        raise InputError(f"the picture cannot be read: {fault}", "store it anew, as PNG or JPEG") from fault
    if width * height * frames > PIXELS:
        raise InputError(f"the picture has {width} x {height} pixels in {frames} frames", f"at most {PIXELS:,} in all")
    return Picture(kind, width, height)


def _is_mp3(content: bytes) -> bool:
    """Tell a tag, or a frame's head whose layer, bit rate and sampling are none of the reserved ones."""
    if content.startswith(b"ID3"):
        return True
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        return False
    layer, rate, sampling = content[1] >> 1 & 3, content[2] >> 4, content[2] >> 2 & 3
    return layer == 1 and rate not in {0, 15} and sampling != 3


_SIGNS = (
    ("image/png", b"\x89PNG\r\n\x1a\n", 0, b""),
    ("image/jpeg", b"\xff\xd8\xff", 0, b""),
    ("image/webp", b"RIFF", 8, b"WEBP"),
    ("image/gif", b"GIF87a", 0, b""),
    ("image/gif", b"GIF89a", 0, b""),
    ("audio/wav", b"RIFF", 8, b"WAVE"),
    ("audio/flac", b"fLaC", 0, b""),
    ("audio/ogg", b"OggS", 0, b""),
)

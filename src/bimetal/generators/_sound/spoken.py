"""A speech program's answer as a wave: broken headers mended, silence at both ends cut."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from bimetal import audio
from bimetal.errors import InputError
from bimetal.types import Reply, Request

if TYPE_CHECKING:
    from bimetal.types import FloatArray

SILENCE = 0.01  # of the loudest sample


def trimmed(reply: Reply, request: Request) -> FloatArray:
    """Return the wave of what was said at 16 kHz, the loudest sample at 1; raises InputError where nothing was."""
    if reply.refused:
        raise InputError(reply.refused, "leave those phrases out, or record people")
    try:
        wave = audio.decoded(mended(reply.data)).astype(float)
    except ValueError as fault:
        raise InputError(f"{request.to} answered with no sound: {fault}", "see that the program works") from fault
    loud = np.flatnonzero(np.abs(wave) > SILENCE * np.abs(wave).max())
    if not len(loud):
        raise InputError(
            f"{request.to} says nothing to {request.body['text']!r:.80} in {request.body['voice']!r}",
            "give words in that language's script",
        )
    wave = wave[loud[0] : loud[-1] + 1]
    return np.asarray(wave / np.abs(wave).max())


def mended(encoded: bytes) -> bytes:
    r"""Write the true lengths into a WAV that was streamed: a program that writes to a pipe knows them too late.

    >>> mended(b"RIFF" + bytes([255] * 4) + b"WAVEdata" + bytes([255] * 4) + b"abcd")[4:8]
    b'\x10\x00\x00\x00'
    """
    at = encoded.find(b"data", 12, 256)
    if encoded[:4] != b"RIFF" or at < 0:
        return encoded
    held = len(encoded) - at - 8
    size = min(held, struct.unpack_from("<I", encoded, at + 4)[0]) if held >= 0 else 0
    whole = encoded[: at + 4] + struct.pack("<I", size) + encoded[at + 8 : at + 8 + size]
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]

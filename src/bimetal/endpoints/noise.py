"""The door `noise`: secret bytes for differential privacy, bound to the rows and to what is asked, replayed by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.errors import InputError
from bimetal.types import Reply, Request

if TYPE_CHECKING:
    from bimetal.plugins import Answer

KEY = 32  # bytes of a key
MOST = 1 << 20  # bytes of one reply


def noise(key: bytes, binding: str) -> Answer:
    """Answer requests for secret bytes from a key: the same request about the same rows gets the same bytes again.

    `binding` is the digest of the rows that the noise shall hide, as the recipe's `seed_rows` has it. Two tables, two
    specs or two epsilons never share noise, for whoever saw both draws could subtract one from the other; redrawing
    from the same fit does, and so costs no more privacy. Who has the key can take the noise away again: it stands in
    no recipe, log or pack. HKDF-SHA-256 (RFC 5869) over both digests gives the key of a ChaCha20 stream (RFC 8439).

    >>> answer, again, elsewhere = noise(bytes(32), "a" * 64), noise(bytes(32), "a" * 64), noise(bytes(32), "b" * 64)
    >>> asked = (Request("noise", {"purpose": "an example", "bytes": 32}),)
    >>> answer(asked) == again(asked), answer(asked) == elsewhere(asked), len(answer(asked)[0].data)
    (True, False, 32)
    """
    if len(key) < KEY:
        raise InputError(
            f"the key of the noise has {len(key)} bytes, expected {KEY}", "read one with store.keys.sealed_key"
        )
    if not binding:
        raise InputError("the noise is bound to no rows", "bind it to the digest of the seed rows")
    return lambda requests: tuple(_reply(key, binding, each) for each in requests)


def _reply(key: bytes, binding: str, request: Request) -> Reply:
    wanted = request.body.get("bytes")
    if request.to != "noise" or type(wanted) is not int or not 1 <= wanted <= MOST:
        return Reply(b"", refused=f"{request.to} was asked for {wanted!r} bytes, expected noise and 1 to {MOST:,}")
    return Reply(_stream(key, f"{binding}\n{request.digest}", wanted))


def _stream(key: bytes, told: str, size: int) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    own = HKDF(SHA256(), 32, None, b"bimetal noise\n" + told.encode()).derive(key)
    return Cipher(ChaCha20(own, bytes(16)), None).encryptor().update(bytes(size))

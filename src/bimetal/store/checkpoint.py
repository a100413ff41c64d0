"""Signed checkpoints of a log: its size and root in a C2SP signed note, with one or more Ed25519 signatures."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.errors import LogError
from bimetal.store.keys import Verifier, read_verifier, verifier_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries a log held and the root over them, 32 bytes; `origin` names the log."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Write a checkpoint as a note signed in the name of its origin.

    >>> import tempfile, pathlib
    >>> from bimetal.store.keys import signing_key, verifier_key
    >>> key = signing_key("digits", pathlib.Path(tempfile.mkdtemp()))
    >>> note = sign(Checkpoint("digits", 0, bytes(32)), key)
    >>> verify(note, verifier_key("digits", key)).size
    0
    """
    verifier = read_verifier(verifier_key(checkpoint.origin, key))
    body = checkpoint.body()
    signature = base64.b64encode(verifier.tag + key.sign(body.encode())).decode()
    return f"{body}\n— {verifier.name} {signature}\n"


def verify(note: str, verifier: str) -> Checkpoint:
    """Read a checkpoint that the holder of a verifier key signed, whoever else signed it too.

    Raises LogError where that signature is missing or does not fit, or the note is no checkpoint.
    """
    wanted = read_verifier(verifier)
    body, separator, block = note.rpartition("\n\n")
    body += "\n"
    found = _BODY.fullmatch(body)
    if not separator or found is None or not block.endswith("\n"):
        raise LogError("the checkpoint is not a signed note of origin, size and root", _CHANGED)
    signatures = [_SIGNATURE.fullmatch(line) for line in block[:-1].split("\n")]
    if not any(_fits(wanted, body, match[1], match[2]) for match in signatures if match):
        raise LogError(f"the checkpoint of {found[2]} entries is not signed by {wanted.name}", _CHANGED)
    if found[1] != wanted.name:
        raise LogError(
            f"the checkpoint is of log {found[1]!r}, expected {wanted.name!r}", "use that log's verifier key"
        )
    return Checkpoint(found[1], int(found[2]), base64.b64decode(found[3]))


_CHANGED = "check that the verifier key is this log's; if it is, the checkpoint was changed: compare with another copy"


def _fits(wanted: Verifier, body: str, name: str, encoded: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signature = base64.b64decode(encoded, validate=True)
        same = base64.b64encode(signature).decode() == encoded  # base64 has spare bits that could be flipped unseen
        if not same or name != wanted.name or signature[:4] != wanted.tag:
            return False
        Ed25519PublicKey.from_public_bytes(wanted.public).verify(signature[4:], body.encode())
    except (ValueError, InvalidSignature):
        return False
    return True

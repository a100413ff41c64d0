"""Keys kept outside the programme's folder: Ed25519 to sign with, with the public text that verifies; sealed bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bimetal.errors import InputError, StoreError
from bimetal.store import files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519 = b"\1"  # the signature type in C2SP signed-note


class Verifier(NamedTuple):
    """Whose signatures to accept: a name, the first 4 bytes of the key's hash, the raw public key (32 bytes)."""

    name: str
    tag: bytes
    public: bytes


def keys_folder() -> Path:
    """Say where signing keys are kept: $BIMETAL_KEYS, else `bimetal/keys` in the user's configuration."""
    import platformdirs

    chosen = os.environ.get("BIMETAL_KEYS")
    return Path(chosen) if chosen else platformdirs.user_config_path("bimetal") / "keys"


def signing_key(name: str, folder: Path) -> Ed25519PrivateKey:
    """Read the key called `name` in `folder`, making it at first use (PKCS #8 PEM, mode 0600 in a folder of 0700).

    Raises StoreError where others may read the file or it holds no Ed25519 key, InputError for a name no file can have.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> verifier_key("digits", signing_key("digits", folder)) == verifier_key("digits", signing_key("digits", folder))
    True
    """
    path = _place(name, folder)
    if not path.exists():
        _make(path, _pem())
    return _read(path)


def sealed_key(name: str, folder: Path) -> bytes:
    """Read the 32 secret bytes called `name` in `folder`, making them at first use (mode 0600 in a folder of 0700).

    Raises StoreError where others may read the file or it holds anything else, InputError for a name no file can have.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> sealed_key("digits.noise", folder) == sealed_key("digits.noise", folder) != sealed_key("other.noise", folder)
    True
    """
    path = _place(name, folder)
    if not path.exists():
        _make(path, secrets.token_bytes(_SEALED))
    content = _kept_private(path, "sealed key")
    if len(content) != _SEALED:
        raise StoreError(f"sealed key {path} holds {len(content)} bytes, expected {_SEALED}", _SEALED_ONCE)
    return content


def verifier_key(name: str, key: Ed25519PrivateKey) -> str:
    """Spell the public half of a key as C2SP signed-note does: name+hash+base64; publish it freely.

    Raises InputError where the name holds white space or a plus.
    """
    if not name or re.search(r"[\s+]", name):
        raise InputError(f"signer name {name!r} is empty or holds white space or '+'", "choose another name")
    typed = _ED25519 + key.public_key().public_bytes_raw()
    return f"{name}+{_tag(name, typed).hex()}+{base64.b64encode(typed).decode()}"


def read_verifier(text: str) -> Verifier:
    """Read what `verifier_key` spelled; raises InputError for anything else.

    >>> read_verifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").name
    'PeterNeumann'
    """
    try:
        name, tag, encoded = text.strip().split("+", 2)
        typed = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as fault:
        raise InputError(f"{text!r} is not a verifier key", _WANTED) from fault
    if not typed.startswith(_ED25519) or len(typed) != 33 or _tag(name, typed).hex() != tag:
        raise InputError(f"{text!r} is not an Ed25519 verifier key, or was mistyped", _WANTED)
    return Verifier(name, _tag(name, typed), typed[1:])


_WANTED = "pass the whole line: name+hash+base64"


def _tag(name: str, typed: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]


def _place(name: str, folder: Path) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise InputError(f"key name {name!r} is not a file name", "use letters, digits, dots, dashes, underscores")
    return folder / name


def _pem() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _make(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise files.unwritable(path.parent, fault) from fault
    files.write(path, content, mode=0o600, replace=False)


def _read(path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _kept_private(path, "signing key")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise StoreError(f"signing key {path} cannot be read: {fault}", _RESTORE) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreError(f"signing key {path} is not an Ed25519 key", _RESTORE)
    return key


def _kept_private(path: Path, what: str) -> bytes:
    """Read a file that nobody else may read."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise StoreError(
            f"{what} {path} can be read by others (mode {mode:04o}, expected 0600)",
            f"run: chmod 600 {path}; if others have read it, move it away so that a new key is made",
        )
    try:
        return path.read_bytes()
    except OSError as fault:
        raise StoreError(f"{what} {path} cannot be read: {fault}", _RESTORE) from fault


_SEALED = 32
_SEALED_ONCE = "restore it from a backup; a new key draws other noise, which costs privacy anew"
_RESTORE = "restore it from a backup; a new key cannot continue a log that the old one signed"

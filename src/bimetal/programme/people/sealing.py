"""Personal words sealed under a key per person, their salted commitments, and keyed hashes to find and to hold."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.canonical import Json, canonical_json
from bimetal.errors import StoreError
from bimetal.store.schema import people_keys, people_secrets

_NONCE = 12  # bytes, what AES-GCM takes


def new_key(connection: Connection, person: str) -> bytes:
    """Make and keep the key (AES-256) that a person's words are sealed under."""
    key = secrets.token_bytes(32)
    connection.execute(people_keys.insert(), {"person": person, "key": key})
    return key


def key_of(connection: Connection, person: str) -> bytes | None:
    """Return a person's key, or None where it was destroyed."""
    return connection.execute(sql.select(people_keys.c.key).where(people_keys.c.person == person)).scalar()


def seal(key: bytes, words: Mapping[str, Json], purpose: str) -> bytes:
    """Encrypt words with AES-256-GCM; only the same key and purpose open them.

    >>> key = bytes(32)
    >>> dict(unseal(key, seal(key, {"name": "Ana Ruiz"}, "p-1:profile"), "p-1:profile"))
    {'name': 'Ana Ruiz'}
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, canonical_json(words), purpose.encode())


def unseal(key: bytes, sealed: bytes, purpose: str) -> Mapping[str, str]:
    """Decrypt what `seal` made; raises StoreError where it was changed or sealed otherwise."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        opened = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
    except (InvalidTag, ValueError) as fault:  # the latter where too little is left of it
        raise StoreError(f"the sealed words of {purpose} were changed", "restore the database from a backup") from fault
    read: Mapping[str, str] = json.loads(opened)
    return read


def commitment(words: Mapping[str, Json], salt: str) -> str:
    """Return the SHA-256 of words under a salt of 32 random bytes in hex: it binds to them and betrays nothing of them.

    >>> commitment({"name": "Ana Ruiz"}, "00" * 32) == commitment({"name": "Ana Ruiz"}, "01" * 32)
    False
    """
    return hashlib.sha256(bytes.fromhex(salt) + canonical_json(words)).hexdigest()


def new_salt() -> str:
    """Draw the salt of a commitment, 32 random bytes in hex."""
    return secrets.token_hex(32)


def overwrite_deleted(connection: Connection) -> None:
    """Let SQLite write zeros over what this transaction deletes, instead of leaving it in the file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def lookup(connection: Connection, kind: str, *words: str) -> bytes:
    """Return the keyed hash (32 bytes) by which words are found again without being kept."""
    return hmac.digest(_secret(connection), canonical_json([kind, *words]), "sha256")


def make_secret(connection: Connection) -> None:
    """Make the secret of `lookup` where there is none yet, inside a writing transaction."""
    known = connection.execute(sql.select(people_secrets.c.name).where(people_secrets.c.name == "lookup")).scalar()
    if known is None:
        connection.execute(people_secrets.insert(), {"name": "lookup", "secret": secrets.token_bytes(32)})


def new_token(prefix: str) -> str:
    """Make an opaque token: a prefix that says what it is, then 256 random bits."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> bytes:
    """Return what is kept of a token; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _secret(connection: Connection) -> bytes:
    query = sql.select(people_secrets.c.secret).where(people_secrets.c.name == "lookup")
    secret: bytes | None = connection.execute(query).scalar()
    if secret is None:
        return bytes(32)  # nobody has joined, so nothing can be found under any secret
    return secret

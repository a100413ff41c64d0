"""Proofs an auditor can check alone: that an entry is in the log, and that the log only grew."""

from __future__ import annotations

import base64
import operator
from collections.abc import Mapping
from typing import Any, TypedDict

from bimetal.errors import InputError, LogError
from bimetal.store import checkpoint, merkle
from bimetal.store.rows import read_entry
from bimetal.store.tiles import WIDTH, Tiles
from bimetal.types import Entry


class Inclusion(TypedDict):
    """JSON: the entry's place and canonical JSON, base64 hashes from leaf to root, the signed checkpoint."""

    seq: int
    leaf: str
    proof: list[str]
    checkpoint: str


class Consistency(TypedDict):
    """JSON: the size the reader knew, base64 hashes, the newer signed checkpoint."""

    old_size: int
    proof: list[str]
    checkpoint: str


def prove(tiles: Tiles, seq: int, verifier: str) -> Inclusion:
    """Prove from tiles that entry `seq` is under the published checkpoint; raises InputError where it is not."""
    note = tiles.checkpoint()
    size = checkpoint.verify(note, verifier).size
    if seq >= size:
        raise InputError(f"entry {seq} is not among the {size} published", f"name one from 0 to {size - 1}")
    hashes = merkle.inclusion_proof(seq, size, tiles.node(size))
    index, place = divmod(seq, WIDTH)
    bundle = tiles.entries(index, min(WIDTH, size - index * WIDTH))
    leaf = bundle[place].decode(errors="replace") if place < len(bundle) else ""
    proof = Inclusion(seq=seq, leaf=leaf, proof=_encoded(hashes), checkpoint=note)
    verify_proof(proof, verifier)
    return proof


def consistency(tiles: Tiles, old_size: int, verifier: str) -> Consistency:
    """Prove from tiles that the published log continues its first `old_size` entries."""
    note = tiles.checkpoint()
    size = checkpoint.verify(note, verifier).size
    hashes = merkle.consistency_proof(old_size, size, tiles.node(size))
    return Consistency(old_size=old_size, proof=_encoded(hashes), checkpoint=note)


def verify_proof(proof: Mapping[str, Any], verifier: str) -> Entry:
    """Check an inclusion proof and return the entry it proves; raises LogError."""
    try:
        seq, leaf, hashes = operator.index(proof["seq"]), proof["leaf"].encode(), _decoded(proof["proof"])
        note = str(proof["checkpoint"])
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise _unreadable(fault) from fault
    signed = checkpoint.verify(note, verifier)
    merkle.verify_inclusion(seq, signed.size, merkle.leaf_hash(leaf), hashes, signed.root)
    return read_entry(leaf)


def verify_growth(old_note: str, proof: Mapping[str, Any], verifier: str) -> int:
    """Check that the log only grew since `old_note`, a checkpoint kept earlier, and say how far; raises LogError."""
    try:
        hashes, note = _decoded(proof["proof"]), str(proof["checkpoint"])
    except (KeyError, TypeError, ValueError) as fault:
        raise _unreadable(fault) from fault
    old, new = checkpoint.verify(old_note, verifier), checkpoint.verify(note, verifier)
    merkle.verify_consistency(old.size, new.size, hashes, old.root, new.root)
    return new.size


def _unreadable(fault: Exception) -> LogError:
    return LogError(f"the proof cannot be read: {fault!r}", "pass it as `bimetal log prove` wrote it")


def _encoded(hashes: list[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]


def _decoded(hashes: list[str]) -> list[bytes]:
    return [base64.b64decode(each, validate=True) for each in hashes]

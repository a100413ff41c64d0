"""Merkle tree hashing, inclusion and consistency proofs of a transparency log (RFC 6962, RFC 9162)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from bimetal.errors import LogError

Node = Callable[[int, int], bytes]
"""Answer (level, index) with the hash over leaves index * 2^level up to (index + 1) * 2^level."""

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf, 32 bytes.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent, 32 bytes."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Hash leaf hashes (or equally high subtrees; the last may be lower) into one tree head.

    >>> root([]) == EMPTY_ROOT
    True
    >>> a, b, c = map(leaf_hash, (b"a", b"b", b"c"))
    >>> root([a, b, c]) == node_hash(node_hash(a, b), c)
    True
    """
    row = list(hashes) or [EMPTY_ROOT]
    sha256 = hashlib.sha256
    while len(row) > 1:
        # An odd one out rises unhashed: the same tree as RFC 6962's split at the largest power of two.
        odd = row[-1:] if len(row) % 2 else []
        row = [sha256(b"\1" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)] + odd
    return row[0]


def nodes(hashes: Sequence[bytes]) -> Node:
    """Make a Node over leaf hashes held in memory."""
    return lambda level, index: root(hashes[index << level : (index + 1) << level])


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Prove that leaf `index` is in the tree of `size` leaves; raises LogError unless index < size.

    >>> a, b, c = map(leaf_hash, (b"a", b"b", b"c"))
    >>> inclusion_proof(2, 3, nodes([a, b, c])) == [node_hash(a, b)]
    True
    """
    if not 0 <= index < size:
        raise LogError(f"entry {index} is not in a log of {size} entries", "choose an entry that has been published")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high, node))
            high = middle
        else:
            path.append(_range(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Prove that the tree of `old` leaves begins the tree of `new` leaves; raises LogError unless 0 < old <= new.

    >>> a, b, c = map(leaf_hash, (b"a", b"b", b"c"))
    >>> consistency_proof(2, 3, nodes([a, b, c])) == [c]
    True
    """
    if not 0 < old <= new:
        raise LogError(f"no log of {old} entries precedes one of {new}", f"choose an old size between 1 and {new}")
    path, low, high = [], 0, new
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high, node))
            high = middle
        else:
            path.append(_range(low, middle, node))
            low = middle
    known = [] if low == 0 else [_range(low, high, node)]
    return known + path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], head: bytes) -> None:
    """Check that leaf hash `leaf` stands at `index` in the tree of `size` leaves under root `head`; raises LogError.

    Follows RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise _refused(f"entry {index} cannot be in a log of {size} entries")
    _check_lengths([leaf, *proof])
    edge, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _refused(f"it has {len(proof)} hashes, more than a log of {size} entries needs")
        if edge & 1 or edge == last:
            found = node_hash(sibling, found)
            while not edge & 1 and edge:
                edge, last = edge >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        edge, last = edge >> 1, last >> 1
    if last or found != head:
        raise _refused(f"entry {index} does not lead to the root of the log of {size} entries")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_head: bytes, new_head: bytes) -> None:
    """Check that the log of `new` entries only appended to the log of `old` entries; raises LogError.

    Follows RFC 9162, section 2.1.4.2; a proof from an empty log says nothing and is refused.
    """
    if not 0 < old <= new:
        raise _refused(f"a log of {old} entries cannot precede one of {new}")
    if old == new:
        if proof or old_head != new_head:
            raise _refused(f"two logs of {old} entries differ")
        return
    if not proof:
        raise _refused("it holds no hashes")
    _check_lengths(proof)
    path = list(proof) if old & (old - 1) else [old_head, *proof]
    _replay(old, new, path, (old_head, new_head))


def _replay(old: int, new: int, path: list[bytes], heads: tuple[bytes, bytes]) -> None:
    edge, last = old - 1, new - 1
    while edge & 1:
        edge, last = edge >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _refused(f"it is longer than logs of {old} and {new} entries need")
        if edge & 1 or edge == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not edge & 1 and edge:
                edge, last = edge >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        edge, last = edge >> 1, last >> 1
    if last or (before, after) != heads:
        raise _refused(f"the log of {new} entries does not continue the log of {old}")


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(each) != 32 for each in hashes):
        raise _refused("a hash in it is not 32 bytes long")


def _refused(reason: str) -> LogError:
    return LogError(f"the proof does not hold: {reason}", "fetch the proof again; if it fails again, distrust the log")


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _range(low: int, high: int, node: Node) -> bytes:
    """Hash leaves low up to high, where `low` is a multiple of the power of two that splits them."""
    size = high - low
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(size)
    return node_hash(_range(low, middle, node), _range(middle, high, node))

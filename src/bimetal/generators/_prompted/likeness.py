"""How alike two texts are: MinHash of character 4-grams (Broder 1997), against all that was kept before."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Print: TypeAlias = NDArray[np.uint32]

GRAM = 4
PRINTS = 64  # the standard error of a likeness of 0.8 is 0.05
WINDOW = 4096  # rows back that near copies are looked for; exact ones are found however far back

_draws = np.random.default_rng(20110).integers(0, 2**63, (2, PRINTS), dtype=np.uint64)
_FACTOR, _OFFSET = _draws[0] | np.uint64(1), _draws[1]


def plain(text: str) -> str:
    """Spell a text without case, punctuation and extra space, so that trifles make no difference.

    >>> plain("  Where's my CARD?! ")
    'where s my card'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in folded).split())


def printed(text: str) -> Print:
    """Return a text's MinHash, shape (64,): two are equal in a place as often as their 4-grams are shared.

    >>> a, b = printed("my card was lost in town"), printed("my card was lost in  Town!")
    >>> float((a == b).mean())
    1.0
    """
    spelled = plain(text).ljust(GRAM)
    codes = np.frombuffer(spelled.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    grams = np.lib.stride_tricks.sliding_window_view(codes, GRAM)
    with np.errstate(over="ignore"):
        hashes = np.zeros(len(grams), np.uint64)
        for place in range(GRAM):
            hashes = (hashes ^ grams[:, place]) * np.uint64(0x9E3779B97F4A7C15)
            hashes ^= hashes >> np.uint64(29)
        mixed = (hashes[:, None] * _FACTOR + _OFFSET) >> np.uint64(32)
    least: Print = mixed.min(axis=0).astype(np.uint32)
    return least


def likeness(one: str, other: str) -> float:
    """Estimate what share of two texts' 4-grams is in both, 0-1.

    >>> likeness("where is my card", "Where is my card?"), likeness("where is my card", "99 bottles")
    (1.0, 0.0)
    """
    return float((printed(one) == printed(other)).mean())


class Seen:
    """The texts kept so far, in their order."""

    def __init__(self) -> None:
        self._exact: set[bytes] = set()
        self._prints = np.zeros((0, PRINTS), np.uint32)

    def likest(self, text: str, its_print: Print) -> float:
        """Return the likeness of a text to the likest before it: 1 for a copy of any, else among the last 4,096."""
        if _short(text) in self._exact:
            return 1.0
        return closest(its_print, self._prints)

    def add(self, texts: list[str], prints: list[Print]) -> None:
        self._exact.update(map(_short, texts))
        if prints:
            self._prints = np.concatenate([self._prints, np.stack(prints)])[-WINDOW:]


def closest(one: Print, others: Print) -> float:
    """Return the largest likeness to any of some prints, shape (n, 64); 0 where there are none."""
    return float((others == one).mean(axis=1).max()) if len(others) else 0.0


def _short(text: str) -> bytes:
    return hashlib.blake2b(plain(text).encode("utf-8", "replace"), digest_size=8).digest()

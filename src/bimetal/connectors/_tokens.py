"""Tokens for formats that need them: runs of letters and digits, or one sign, never half of what a reader sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

_JOINER = "\u200d"


def tokens(text: str, borders: Collection[int] = ()) -> Iterator[tuple[int, int]]:
    """Cut a text into tokens, as (start, end) in code points, at spaces, around signs and at `borders`.

    Accents, vowel signs and joined emoji stay with what they belong to, unless a border cuts them.

    >>> [("ห้า, 5€ ok"[start:end]) for start, end in tokens("ห้า, 5€ ok")]
    ['ห้า', ',', '5', '€', 'ok']
    """
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or at in borders or _apart(text, at):
            if not text[start:at].isspace():
                yield start, at
            start = at


def _apart(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before.isspace() or after.isspace():
        return not (before.isspace() and after.isspace())
    if _clings(after) or before == _JOINER:
        return False
    if _is_flag(before) and _is_flag(after):
        return _flags_before(text, at) % 2 == 0
    return not (_is_word(text, at - 1) and after.isalnum())


def _clings(sign: str) -> bool:
    """Say whether a sign belongs to the one before: a mark, a joiner, a variation or a skin tone."""
    return unicodedata.category(sign) in {"Mn", "Mc", "Me", "Cf"} or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _is_word(text: str, at: int) -> bool:
    while at and _clings(text[at]):
        at -= 1
    return text[at].isalnum()


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flags_before(text: str, at: int) -> int:
    begin = at
    while begin and _is_flag(text[begin - 1]):
        begin -= 1
    return at - begin

"""Small changes to a text that a person reads over: look-alikes, invisible signs, typing slips, case, marks, gaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Edit: TypeAlias = Callable[[str, str, float], "str | None"]
"""What becomes of a character, given the one behind it and a number in 0..1; None where it cannot be changed so."""

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACES = {key: (column + row / 2, row) for row, keys in enumerate(ROWS) for column, key in enumerate(keys)}
NEIGHBOURS = {
    key: "".join(other for other, (u, v) in _PLACES.items() if other != key and (u - x) ** 2 + (v - y) ** 2 < 1.6)
    for key, (x, y) in _PLACES.items()
}
_ALIKE = dict(zip("aceiopxysjACEHIKMOPTXB", "асеіорхуѕјАСЕНІКМОРТХВ", strict=True))
_INVISIBLE = "\u200b\u2060\ufeff"
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a"
_GAPS = "\u00a0\u2009\u2003"


def perturbed(text: str, way: str, strength: float, picks: FloatArray) -> tuple[str, int]:
    r"""Change about `strength` of the characters that can be changed, at least one; return the text and how many.

    `picks` are two numbers in 0..1 a character, shape (characters, 2). A text nothing can be done to stays as it is.

    >>> import numpy as np
    >>> perturbed("card", "zero_width", 1.0, np.zeros((4, 2)))
    ('c\u200ba\u200br\u200bd\u200b', 4)
    """
    edit, signs = EDITS[way], list(text)
    able = [at for at in range(len(signs)) if edit(signs[at], text[at + 1 : at + 2], 0.0) is not None]
    ordered = sorted(able, key=lambda at: picks[at, 0])
    wanted = max(1, round(strength * len(able)))
    done: set[int] = set()
    for at in ordered:
        if len(done) == wanted:
            break
        if way == "typo" and ({at - 1, at + 1} & done):  # a swap moves the next character, which then stays
            continue
        changed = edit(text[at], text[at + 1 : at + 2], float(picks[at, 1]))
        assert changed is not None
        if len(changed) == 2 and changed == text[at + 1 : at + 2] + text[at]:
            signs[at : at + 2] = list(changed)
        else:
            signs[at] = changed
        done.add(at)
    return "".join(signs), len(done)


def _homoglyph(sign: str, after: str, pick: float) -> str | None:  # noqa: ARG001 - every edit is called alike
    return _ALIKE.get(sign)


def _zero_width(sign: str, after: str, pick: float) -> str | None:  # noqa: ARG001 - every edit is called alike
    return sign + _INVISIBLE[int(pick * len(_INVISIBLE))] if not sign.isspace() else None


def _typo(sign: str, after: str, pick: float) -> str | None:
    """Swap with the next letter, hit a neighbouring key, leave a letter out or type it twice."""
    if not sign.isalpha() or (after and unicodedata.combining(after)):
        return None
    if pick < 0.25 and after.isalpha() and after != sign:
        return after + sign
    keys = NEIGHBOURS.get(sign.lower(), "")
    if pick < 0.6 and keys:
        key = keys[int(pick * 1000) % len(keys)]
        return key.upper() if sign.isupper() else key
    return "" if pick > 0.8 and after.isalpha() and after != sign else sign * 2


def _case(sign: str, after: str, pick: float) -> str | None:  # noqa: ARG001 - every edit is called alike
    changed = sign.swapcase()
    return changed if changed != sign and len(changed) == 1 else None


def _diacritics(sign: str, after: str, pick: float) -> str | None:
    """Take a letter's mark away, or give a Latin letter one."""
    bare = "".join(each for each in unicodedata.normalize("NFD", sign) if not unicodedata.combining(each))
    if bare and bare != sign:
        return bare
    if not sign.isascii() or not sign.isalpha() or (after and unicodedata.combining(after)):
        return None
    return unicodedata.normalize("NFC", sign + _MARKS[int(pick * len(_MARKS))])


def _whitespace(sign: str, after: str, pick: float) -> str | None:
    """Double a space, make it another kind of space, or put one inside a word."""
    if sign == " ":
        return "  " if pick < 0.5 else _GAPS[int((pick - 0.5) * 2 * len(_GAPS))]
    return f"{sign} " if sign.isalpha() and after.isalpha() else None


EDITS: dict[str, Edit] = {
    "homoglyph": _homoglyph,
    "zero_width": _zero_width,
    "typo": _typo,
    "case": _case,
    "diacritics": _diacritics,
    "whitespace": _whitespace,
}

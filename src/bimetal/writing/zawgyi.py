"""Burmese in the Zawgyi font encoding: told apart from Unicode by what only one of them can spell, and converted.

Zawgyi puts letters where they are seen (the vowel E and the medial RA before their consonant), uses U+1039 as the
visible asat that Unicode has at U+103A, and other languages' code points for stacked and reshaped Burmese letters.
The sequences follow the storage order of Unicode Technical Note 11; the code points, the published Zawgyi-One chart.
"""

from __future__ import annotations

import re
from itertools import groupby

PREPONDERANCE = 4
"""How many signs of Zawgyi must stand against each sign of Unicode before a text is taken for Zawgyi."""


def is_zawgyi(text: str, language: str = "") -> bool:
    """Say whether a text is Burmese in Zawgyi; never so for another language than Burmese, nor on even evidence.

    >>> is_zawgyi("ျမန္မာလိုေျပာ"), is_zawgyi("မြန်မာလိုပြော"), is_zawgyi("မမ")
    (True, False, False)
    >>> is_zawgyi("မဂၤလာပါ"), is_zawgyi("မဂၤလာပါ", "my")  # GA's own sign is a tone in Karen
    (False, True)
    """
    if language and language.casefold().partition("-")[0] not in {"my", "bur", "mya"}:
        return False
    signs = len(_ZAWGYI.findall(text)) + (len(_BORROWED.findall(text)) if language else 0)
    return signs > PREPONDERANCE * (len(_UNICODE.findall(text)) + len(_OTHERS.findall(text)))


def has_sign(text: str) -> bool:
    """Say whether a text has anything that Unicode cannot spell and Zawgyi can, were it one sign alone."""
    return bool(_ZAWGYI.search(text))


def syllables(text: str) -> list[str]:
    """Cut a Zawgyi text where it may be converted piece by piece: whole syllables, and all else.

    >>> syllables("ေက်ာ္ x")
    ['ေက်ာ္', ' ', 'x']
    """
    return _SYLLABLE.findall(text)


def converted(syllable: str, before: str = "", after: str = "") -> str:
    """Spell one Zawgyi syllable in Unicode; `before` and `after` are the code points beside it.

    >>> converted("ေက်ာ္")
    'ကျော်'
    """
    letters = _as_letters(syllable, before, after)
    spelled = "".join(_CODES.get(char, char) for char in letters)
    return ordered(spelled) if _MYANMAR.search(spelled) else spelled


def ordered(syllable: str) -> str:
    """Put a Burmese syllable's signs, in Unicode code points but any order, into the order of Technical Note 11.

    >>> ordered("ေကျာ်") == ordered("ကျော်") == "ကျော်"
    True
    """
    pieces = _PIECE.findall(syllable)
    base = next((i for i, piece in enumerate(pieces) if _LETTER.fullmatch(piece)), None)
    if base is None:
        return syllable
    first, rest = pieces[base], pieces[:base] + pieces[base + 1 :]
    kinzi = [piece for piece in rest if piece == _KINZI]
    signs = [piece for piece in rest if piece != _KINZI]
    open_at = next((i for i, piece in enumerate(signs) if piece in "ါာ"), len(signs))
    ranked = sorted(range(len(signs)), key=lambda i: _rank(signs[i], late=i > open_at))
    kept = [sign for sign, _ in groupby(signs[i] for i in ranked)]
    return _respelled("".join(kinzi[:1]) + first + "".join(kept))


_KINZI = "\u1004\u103a\u1039"
_CONSONANTS = r"\u1000-\u1021"
_MYANMAR = re.compile(r"[\u1000-\u109f]")
_LETTER = re.compile(rf"[{_CONSONANTS}\u1023-\u102a\u103f\u104e]")
_PIECE = re.compile(rf"{_KINZI}|\u1039[{_CONSONANTS}]|.", re.DOTALL)
_ORDER = (
    "\u1039", "\u103b", "\u103c", "\u103d", "\u103e", "\u1031",
    "\u102d\u102e\u1032", "\u102f\u1030", "\u102b\u102c", "\u103a", "\u1036", "\u1037", "\u1038",
)  # fmt: skip
"""Stacked, medials YA RA WA HA, vowel E, vowels above, below, AA, asat, anusvara, dot below, visarga."""

_ZAWGYI = re.compile(
    r"(?<![\u1000-\u1022\u1028\u103b-\u103f\u105a-\u1061\u1065\u1066\u106e-\u1070\u1075-\u1082\uaa60-\uaa7a])\u1031"
    rf"|\u1039(?![{_CONSONANTS}])"  # Unicode's U+1039 stacks a consonant; Zawgyi's is seen
    r"|\u1031[\u103b\u107e-\u1084]"  # E and RA, both before their consonant
    r"|(?<![\u1000-\u109f])\u103b"
    r"|\u103a[\u102b-\u102e\u1030\u1032]"  # a killed consonant has no vowel; Zawgyi's medial YA has
)
_UNICODE = re.compile(
    r"[\u103e\u103f]|\u103a[\u1037\u1038]|\u1037\u103a|\u1004\u103a\u1039|\u103a(?=[\s\u104a\u104b]|$)"
)
_BORROWED = re.compile(r"[\u1033\u1034\u105a\u1060-\u1097]")
"""Code points of other languages, which Burmese needs in Zawgyi alone."""
_OTHERS = re.compile(
    r"[\u1022\u1028\u1035\u1050-\u1059\u105b-\u105f\u1098-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]"
    r"|[\u105a\u1062\u1063\u1082]\u103a"  # Mon NGA, Karen EU and tone, Shan medial WA, each with an asat
    r"|[\u1083\u1084](?![\u1000-\u1021\u1023-\u102a\u106a\u106b\u106e\u106f\u1086\u108f\u1090])"  # Shan AA and E
    r"|(?<![\u1000-\u109f])[\u1075-\u107c]"  # Shan consonants; in Zawgyi they hang below another
)
_SYLLABLE = re.compile(
    r"[\u1031\u103b\u107e-\u1084]*"
    r"[\u1000-\u1021\u1023-\u102a\u1040-\u1049\u104e\u106a\u106b\u106e\u106f\u1086\u108f-\u1092\u1097]"
    r"[\u102b-\u1030\u1032-\u103a\u103c\u103d\u105a\u1060-\u1069\u106c\u106d\u1070-\u107d\u1085\u1087-\u108e\u1093-\u1096]*"
    r"|.",
    re.DOTALL,
)
_STACKED = dict(
    zip(
        "\u1060\u1061\u1062\u1063\u1065\u1066\u1067\u1068\u1069\u106c\u106d\u1070\u1071\u1072\u1073\u1074\u1075\u1076"
        "\u1077\u1078\u1079\u107a\u107b\u1093\u107c\u1085",
        "\u1000\u1001\u1002\u1003\u1005\u1006\u1006\u1007\u1008\u100b\u100c\u100f\u1010\u1010\u1011\u1011\u1012\u1013"
        "\u1014\u1015\u1016\u1017\u1018\u1018\u1019\u101c",
        strict=True,
    )
)
_CODES = {
    **{seen: f"\u1039{letter}" for seen, letter in _STACKED.items()},
    **dict.fromkeys("\u107e\u107f\u1080\u1081\u1082\u1083\u1084\u103b", "\u103c"),
    "\u1033": "\u102f", "\u1034": "\u1030", "\u1094": "\u1037", "\u1095": "\u1037",
    "\u1039": "\u103a", "\u103a": "\u103b", "\u107d": "\u103b", "\u103c": "\u103d", "\u103d": "\u103e",
    "\u1087": "\u103e", "\u1088": "\u103e\u102f", "\u1089": "\u103e\u1030", "\u108a": "\u103d\u103e",
    "\u105a": "\u102b\u103a", "\u1064": _KINZI, "\u108b": f"{_KINZI}\u102d", "\u108c": f"{_KINZI}\u102e",
    "\u108d": f"{_KINZI}\u1036", "\u108e": "\u102d\u1036", "\u1096": "\u1039\u1010\u103d",
    "\u106a": "\u1009", "\u106b": "\u100a", "\u1086": "\u103f", "\u108f": "\u1014", "\u1090": "\u101b",
    "\u106e": "\u100d\u1039\u100d", "\u106f": "\u100d\u1039\u100e", "\u1091": "\u100f\u1039\u100d",
    "\u1092": "\u100b\u1039\u100c", "\u1097": "\u100b\u1039\u100b",
}  # fmt: skip
_LOOKALIKES = {"\u1040": "\u101d", "\u1047": "\u101b"}
"""Digits typed for letters: zero for WA, seven for RA."""


def _rank(sign: str, *, late: bool) -> int:
    """Say where a sign stands; an asat before the vowel AA kills the consonant itself, one behind it the vowel."""
    if sign == "\u103a" and not late:
        return -1
    return next((place for place, signs in enumerate(_ORDER) if sign[0] in signs), len(_ORDER))


def _respelled(syllable: str) -> str:
    """Spell what Zawgyi cannot tell apart: NYA for U where a sign makes it so, and JHA in one letter."""
    for seen, meant in (("\u1025\u103a", "\u1009\u103a"), ("\u1025\u1039", "\u1009\u1039"), ("\u1005\u103b", "\u1008")):
        syllable = syllable.replace(seen, meant)
    return syllable


def _as_letters(syllable: str, before: str, after: str) -> str:
    """Read the digits that are typed for the letters they look like, and the sign of `the said` in full."""
    if syllable.startswith("\u104e") and after[:1] != "\u1004":
        return f"\u104e\u1004\u1039\u1038{syllable[1:]}"
    if syllable == "\u1044" and after[:1] == "\u1004":
        return "\u104e"
    joined = len(syllable) > 1
    lonely = syllable == "\u1040" and not _DIGIT.match(before[-1:]) and not _DIGIT.match(after[:1])
    if joined or (lonely and _MYANMAR.match(before[-1:] or after[:1])):
        return "".join(_LOOKALIKES.get(char, char) for char in syllable)
    return syllable


_DIGIT = re.compile(r"[\u1040-\u1049]")

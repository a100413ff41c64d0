"""Which script a text is written in, and whether it runs from left to right or from right to left."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Literal

Direction = Literal["ltr", "rtl"]

SPACELESS = re.compile(  # characters of scripts that put no spaces between words
    "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # kana, Han
)


def direction(language: str, text: str = "") -> Direction:
    """Say how a language's text runs, by its tag (BCP 47); by the text's first strong letter where no tag says (UAX 9).

    >>> direction("ar"), direction("ku-Arab"), direction("az-Latn"), direction("th")
    ('rtl', 'rtl', 'ltr', 'ltr')
    >>> direction("", "«שלום»"), direction("", "123")
    ('rtl', 'ltr')
    """
    if _TAG.fullmatch(language):
        first, *rest = language.casefold().split("-")
        written = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
        right = written in _RIGHT_SCRIPTS if written else first in _RIGHT_LANGUAGES
        return "rtl" if right else "ltr"
    strong = next((kind for kind in map(unicodedata.bidirectional, language + text) if kind in {"L", "R", "AL"}), "L")
    return "ltr" if strong == "L" else "rtl"


def script(text: str) -> str:
    """Return the script most of a text's letters are of, as an ISO 15924 code; `Zyyy` for a text without letters.

    >>> script("ภาษาไทย"), script("ភាសាខ្មែរ"), script("Tiếng Việt"), script("한국어"), script("1 + 1")
    ('Thai', 'Khmr', 'Latn', 'Hang', 'Zyyy')
    """
    letters = (char for char in text if unicodedata.category(char)[0] in "LM")
    counted = Counter(_SCRIPTS.get(unicodedata.name(char, "").partition(" ")[0], "") for char in letters)
    known = [(count, code) for code, count in counted.items() if code]
    return max(known)[1] if known else "Zyyy"


def has_right_to_left(text: str) -> bool:
    """Say whether a text has a letter of a script that runs from right to left."""
    return any(char.isalpha() and unicodedata.bidirectional(char) in {"R", "AL"} for char in text)


_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_RIGHT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
_RIGHT_LANGUAGES = frozenset(
    {
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "glk",
        "he",
        "iw",
        "lrc",
        "mzn",
        "nqo",
        "pnb",
        "prs",
        "ps",
        "sd",
        "syr",
        "ug",
        "ur",
        "yi",
    }
)
_SCRIPTS = {  # by the first word of a character's name
    "LATIN": "Latn", "GREEK": "Grek", "CYRILLIC": "Cyrl", "ARMENIAN": "Armn", "GEORGIAN": "Geor", "HEBREW": "Hebr",
    "ARABIC": "Arab", "SYRIAC": "Syrc", "THAANA": "Thaa", "NKO": "Nkoo", "ETHIOPIC": "Ethi", "DEVANAGARI": "Deva",
    "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr", "ORIYA": "Orya", "TAMIL": "Taml", "TELUGU": "Telu",
    "KANNADA": "Knda", "MALAYALAM": "Mlym", "SINHALA": "Sinh", "THAI": "Thai", "LAO": "Laoo", "MYANMAR": "Mymr",
    "KHMER": "Khmr", "TIBETAN": "Tibt", "MONGOLIAN": "Mong", "JAVANESE": "Java", "BALINESE": "Bali", "TAI": "Lana",
    "CJK": "Hani", "HIRAGANA": "Hira", "KATAKANA": "Kana", "HANGUL": "Hang", "BOPOMOFO": "Bopo", "TAGALOG": "Tglg",
}  # fmt: skip

"""Names people are called and log in by: one spelling, one script, and no look-alikes."""

from __future__ import annotations

import re
import unicodedata

from bimetal.errors import InputError

LONGEST = 64
"""Characters of a login name."""

_TOGETHER = [{"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}, {"CJK", "HANGUL"}, {"CJK", "BOPOMOFO"}]
_JOINERS = "\u200c\u200d"  # several scripts cannot spell a name without them

# Signs that common fonts draw alike, by the one they are taken for (from Unicode TS 39, confusables).
_LOOKS = str.maketrans(
    {
        sign: taken_for
        for taken_for, signs in {
            "a": "аαɑ", "b": "вβ", "c": "сϲ", "d": "ԁ", "e": "еεҽ", "g": "ɡցɢ", "h": "нһհη", "i": "іıɩ", "j": "јϳ",
            "k": "кκ", "l": "1ӏι", "m": "м", "n": "пոռ", "o": "0оοօס", "p": "рρ", "q": "ԛզգ", "r": "гʀ", "s": "ѕʂ",
            "t": "тτ", "u": "υսμ", "v": "νѵ", "w": "ԝωѡա", "x": "хχ", "y": "уγү", "z": "ᴢ",
        }.items()
        for sign in signs
    }
)  # fmt: skip


def login_name(text: str) -> str:
    """Spell a login name the one way it is compared in: NFKC, no case.

    Raises InputError where it is empty, longer than 64 characters, holds anything but letters, digits and . _ - @ +,
    or mixes scripts, as a homograph does.

    >>> login_name(" Ａna.Ruiz ")
    'ana.ruiz'
    """
    if len(text) > 4 * LONGEST:
        raise InputError(f"the user name is {len(text):,} characters long", f"use at most {LONGEST}")
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).casefold())
    if not 1 <= len(name) <= LONGEST:
        raise InputError(f"user name {text!r} has {len(name)} characters", f"use 1 to {LONGEST}")
    for sign in name:
        if sign not in "._-@+" and unicodedata.category(sign)[0] not in "LM" and not sign.isdecimal():
            raise InputError(f"user name {text!r} holds {sign!r}", "use letters, digits and . _ - @ +")
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        raise InputError(f"user name {text!r} holds no letter", "use at least one")
    scripts = _scripts(name)
    if len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER):
        mixed = " and ".join(sorted(each.title() for each in scripts))
        raise InputError(f"user name {text!r} mixes {mixed} letters", "write it in one script")
    return name


def looks(login: str) -> str:
    """Return what a login name looks like: two names that a reader could take for each other look the same.

    >>> looks("pаypа1") == looks("paypal"), looks("modern") == looks("rnodern")
    (True, True)
    """
    plain = "".join(each for each in unicodedata.normalize("NFD", login) if unicodedata.category(each) != "Mn")
    spelled = plain if _scripts(login) - {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"} == set() else login
    return spelled.translate(_LOOKS).replace("rn", "m").replace("vv", "w")


def shown_name(text: str) -> str:
    """Spell the name a person is shown by: NFC, one space between words, at most 200 characters, nothing invisible.

    >>> shown_name("  Ana   Ruiz ")
    'Ana Ruiz'
    """
    if len(text) > 200:
        raise InputError(f"the name is {len(text):,} characters long", "use at most 200")
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InputError("the name is empty", "give the name to show beside your work; a made-up one will do")
    if not all(sign.isprintable() or sign in _JOINERS for sign in name):
        raise InputError(f"name {text!r} holds an invisible character", "type it again")
    return name


def email_address(text: str) -> str:
    """Spell an e-mail address, which may be empty; whether it arrives nobody can tell from its spelling.

    >>> email_address(" ana@example.org ")
    'ana@example.org'
    """
    address = unicodedata.normalize("NFC", text[:300].strip())
    if address and not (len(address) <= 254 and address.isprintable() and re.fullmatch(r"[^\s@]+@[^\s@]+", address)):
        raise InputError(f"{text[:300]!r} is no e-mail address", "write it as name@host, or leave it empty")
    return address


def _scripts(text: str) -> set[str]:
    """Name the scripts of a text by the first word of each letter's, mark's or digit's Unicode name."""
    words = {unicodedata.name(each, "UNKNOWN").split(" ")[0] for each in text if each.isalpha() or each.isdecimal()}
    words |= {unicodedata.name(each, "UNKNOWN").split(" ")[0] for each in text if unicodedata.category(each)[0] == "M"}
    return words - {"DIGIT", "COMBINING", "MODIFIER", "FEMININE", "MASCULINE"}

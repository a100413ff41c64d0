"""One spelling for each text on entry: NFC, nothing invisible, marks in one order; where it came from is kept."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bimetal.errors import InputError
from bimetal.writing import zawgyi
from bimetal.writing.scripts import has_right_to_left


@dataclass(frozen=True, slots=True)
class Change:
    """Code points `start` to `end` of the normalised text stand for `original_start` to `original_end` as given."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in its one spelling, as it was given, and where the two differ; between changes they are the same."""

    text: str
    original: str
    changes: tuple[Change, ...]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        r"""Return the span of the original that a span of the normalised text stands for, whole changes included.

        Raises InputError where the span does not lie within the text.

        >>> read = normalised("ก\u200bข")
        >>> read.text, read.to_original(1, 2), read.to_original(0, 2)
        ('กข', (2, 3), (0, 3))
        """
        if not 0 <= start <= end <= len(self.text):
            raise InputError(f"span {start} to {end} lies outside the text's {len(self.text)} code points")
        first = self._before(start)
        if start == end:
            return first, first
        return first, self._behind(end)

    def _before(self, start: int) -> int:
        at = bisect_right(self.changes, start, key=lambda change: change.start) - 1
        if at < 0:
            return start
        change = self.changes[at]
        inside = start < change.end
        return change.original_start if inside else start - change.end + change.original_end

    def _behind(self, end: int) -> int:
        at = bisect_right(self.changes, end - 1, key=lambda change: change.start) - 1
        if at < 0:
            return end
        change = self.changes[at]
        return change.original_end if end <= change.end else end - change.end + change.original_end


def normalised(text: str, language: str = "") -> Normalised:
    r"""Spell a text the one way; `language` (BCP 47) settles what the text alone leaves open.

    Idempotent, and ASCII stays as it is. Spans drawn on the result are exported against the original by `to_original`.

    >>> normalised("Vie\u0323\u0302t").text
    'Việt'
    >>> normalised("น\u0e49\u0e4d\u0e32").text == "น\u0e49\u0e33"  # SARA AM in its parts
    True
    >>> normalised("ျမန္မာ").text
    'မြန်မာ'
    """
    if text.isascii():
        return Normalised(text, text, ())
    tidy = _staged(text, [(at, at + 1) for at in range(len(text))], _stripped, _composed)
    if zawgyi.is_zawgyi(tidy[0], language):
        spelled = _staged(*tidy, _in_unicode, _stripped, _composed, _arranged)
    else:
        spelled = _staged(*tidy, _arranged)
    if not zawgyi.is_zawgyi(spelled[0], language):  # what stays Zawgyi either way is left as it was given
        tidy = spelled
    return Normalised(tidy[0], text, tuple(_changes(tidy[0], text, tidy[1])))


_Places = list[tuple[int, int]]
"""For each code point made, the span of the original it was made from."""
_Pieces = list[tuple[str, str]]
"""A text cut into pieces, each as it is and as it is to be."""


def _staged(text: str, places: _Places, *stages: Callable[[str], _Pieces]) -> tuple[str, _Places]:
    for stage in stages:
        pieces = stage(text)
        made: _Places = []
        at = 0
        for was, now in pieces:
            made += _placed(was, now, places[at : at + len(was)])
            at += len(was)
        text, places = "".join(now for _, now in pieces), made
    return text, places


def _placed(was: str, now: str, places: _Places) -> _Places:
    """Say where each code point of `now` comes from: equal ends from their like, the middle from all the middle."""
    if was == now or not now:
        return places if now else []
    most = min(len(was), len(now)) - (len(now) > len(was))  # a middle never comes from nothing
    head = next((i for i in range(most) if was[i] != now[i]), most)
    tail = next((i for i in range(most - head) if was[-1 - i] != now[-1 - i]), most - head)
    middle = places[head : len(was) - tail]
    new = len(now) - head - tail
    whole = [(middle[0][0], middle[-1][1])] * new if new else []
    return places[:head] + whole + places[len(was) - tail :]


def _changes(text: str, original: str, places: _Places) -> Iterator[Change]:
    at = done = 0  # in the text, in the original
    while at < len(text):
        start, end = places[at]
        if start > done:
            yield Change(at, at, done, start)
        elif end == done + 1 and text[at] == original[done]:
            at, start = at + 1, end
        else:
            first = at
            while at < len(text) and places[at][0] < end:
                end = max(end, places[at][1])
                at += 1
            yield Change(first, at, done, end)
            start = end
        done = start
    if done < len(original):
        yield Change(at, at, done, len(original))


_WEIGHTLESS = "\u200b\u2060\ufeff\u202d\u202e"
"""Zero-width space, word joiner, byte order mark, and the overrides that make a text read otherwise than it is."""
_TURNS = "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
"""Marks, embeddings and isolates of direction: of use only beside letters that run from right to left."""
_JOINERS = "\u200c\u200d"
_NEEDS_JOINERS = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u1800-\u18af\u1b00-\u1bff\ua840-\ua87f\ua8e0-\ua8ff\ua980-\ua9df"
    "\u2190-\u2bff\ufb50-\ufdff\ufe0f\ufe70-\ufefe\U00010a00-\U00011fff\U0001e900-\U0001e95f\U0001f000-\U0001faff]"
)
"""Arabic and its like, the scripts of India and their kin, Mongolian, emoji; in Khmer, behind a register shifter."""
_SHIFTERS = "\u17c9\u17ca"


def _stripped(text: str) -> _Pieces:
    gone = _WEIGHTLESS if has_right_to_left(text) else _WEIGHTLESS + _TURNS
    kept = [char if char not in gone else "" for char in text]
    if any(joiner in text for joiner in _JOINERS):
        seen = [(at, char) for at, char in enumerate(kept) if char and char not in _JOINERS]
        places = [at for at, _ in seen]
        for at, char in enumerate(kept):
            if char and char in _JOINERS:
                right = bisect_right(places, at)
                beside = "".join(letter for _, letter in seen[max(right - 1, 0) : right + 1])
                needed = _NEEDS_JOINERS.search(beside) or (right > 0 and beside[0] in _SHIFTERS)
                kept[at] = char if needed else ""
    return list(zip(text, kept, strict=True))


def _in_unicode(text: str) -> _Pieces:
    pieces = zawgyi.syllables(text)
    around = zip(["", *pieces[:-1]], pieces, [*pieces[1:], ""], strict=True)
    return [(piece, zawgyi.converted(piece, before, after)) for before, piece, after in around]


def _composed(text: str) -> _Pieces:
    """Bring a text to NFC, by pieces that compose within themselves: a character and the marks behind it."""
    if unicodedata.is_normalized("NFC", text):
        return [(text, text)]
    cuts = [at for at, char in enumerate(text) if at == 0 or not _composes(char)]
    pieces = (text[start:end] for start, end in pairwise([*cuts, len(text)]))
    return [(piece, unicodedata.normalize("NFC", piece)) for piece in pieces]


def _composes(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Mc", "Me"} or "\u1160" <= char <= "\u11ff"


_CLUSTER = re.compile(
    "[\u0e01-\u0e2e](?:{0}*\u0e4d{0}*\u0e32{0}*|{0}+)|\u0e40\u0e40".format("[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]")
    + "|[\u0e81-\u0eae\u0edc-\u0edf](?:{0}*\u0ecd{0}*\u0eb2{0}*|{0}+)|\u0ec0\u0ec0".format(
        "[\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ecd]"
    )
    + "|[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd\u200c\u200d])++(?!\u17d2)"
    "|(?:\u1004\u103a\u1039)?[\u1000-\u1021\u1023-\u102a\u103f]"
    "(?:\u1039[\u1000-\u1021]|[\u102b-\u1030\u1032\u1036-\u1038\u103a-\u103e])++(?![\u1031\u1033-\u1035\u1039\u105a-\u109f])"
)
"""A consonant with its signs, in Thai, Lao, Khmer and Burmese; doubled E, which looks like AE, in the first two."""


def _arranged(text: str) -> _Pieces:
    """Put the marks of each cluster in one order, and spell in one way what looks the same."""
    pieces, done = [], 0
    doubtful = zawgyi.has_sign(text)
    for cluster in _CLUSTER.finditer(text):
        if doubtful and cluster[0] >= "\u1000" and cluster[0] < "\u1100":
            continue
        pieces.append((text[done : cluster.start()],) * 2)
        pieces.append((cluster[0], unicodedata.normalize("NFC", _arrange(cluster[0]))))
        done = cluster.end()
    return [*pieces, (text[done:],) * 2]


def _arrange(cluster: str) -> str:
    if cluster < "\u0e80":
        return _with_am(_sorted(cluster, _THAI), "\u0e4d", "\u0e32\u0e33").replace("\u0e40\u0e40", "\u0e41")
    if cluster < "\u0f00":
        return _with_am(_sorted(cluster, _LAO), "\u0ecd", "\u0eb2\u0eb3").replace("\u0ec0\u0ec0", "\u0ec1")
    if cluster < "\u1100":
        return zawgyi.ordered(cluster)
    return _sorted(cluster, _KHMER).replace("\u17c1\u17b6", "\u17c4").replace("\u17c1\u17b8", "\u17be")


_THAI = ("\u0e31\u0e34-\u0e3a\u0e47", "\u0e4d", "\u0e48-\u0e4c\u0e4e", "\u0e32\u0e33")
_LAO = ("\u0eb1\u0eb4-\u0ebc", "\u0ecd", "\u0ec8-\u0ecc", "\u0eb2\u0eb3")
_KHMER = (
    "\u17cc",
    "\u17d2",
    "\u17c9\u17ca\u200c\u200d",
    "\u17b6-\u17c5",
    "\u17c6",
    "\u17c7\u17c8\u17cb\u17cd-\u17d1\u17d3\u17dd",
)
"""What follows a consonant, in order: Khmer as Unicode's chapter 16 has it, RO last among the letters below."""


def _sorted(cluster: str, order: tuple[str, ...]) -> str:
    first, *signs = re.findall("\u17d2?.[\u200c\u200d]*", cluster, re.DOTALL)

    def rank(sign: str) -> tuple[int, bool]:
        place = next((at for at, signs in enumerate(order) if re.match(f"[{signs}]", sign)), len(order))
        return place, sign.startswith("\u17d2\u179a")

    return "".join([first, *sorted(signs, key=rank)])


def _with_am(cluster: str, nikhahit: str, vowels: str) -> str:
    """Spell the vowel AM as one letter behind the tone, where it was typed as a ring and the vowel AA."""
    if nikhahit in cluster and cluster.endswith(vowels[0]):
        return cluster.replace(nikhahit, "")[:-1] + vowels[1]
    return cluster

"""Texts cut into tokens with their places, spans as BIO tags and back, and what a token looks like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bimetal.writing.scripts import SPACELESS

# Vowel signs and accents: \w leaves them out, and without them no word of Hindi or of decomposed Vietnamese is whole.
MARKS = "".join(chr(code) for code in range(0x300, 0x11000) if unicodedata.category(chr(code))[0] == "M")
# A character of a script without spaces and the marks on it; a run of other letters or of digits; any other sign.
TOKEN = re.compile(rf"{SPACELESS.pattern}[{MARKS}]*|(?:[^\W\d_]|[{MARKS}])+|\d+|[^\w\s]|_")
OUTSIDE = "O"

Span = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands, in code points."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Cut a text into words, numbers and signs; scripts without spaces into characters.

    >>> [each.text for each in tokens("Pay 20.5 to ลาว!")]
    ['Pay', '20', '.', '5', 'to', 'ล', 'า', 'ว', '!']
    """
    return [Token(found.group(), found.start(), found.end()) for found in TOKEN.finditer(text)]


def tags(row: Sequence[Token], spans: Sequence[Span]) -> list[str]:
    """Tag tokens with B-label, I-label or O; a token that a span touches belongs to it.

    >>> tags(tokens("call Ma Hla"), [{"start": 5, "end": 11, "label": "person"}])
    ['O', 'B-person', 'I-person']
    """
    found = [OUTSIDE] * len(row)
    for span in sorted(spans, key=lambda each: int(each["start"])):
        inside = [at for at, token in enumerate(row) if token.start < span["end"] and token.end > span["start"]]
        for at in inside:
            found[at] = ("B-" if at == inside[0] else "I-") + span["label"]
    return found


def spans(row: Sequence[Token], tagged: Sequence[str]) -> list[dict[str, Any]]:
    """Read spans off tags, the inverse of `tags` where spans begin and end with tokens.

    >>> spans(tokens("call Ma Hla"), ["O", "B-person", "I-person"])
    [{'start': 5, 'end': 11, 'label': 'person'}]
    """
    found: list[dict[str, Any]] = []
    for token, tag in zip(row, tagged, strict=True):
        if tag.startswith("B-"):
            found.append({"start": token.start, "end": token.end, "label": tag[2:]})
        elif tag.startswith("I-"):
            found[-1]["end"] = token.end
    return found


def features(row: Sequence[Token]) -> Iterator[dict[str, Any]]:
    """Describe each token: itself, its shape, its beginning and end, and two neighbours on either side."""
    words = ["<s>", "<s>", *(token.text.lower() for token in row), "</s>", "</s>"]
    shapes = ["<s>", *(shape(token.text) for token in row), "</s>"]
    for at, (word, own) in enumerate(zip(words[2:-2], shapes[1:-1], strict=True)):
        yield {
            "word": word,
            "shape": own,
            **{f"prefix{size}": word[:size] for size in (1, 2, 3)},
            **{f"suffix{size}": word[-size:] for size in (1, 2, 3)},
            **{f"word{step:+}": words[at + 2 + step] for step in (-2, -1, 1, 2)},
            "word-1,0": f"{words[at + 1]} {word}",
            "word0,+1": f"{word} {words[at + 3]}",
            "shape-1": shapes[at],
            "shape+1": shapes[at + 2],
        }


def shape(word: str) -> str:
    """Sketch a word: capitals as X, letters as x, digits as d, at most two of a kind on end.

    >>> shape("Rangoon"), shape("2026"), shape("WHO")
    ('Xxx', 'dd', 'XX')
    """
    kinds = ("X" if mark.isupper() else "x" if mark.isalpha() else "d" if mark.isdigit() else mark for mark in word)
    return re.sub(r"(.)\1{2,}", r"\1\1", "".join(kinds))

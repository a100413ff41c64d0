"""The same place in a text as a code point, a UTF-8 byte and a UTF-16 unit, as browsers count."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from bimetal.errors import InputError


@dataclass(frozen=True)
class Offsets:
    """Places in a text in three units; each map is monotone, and 0 and the text's end map to their like.

    >>> places = Offsets("ก🙂b")
    >>> [(n, places.utf8(n), places.utf16(n)) for n in range(4)]
    [(0, 0, 0), (1, 3, 1), (2, 7, 3), (3, 8, 4)]
    >>> places.from_utf8(7), places.from_utf16(3)
    (2, 2)
    """

    text: str

    def utf8(self, point: int) -> int:
        """Return the UTF-8 byte at which a code point begins; raises InputError outside the text."""
        return self._bytes[self._within(point)]

    def utf16(self, point: int) -> int:
        """Return the UTF-16 unit at which a code point begins; raises InputError outside the text."""
        return self._units[self._within(point)]

    def from_utf8(self, byte: int) -> int:
        """Return the code point that begins at a UTF-8 byte; raises InputError inside a character or outside."""
        return _found(self._bytes, byte, "UTF-8 byte")

    def from_utf16(self, unit: int) -> int:
        """Return the code point that begins at a UTF-16 unit; raises InputError inside a pair or outside."""
        return _found(self._units, unit, "UTF-16 unit")

    @cached_property
    def _bytes(self) -> list[int]:
        return list(accumulate(map(_utf8_width, self.text), initial=0))

    @cached_property
    def _units(self) -> list[int]:
        return list(accumulate((1 + (char > "\uffff") for char in self.text), initial=0))

    def _within(self, point: int) -> int:
        if not 0 <= point <= len(self.text):
            raise InputError(f"offset {point} lies outside the text's {len(self.text)} code points")
        return point


def _utf8_width(char: str) -> int:
    return 1 + (char > "\x7f") + (char > "\u07ff") + (char > "\uffff")


def _found(places: list[int], place: int, unit: str) -> int:
    at = bisect_left(places, place)
    if at == len(places) or places[at] != place:
        raise InputError(f"no code point begins at {unit} {place}", "offsets fall between whole characters")
    return at

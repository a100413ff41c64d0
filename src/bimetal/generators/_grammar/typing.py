"""How people type: one space between words, a capital or none, a letter slipped, an end mark forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.generators._grammar.flat import BEGIN, END, NAMED

SPACES, BEFORE_SIGN, ENDS = r"\s+", r" +([,.?!;:])", "?!."


def typed(said: pa.Array[Any], care: float, capital: bool, rng: np.random.Generator) -> pa.Array[Any]:
    """Tidy sentences as written, then let go: with `care` 0 nothing slips, 2 is twice what is usual.

    `capital` begins each with one. All draws are made for every row, so a row depends on no other.
    """
    tidy: pa.Array[Any] = pc.utf8_trim_whitespace(pc.replace_substring_regex(said, SPACES, " "))
    tidy = pc.replace_substring_regex(tidy, BEFORE_SIGN, r"\1")
    chance = rng.random((4, len(said)))
    places = rng.random((2, len(said)))
    if capital:
        lower = chance[0] < 0.2 * care
        tidy = pc.if_else(pa.array(lower), tidy, _capital(tidy))
    if not care:
        return tidy
    tidy = pc.if_else(pa.array(chance[1] < 0.1 * care), pc.replace_substring(tidy, "'", ""), tidy)
    tidy = pc.if_else(pa.array(chance[2] < 0.15 * care), pc.utf8_rtrim(tidy, ENDS), tidy)
    slips = np.flatnonzero(chance[3] < 0.12 * care)
    if not len(slips):
        return tidy
    slipped = [_slip(str(tidy[int(row)]), *places[:, row]) for row in slips]
    tidy = pc.replace_with_mask(tidy, pa.array(chance[3] < 0.12 * care), pa.array(slipped, pa.string()))
    return tidy


def tightened(said: pa.Array[Any]) -> pa.Array[Any]:
    """Move spaces at the rim of what is marked outside it."""
    closed = pc.replace_substring_regex(said, f"( +){END}", rf"{END}\1")
    return pc.replace_substring_regex(closed, f"({BEGIN}[^{NAMED}]*{NAMED})( +)", r"\2\1")


def _capital(said: pa.Array[Any]) -> pa.Array[Any]:
    first, rest = pc.utf8_slice_codeunits(said, 0, 1), pc.utf8_slice_codeunits(said, 1)
    joined: pa.Array[Any] = pc.binary_join_element_wise(pc.utf8_upper(first), rest, "")  # type: ignore[call-overload]  # the last is the separator
    return joined


def _slip(said: str, place: float, kind: float) -> str:
    """Drop, double or swap a letter; sentences with marks are left alone, their spans would move."""
    if len(said) < 4 or BEGIN in said:
        return said
    at = 1 + int(place * (len(said) - 3))
    pair = said[at : at + 2]
    return said[:at] + (pair[1:], pair[:1] + pair, pair[::-1])[int(kind * 3)] + said[at + 2 :]

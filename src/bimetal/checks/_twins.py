"""Twins of reference rows in a dataset: payloads that are equal, and payloads too near to be two of a kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.payload import columns, matrices, modality, payload_columns, pixels

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from bimetal.types import FloatArray, IntArray

BLOCK = 2048
SCREENED = 48  # reference rows whose span pairs are compared in first: a distance there never exceeds the whole
CHANCE = 0.01


@dataclass(frozen=True, slots=True)
class Twins:
    """Pairs (row of the dataset, row of the reference), one a reference row; how many have one among themselves."""

    pairs: tuple[tuple[int, int], ...]
    within: int


def decoded(table: pa.Table) -> pa.Table:
    """Keep the payload alone, images decoded once and for all; raises InputError where one cannot be."""
    if modality(table) != "image" or not table.num_rows:
        return table.select(payload_columns(table))
    return pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(pixels(table))})


def equal_payloads(rows: pa.Table, reference: pa.Table) -> tuple[Twins, Twins]:
    """Find reference rows whose payload stands in the dataset, and apart from them those that chance may have brought.

    Images are compared pixel by pixel, texts letter by letter, other columns value by value. Chance is a matter of
    plain columns only: a row whose values are each so common that independent columns would bring it with a
    probability of 1 % or more.
    """
    keys, own = _keys(rows), _keys(reference)
    first: dict[Hashable, int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    counts = Counter(own)
    pairs = [(first[key], row) for row, key in enumerate(own) if key is not None and key in first]
    common = _common(keys, own) if modality(reference) == "table" else set()
    told = (tuple(pair for pair in pairs if (pair[1] in common) == chance) for chance in (False, True))
    within = sum(count for count in counts.values() if count > 1)
    copied, chanced = (Twins(each, within) for each in told)
    return copied, chanced


def near_rows(rows: pa.Table, reference: pa.Table, closeness: float) -> Twins:
    """Find reference rows that lie nearer to a row of the dataset than `closeness` times the usual nearest distance.

    Usual is the median distance from a reference row to the nearest other one. Images are compared at common
    brightness and contrast, plain columns standardised. Every pair is compared: first in the span of a few rows, which
    bounds the distance from below, then whole.
    """
    own, others = matrices(reference, rows)
    if modality(reference) == "image":
        own, others = (_levelled(each) for each in (own, others))
    among = _nearest_other(own)
    limit = closeness * float(np.median(among))
    axes = np.linalg.qr(own[:: max(1, len(own) // SCREENED)][:SCREENED].T)[0]
    best: dict[int, tuple[float, int]] = {}
    for start in range(0, len(others) if limit else 0, BLOCK):
        block = others[start : start + BLOCK]
        near, row, gap = _closer(block, own, axes, limit)
        for there, here, distance in zip(near.tolist(), row.tolist(), gap.tolist(), strict=True):
            best[here] = min(best.get(here, (np.inf, 0)), (distance, start + there))
    return Twins(tuple((best[row][1], row) for row in sorted(best)), int((among < limit).sum()))


def _keys(table: pa.Table) -> Sequence[Hashable]:
    kind = modality(table)
    if kind == "image":
        pictures = pixels(table)
        return [(picture.shape, picture.tobytes()) for picture in pictures]
    if kind != "table":
        return table[kind].to_pylist()
    named = columns(table)
    return list(zip(*(_plain(named[name]) for name in sorted(payload_columns(table))), strict=True))


def _plain(values: Any) -> list[Hashable]:
    return [None if each != each else each for each in values.tolist()]  # noqa: PLR0124 - only NaN differs from itself


def _common(keys: Sequence[Any], own: Sequence[Any]) -> set[int]:
    """Name the reference rows that as many independent draws as the dataset has rows may well contain.

    A value's share is that of both tables less the pair in question, of which one half is left.
    """
    both = [*keys, *own]
    counts = [Counter(column) for column in zip(*both, strict=True)]
    shares = (
        [max(count[value] - 1.5, 0.5) / len(both) for count, value in zip(counts, key, strict=True)] for key in own
    )
    return {row for row, share in enumerate(shares) if len(keys) * np.prod(share) >= CHANCE}


def _levelled(levels: FloatArray) -> FloatArray:
    centred = levels - levels.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > 0, length, 1.0))


def _nearest_other(own: FloatArray) -> FloatArray:
    twin = np.empty(len(own), int)
    for start in range(0, len(own), BLOCK):
        squares = _squares(own[start : start + BLOCK], own)
        rows = np.arange(len(squares))
        squares[rows, start + rows] = np.inf
        twin[start + rows] = squares.argmin(axis=1)
    return _gaps(own, own[twin])


def _closer(
    block: FloatArray, own: FloatArray, axes: FloatArray, limit: float
) -> tuple[IntArray, IntArray, FloatArray]:
    near, row = np.nonzero(_squares(block @ axes, own @ axes) < limit**2 + 1e-9)
    gap = np.concatenate(
        [_gaps(block[near[k : k + BLOCK]], own[row[k : k + BLOCK]]) for k in range(0, len(near) + 1, BLOCK)]
    )
    kept = gap < limit
    return near[kept], row[kept], gap[kept]


def _gaps(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(first - second, axis=1))


def _squares(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray((first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None] - 2 * first @ second.T)

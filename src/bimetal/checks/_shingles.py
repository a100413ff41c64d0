"""Near-equal texts by the share of four-letter stretches they have in common: MinHash to find, sets to verify."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.checks._twins import Twins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LETTERS = 4
BANDS, ROWS = 20, 5  # a pair that shares .8 is found with probability .9996, one that shares .5 in half of cases
BLOCK = 8192
MOST = 500_000  # pairs of a block that are verified; only texts of one mould give more, and then any will do


def near_texts(texts: Sequence[str | None], reference: Sequence[str | None], overlap: float) -> Twins:
    """Find reference texts that share `overlap` of their stretches (Jaccard) with one of the dataset, in any case.

    Capitals and spacing do not count; texts shorter than four letters have no stretches and no near twin.

    >>> near_texts(["Where is my card", "A refund please"], ["where is my  card?", "Top up failed"], 0.8)
    Twins(pairs=((0, 0),), within=0)
    """
    own, others = _stretches(reference), _stretches(texts)
    own_bands, bands = _bands(own), _bands(others)
    found: dict[int, int] = {}
    for start in range(0, others.shape[0], BLOCK):
        open_rows = np.array([row for row in range(own.shape[0]) if row not in found], int)
        here, there = _meeting(bands[start : start + BLOCK], own_bands[open_rows])
        kept = _shared(others[start : start + BLOCK], own[open_rows], here, there) >= overlap
        for row, twin in zip(open_rows[there[kept]].tolist(), (start + here[kept]).tolist(), strict=True):
            found.setdefault(row, twin)
    return Twins(tuple((found[row], row) for row in sorted(found)), _within(own, own_bands, overlap))


def _within(own: Any, bands: NDArray[np.uint64], overlap: float) -> int:
    here, there = _meeting(bands, bands)
    here, there = here[here < there], there[here < there]
    kept = _shared(own, own, here, there) >= overlap
    return len(np.unique(np.concatenate([here[kept], there[kept]])))


def _stretches(texts: Sequence[str | None]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    plain = [" ".join((text or "").casefold().split()) for text in texts]
    hashed = HashingVectorizer(
        n_features=2**31 - 1,
        analyzer="char",
        ngram_range=(LETTERS, LETTERS),
        binary=True,
        norm=None,
        alternate_sign=False,
    )
    return hashed.transform(plain)


def _bands(stretches: Any) -> NDArray[np.uint64]:
    """Sign each text by the smallest of its hashed stretches under many hash functions, and join them five by five.

    Hash functions are fixed, so that the same texts give the same findings. A text without stretches gets a row of
    its own, equal to no other.
    """
    rng = np.random.default_rng(0)
    filled = np.flatnonzero(np.diff(stretches.indptr))
    starts, hashed = stretches.indptr[filled], stretches.indices.astype(np.uint64)
    bands = np.arange(stretches.shape[0], dtype=np.uint64)[:, None] + np.zeros(BANDS, np.uint64)
    for band in range(BANDS if len(filled) else 0):
        joined = np.zeros(len(filled), np.uint64)
        for _ in range(ROWS):
            factor, offset = rng.integers(1, 2**63, 2, dtype=np.uint64) | np.uint64(1)
            smallest = np.minimum.reduceat((hashed * factor + offset) >> np.uint64(32), starts)
            joined = (joined ^ smallest) * np.uint64(0x9E3779B97F4A7C15)
        bands[filled, band] = joined | np.uint64(2**63)
    return bands


def _meeting(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair the texts that agree in a band."""
    met: list[NDArray[np.int64]] = []
    for band in range(BANDS):
        order = np.argsort(second[:, band], kind="stable")
        ranked = second[order, band]
        low, high = (np.searchsorted(ranked, first[:, band], side=side) for side in ("left", "right"))
        met.append(_expanded(low, high, order, len(second)))
    codes = np.unique(np.concatenate(met))
    return codes // max(len(second), 1), codes % max(len(second), 1)


def _expanded(low: Any, high: Any, order: Any, width: int) -> NDArray[np.int64]:
    counts = high - low
    rows = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(rows)) - np.repeat(counts.cumsum() - counts, counts) + np.repeat(low, counts)
    step = math.ceil(len(rows) * BANDS / MOST) or 1
    return np.asarray(rows[::step] * width + order[place[::step]])


def _shared(first: Any, second: Any, here: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.float64]:
    sizes = [np.diff(each.indptr) for each in (first, second)]
    common = np.zeros(len(here))
    for k in range(0, len(here), BLOCK):
        chosen = slice(k, k + BLOCK)
        common[chosen] = np.asarray(first[here[chosen]].multiply(second[there[chosen]]).sum(axis=1)).ravel()
    return np.asarray(common / np.maximum(sizes[0][here] + sizes[1][there] - common, 1))

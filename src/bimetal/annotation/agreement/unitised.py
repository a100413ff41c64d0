"""Alpha for spans of text: every stretch between two marks is an item that weighs its length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.agreement.bootstrap import RESAMPLES, percentile, resampled
from bimetal.annotation.agreement.ratings import Agreement
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.annotation.agreement.ratings import Answers
    from bimetal.annotation.agreement.shapes import Span
    from bimetal.types import FloatArray


def span_alpha(given: Answers, lengths: Mapping[str, int], rng: np.random.Generator, level: float = 0.95) -> Agreement:
    """Return nominal alpha with every code point of every text as a unit; what stands unmarked is a value too.

    A code point's value is the set of labels a rater laid over it, so spans may overlap. That is the reading of
    Krippendorff's alpha on a continuum in which each point is judged (2004, Measuring the reliability of qualitative
    text analysis data); it forgives shifted ends as far as they overlap, and sees no border between two touching
    spans of one label, which the matched F1 sees. `lengths` are the texts' code points. The interval is a bootstrap
    over texts, so that neighbouring code points are not taken for independent. Not known where nothing is marked.

    >>> from bimetal.annotation.agreement import Span
    >>> said = {"a": {"Ann": [Span(0, 5, "NAME")], "Ben": [Span(0, 4, "NAME")]}}
    >>> round(span_alpha(said, {"a": 10}, np.random.default_rng(0)).estimate, 3)
    0.808
    """
    name = "Krippendorff's alpha, each code point"
    compared = {item: by for item, by in given.items() if len(by) > 1 and _length(item, by, lengths)}
    if not compared:
        return Agreement(name, None, "no text has two answers: let two raters or more mark the same texts")
    counted = (len(compared), sum(map(len, compared.values())), len({who for by in compared.values() for who in by}))
    cut = [_stretches(by, lengths[item]) for item, by in compared.items()]
    labels = {value: at for at, value in enumerate({value for each in cut for _, values in each for value in values})}
    rows = np.array([_row(each, labels) for each in cut])
    observed, expected = _parts(rows.sum(axis=0)[None])
    if expected[0] <= 0:
        return Agreement(name, None, "every code point has one value: agreement beyond chance cannot be told", *counted)
    drawn_observed, drawn_expected = _parts(resampled(rows, np.ones(len(rows), dtype=np.int64), rng, RESAMPLES))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.where(drawn_expected > 0, 1 - drawn_observed / drawn_expected, np.nan)
    estimate = float(1 - observed[0] / expected[0])
    interval = percentile(drawn, estimate, -1.0, level, len(rows), float(1 / expected[0]))
    return Agreement(name, interval, "{} texts, {} answers, {} raters".format(*counted), *counted)


def _length(item: str, by: Mapping[str, Sequence[Span]], lengths: Mapping[str, int]) -> int:
    if item not in lengths:
        raise InputError(f"no length of text {item!r}", "give the number of code points of every text")
    wrong = [span for spans in by.values() for span in spans if not 0 <= span.start <= span.end <= lengths[item]]
    if wrong:
        raise InputError(f"{wrong[0]} is not in text {item!r} of {lengths[item]}", "give offsets in code points")
    return lengths[item]


def _stretches(by: Mapping[str, Sequence[Span]], length: int) -> list[tuple[int, list[frozenset[str]]]]:
    edges = sorted({0, length, *(at for spans in by.values() for span in spans for at in (span.start, span.end))})
    return [
        (end - start, [frozenset(s.label for s in spans if s.start <= start and end <= s.end) for spans in by.values()])
        for start, end in pairwise(edges)
    ]


def _row(cut: list[tuple[int, list[frozenset[str]]]], labels: Mapping[frozenset[str], int]) -> FloatArray:
    """Return the disagreement within a text, then the code points times raters of each value."""
    row = np.zeros(1 + len(labels))
    for length, values in cut:
        counts = np.bincount([labels[value] for value in values], minlength=len(labels))
        row[0] += length * (len(values) ** 2 - counts @ counts) / (len(values) - 1)
        row[1:] += length * counts
    return row


def _parts(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    n = sums[:, 1:].sum(axis=1)
    return sums[:, 0] / n, (n**2 - (sums[:, 1:] ** 2).sum(axis=1)) / (n * (n - 1))

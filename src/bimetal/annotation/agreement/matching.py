"""Agreement on what people marked: spans, boxes, polygons and keypoints matched one to one, as F1 or mean likeness."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.agreement.bootstrap import RESAMPLES, percentile, resampled
from bimetal.annotation.agreement.ratings import Agreement
from bimetal.annotation.agreement.shapes import likeness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bimetal.annotation.agreement.ratings import Answers
    from bimetal.types import FloatArray


def matched(
    given: Answers, rng: np.random.Generator, least: float | None = None, focus: str | None = None, level: float = 0.95
) -> Agreement:
    """Return how far raters mark the same: twice the matched over all marks, pooled over items, 0 to 1.

    An answer is a sequence of shapes (`Span`, `Box`, `Polygon`, `Skeleton`). The marks of two raters are matched one to
    one so that the sum is greatest. `least` makes it an F1: a match counts 1 where the likeness reaches it (1 exact,
    0.5 the usual one for boxes, 0 any overlap), else nothing; without it a match counts its likeness, and a mark
    without a match 0. Pairs of raters weigh the same within an item; with `focus` only pairs with this rater count.
    F1 needs no correction for chance, as there are next to no agreements by chance on where to mark (Hripcsak and
    Rothschild 2005). Items where nobody marked anything say nothing. The interval is a bootstrap over items.

    >>> from bimetal.annotation.agreement import Span
    >>> said = {"a": {"Ann": [Span(0, 4), Span(9, 12)], "Ben": [Span(0, 4)]}}
    >>> round(matched(said, np.random.default_rng(0), least=1).estimate, 3)
    0.667
    """
    name = "mean likeness of matches" if least is None else f"F1 at {_threshold(least)}"
    name += f", {focus} against the others" if focus is not None else ""
    compared = {item: by for item, by in given.items() if len(by) > 1 and (focus is None or focus in by)}
    raters = len({who for by in compared.values() for who in by})
    if not compared:
        return Agreement(name, None, "no item has two answers to compare: let two raters answer the same items")
    rows = np.array([_row(by, least, focus) for by in compared.values()])
    counted = (len(compared), sum(map(len, compared.values())), raters)
    marked = int((rows[:, 1] > 0).sum())
    if not marked:
        return Agreement(name, None, "no rater marked anything, and agreement on nothing cannot be told", *counted)
    drawn = resampled(rows, np.ones(len(rows), dtype=np.int64), rng, RESAMPLES)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(drawn[:, 1] > 0, drawn[:, 0] / drawn[:, 1], np.nan)
    total = rows.sum(axis=0)
    interval = percentile(values, float(total[0] / total[1]), 0.0, level, marked)
    empty = f"; on {len(rows) - marked} nobody marked anything" if marked < len(rows) else ""
    return Agreement(name, interval, f"{counted[0]} items, {counted[1]} answers, {raters} raters{empty}", *counted)


def matches(one: Sequence[object], other: Sequence[object], least: float | None = None) -> FloatArray:
    """Return what each match of a best one-to-one matching counts, shape (matches,).

    >>> from bimetal.annotation.agreement import Box
    >>> matches([Box(0, 0, 2, 2)], [Box(0, 0, 2, 1), Box(0, 0, 2, 2)])
    array([1.])
    """
    from scipy.optimize import linear_sum_assignment

    if not one or not other:
        return np.zeros(0)
    alike = np.array([[likeness(mine, theirs) for theirs in other] for mine in one])
    if least is not None:
        alike = ((alike >= least - 1e-9) & (alike > 0)).astype(float)
    return np.asarray(alike[linear_sum_assignment(alike, maximize=True)])


def _row(by: Mapping[str, Sequence[object]], least: float | None, focus: str | None) -> tuple[float, float]:
    pairs = [pair for pair in combinations(sorted(by), 2) if focus is None or focus in pair]
    hit = sum(2 * float(matches(by[one], by[two], least).sum()) for one, two in pairs)
    return hit / len(pairs), sum(len(by[one]) + len(by[two]) for one, two in pairs) / len(pairs)


def _threshold(least: float) -> str:
    return "any overlap" if least <= 0 else "exact match" if least >= 1 else f"likeness {least:g}"

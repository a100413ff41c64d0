"""Anchoring: how much more often people say what was suggested when they can see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.stats import wilson
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.programme.work.answered import Given
    from bimetal.types import FloatArray

FEWEST = 5  # items on either side below which no difference is bounded
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Shares of answers that say what was suggested, where it was shown and where it was hidden at random.

    The hidden share is how often people say so by themselves; `difference` is what seeing it adds. `shown` and `hidden`
    are None without answers, `difference` without FEWEST items on either side.
    """

    shown: Interval | None
    hidden: Interval | None
    difference: Interval | None
    answers: tuple[int, int]
    words: str


def anchoring_of(rows: Iterable[Given], same: Callable[[str, str], bool], level: float = 0.95) -> Anchoring:
    """Compare the two; `same` says whether an answer is what was suggested.

    Items without a suggestion say nothing. The difference is bounded by a bootstrap over items, because several raters
    of one item see the same suggestion. The first word each rater stands by counts, corrections included.
    """
    said: dict[bool, dict[str, list[float]]] = {True: {}, False: {}}
    for each in rows:
        if each.suggested is not None and each.answer.value is not None:
            accepted = float(same(each.answer.value, each.suggested))
            said[each.shown].setdefault(each.answer.item, []).append(accepted)
    shown, hidden = (_share(said[side], level) for side in (True, False))
    counts = (sum(map(len, said[True].values())), sum(map(len, said[False].values())))
    if shown is None or hidden is None or min(map(len, said.values())) < FEWEST:
        words = f"{counts[0]} answers with a suggestion shown and {counts[1]} with it hidden are too few to compare"
        return Anchoring(shown, hidden, None, counts, words)
    difference = _difference(said[True], said[False], level)
    words = (
        f"people say what is suggested in {shown.estimate:.0%} of answers where they see it and in "
        f"{hidden.estimate:.0%} where they do not: {difference.estimate:+.1%} "
        f"({difference.low:+.1%} to {difference.high:+.1%})"
    )
    return Anchoring(shown, hidden, difference, counts, words)


def _share(said: dict[str, list[float]], level: float) -> Interval | None:
    values = [value for each in said.values() for value in each]
    return wilson(int(sum(values)), len(values), level) if values else None


def _difference(shown: dict[str, list[float]], hidden: dict[str, list[float]], level: float) -> Interval:
    """Draw items anew, both sides of each; one answer more a side, half accepted, keeps a width at the ends."""
    items = sorted({*shown, *hidden})
    sums = np.array([_sums(shown.get(item, [])) + _sums(hidden.get(item, [])) for item in items])
    rng = np.random.default_rng(len(items))  # the same answers give the same bounds
    times = rng.multinomial(len(items), np.full(len(items), 1 / len(items)), size=RESAMPLES)
    drawn = times @ sums
    estimate = float(_gap(sums.sum(axis=0)[None])[0])
    low, high = np.quantile(_gap(drawn + np.array([0.5, 1.0, 0.5, 1.0])), [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, min(float(low), estimate), max(float(high), estimate), level)


def _sums(values: list[float]) -> list[float]:
    return [sum(values), float(len(values))]


def _gap(sums: FloatArray) -> FloatArray:
    return np.asarray(sums[:, 0] / np.maximum(sums[:, 1], 1) - sums[:, 2] / np.maximum(sums[:, 3], 1))

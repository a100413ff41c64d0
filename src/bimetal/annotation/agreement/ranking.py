"""Agreement on an order: Kendall's tau between every two raters' rankings of the same options."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.agreement.bootstrap import RESAMPLES, percentile, resampled
from bimetal.annotation.agreement.ratings import Agreement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bimetal.annotation.agreement.ratings import Answers


def ranked(given: Answers, rng: np.random.Generator, focus: str | None = None, level: float = 0.95) -> Agreement:
    """Return Kendall's tau, averaged over pairs of raters and then over items: 1 the same order, 0 chance, -1 reversed.

    An answer lists options, best first. Two raters are compared on the options both ranked, two at least. With `focus`
    only pairs with this rater count. The interval is a bootstrap over items (Kendall 1938, Biometrika 30).

    >>> said = {"a": {"Ann": ["x", "y", "z"], "Ben": ["x", "z", "y"]}}
    >>> round(ranked(said, np.random.default_rng(0)).estimate, 3)
    0.333
    """
    name = "Kendall's tau" + (f", {focus} against the others" if focus is not None else "")
    taus = {item: _taus(by, focus) for item, by in given.items()}
    rows = np.array([[np.mean(each), 1.0] for each in taus.values() if each])
    if not len(rows):
        return Agreement(name, None, "no two raters ordered the same two options: let them order the same items")
    drawn = resampled(rows, np.ones(len(rows), dtype=np.int64), rng, RESAMPLES)
    interval = percentile(drawn[:, 0] / drawn[:, 1], float(rows[:, 0].mean()), -1.0, level, len(rows), worst=2.0)
    compared = [given[item] for item, each in taus.items() if each]
    counted = (len(rows), sum(map(len, compared)), len({who for by in compared for who in by}))
    return Agreement(name, interval, "{} items, {} orders, {} raters".format(*counted), *counted)


def tau(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return Kendall's tau of two orders over the options in both, None where there are fewer than two.

    >>> tau("abc", "cba"), tau("ab", "xy")
    (-1.0, None)
    """
    place = {option: at for at, option in enumerate(other)}
    ranks = np.array([place[option] for option in one if option in place])
    pairs = len(ranks) * (len(ranks) - 1) / 2
    return float(np.triu(np.sign(ranks - ranks[:, None]), 1).sum() / pairs) if pairs else None


def _taus(by: Mapping[str, Sequence[str]], focus: str | None) -> list[float]:
    pairs = [pair for pair in combinations(sorted(by), 2) if focus is None or focus in pair]
    found = [tau(by[one], by[two]) for one, two in pairs]
    return [each for each in found if each is not None]

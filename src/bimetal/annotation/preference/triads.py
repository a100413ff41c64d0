"""Preferences that run in circles: a over b, b over c, c over a - how often, beside what coins would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.preference.choices import Choice
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

DRAWS = 1000
LISTED = 10  # pairs whose outcomes, 2 ** 10, are all listed


@dataclass(frozen=True, slots=True)
class Circles:
    """The share of triads that are circular; `share` is None where no three options were all compared.

    `by_chance` is what coins thrown for the same pairs give, 1 in 4 on average, with the range of such draws; `p` the
    share of them with as few circles or fewer.
    """

    share: float | None
    by_chance: Interval | None
    p: float | None
    circular: int
    triads: int
    words: str


def circles(choices: Sequence[Choice], rng: np.random.Generator, level: float = 0.95) -> Circles:
    """Count circular triads among three options all compared with each other by one annotator on one item.

    Where an annotator judged a pair more than once the majority counts; pairs tied are left out, and with them their
    triads (Kendall and Babington Smith 1940, On the method of paired comparisons). Few circles are no proof of quality:
    somebody who always takes the longer text has none.

    >>> said = [Choice("p", "Ann", "human", pair, pair[:1]) for pair in (("a", "b"), ("b", "c"), ("c", "a"))]
    >>> found = circles(said, np.random.default_rng(0))
    >>> found.circular, found.triads
    (1, 1)
    """
    tables = _tables(choices)
    triads = round(sum(float(_cube_trace(np.abs(each)[None])[0]) / 6 for each in tables))
    if not triads:
        return Circles(None, None, None, 0, 0, "no three options were all compared by one annotator on one item")
    circular = round(sum(float(_circular(each[None])[0]) for each in tables))
    drawn = _by_coins(tables, rng)
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail]) / triads
    by_chance = Interval(0.25, min(0.25, float(low)), max(0.25, float(high)), level)
    p = float((1 + (drawn <= circular).sum()) / (DRAWS + 1))
    words = f"{circular} of {triads} triads are circular; coins would give {by_chance.low:.0%} to {by_chance.high:.0%}"
    return Circles(circular / triads, by_chance, p, circular, triads, words)


def _tables(choices: Sequence[Choice]) -> list[FloatArray]:
    """Return for each item and annotator who won: 1, -1 or 0, shape (options, options)."""
    wins: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    for each in choices:
        counts = wins.setdefault((each.item, each.annotator), {})
        for one, other in each.beaten():
            counts[one, other] = counts.get((one, other), 0) + 1
    tables = []
    for counts in wins.values():
        place = {option: at for at, option in enumerate(sorted({option for pair in counts for option in pair}))}
        table = np.zeros((len(place), len(place)))
        for (one, other), many in counts.items():
            table[place[one], place[other]] += many
        tables.append(np.sign(table - table.T))
    return tables


def _circular(won: FloatArray) -> FloatArray:
    return np.asarray(_cube_trace((won > 0).astype(float)) / 3)


def _cube_trace(tables: FloatArray) -> FloatArray:
    return np.asarray(((tables @ tables) * tables.transpose(0, 2, 1)).sum(axis=(1, 2)))


def _by_coins(tables: Sequence[FloatArray], rng: np.random.Generator) -> FloatArray:
    """Return circular triads in all tables if coins decided each pair compared, shape (DRAWS,)."""
    kinds = Counter((len(each), np.abs(each).tobytes()) for each in tables)
    drawn = np.zeros(DRAWS)
    for (n, held), many in kinds.items():
        pairs = np.argwhere(np.triu(np.frombuffer(held).reshape(n, n)))
        if len(pairs) <= LISTED:
            every = np.array(list(product((-1.0, 1.0), repeat=len(pairs))))
            counts, times = np.unique(_circular(_decided(pairs, every, n)), return_counts=True)
            drawn += rng.multinomial(many, times / len(every), size=DRAWS) @ counts
            continue
        for row in range(DRAWS):
            coins = rng.choice([-1.0, 1.0], size=(many, len(pairs)))
            drawn[row] += _circular(_decided(pairs, coins, n)).sum()
    return drawn


def _decided(pairs: IntArray, coins: FloatArray, n: int) -> FloatArray:
    tables = np.zeros((len(coins), n, n))
    tables[:, pairs[:, 0], pairs[:, 1]] = coins
    return tables - tables.transpose(0, 2, 1)

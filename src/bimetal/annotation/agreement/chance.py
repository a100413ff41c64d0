"""Agreement of pairs, raw and with chance taken away: Cohen's kappa for two raters, Fleiss' kappa for many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bimetal.annotation.agreement.bootstrap import RESAMPLES, percentile, resampled
from bimetal.annotation.agreement.krippendorff import patterns, seen
from bimetal.annotation.agreement.ratings import Agreement, Coded
from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

Weights = Literal["none", "linear", "quadratic"]
WORDS = "{} items, {} answers, {} raters"
NOTHING = "no item has two answers: let two raters or more answer the same items"
ONE_LABEL = "{} {!r}: raw agreement is full, but agreement beyond chance cannot be told"


def raw_agreement(given: Coded, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES) -> Agreement:
    """Return the share of answer pairs to one item that are equal, averaged over items; bounds by bootstrap over items.

    It is high by chance alone where one label is common: read it beside a chance-corrected measure.

    >>> from bimetal.annotation.agreement import by_rater
    >>> given = by_rater({"Ann": "xx", "Ben": "xy", "Cat": "yy"})
    >>> round(raw_agreement(given, np.random.default_rng(0)).estimate, 3)
    0.333
    """
    unequal, _, times, counted = _compared(given)
    if not counted[0]:
        return Agreement("raw agreement", None, NOTHING)
    rows = np.column_stack([unequal, np.ones(len(unequal))])
    drawn = resampled(rows, times, rng, resamples)
    interval = percentile(
        1 - drawn[:, 0] / drawn[:, 1], 1 - float(unequal @ times) / counted[0], 0.0, level, counted[0]
    )
    return Agreement("raw agreement", interval, WORDS.format(*counted), *counted)


def fleiss_kappa(given: Coded, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES) -> Agreement:
    """Return Fleiss' kappa: 1 is full agreement, 0 what chance gives (Psychological Bulletin 76, 1971).

    Items may have different numbers of answers, two or more; each item weighs the same, as in Gwet's Handbook of
    Inter-Rater Reliability (2014, section 2.4). Bounds by bootstrap over items. Not known where no item has two
    answers, or where only one label was ever given.

    >>> from bimetal.annotation.agreement import by_rater
    >>> round(fleiss_kappa(by_rater({"Ann": "xxy", "Ben": "xyy"}), np.random.default_rng(0)).estimate, 3)
    0.333
    """
    from scipy.sparse import csr_array, hstack

    unequal, shares, times, counted = _compared(given)
    if not counted[0]:
        return Agreement("Fleiss' kappa", None, NOTHING)

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        items = sums[:, 1:].sum(axis=1)
        return sums[:, 0] / items, 1 - (sums[:, 1:] ** 2).sum(axis=1) / items**2

    rows = hstack([csr_array(unequal[:, None]), shares]).tocsr()
    found = _beyond_chance(parts, rows, times, (rng, level, resamples), 1.0)
    words = WORDS.format(*counted) if found else ONE_LABEL.format("every answer is", given.labels[shares.indices[0]])
    return Agreement("Fleiss' kappa", found, words, *counted)


def cohen_kappa(
    given: Coded,
    rng: np.random.Generator,
    pair: tuple[str, str] | None = None,
    weights: Weights = "none",
    level: float = 0.95,
) -> Agreement:
    """Return Cohen's kappa of two raters on the items both answered; bounds by bootstrap over items.

    `pair` names them and may be left out where there are two. `weights` says how much worse a farther step on the scale
    is: none (Cohen 1960), linear or quadratic in the number of steps (Cohen 1968). Not known where they share no item,
    or gave the same one label throughout. Raises InputError where there are not two, or one is unknown.

    >>> from bimetal.annotation.agreement import by_rater
    >>> round(cohen_kappa(by_rater({"Ann": "aabb", "Ben": "aaba"}), np.random.default_rng(0)).estimate, 3)
    0.5
    """
    one, two = pair or _the_two(given.raters)
    name = f"Cohen's kappa of {one} and {two}" + ("" if weights == "none" else f", {weights} weights")
    steps = len(given.labels)
    cells, times = np.unique(_cells(given, one, two), return_counts=True)
    items = int(times.sum())
    if not items:
        return Agreement(name, None, f"{one} and {two} answered no item both: let them answer the same items", 0, 0, 2)
    apart, left, right = _apart(steps, weights), cells // steps, cells % steps
    rows = np.column_stack([apart[left, right], np.eye(steps)[left], np.eye(steps)[right]])

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        expected = ((sums[:, 1 : steps + 1] @ apart) * sums[:, steps + 1 :]).sum(axis=1) / items**2
        return sums[:, 0] / items, expected

    found = _beyond_chance(parts, rows, times, (rng, level, RESAMPLES), float(apart[np.ix_(left, right)].max()))
    words = f"{items} items answered by both" if found else ONE_LABEL.format("both said", given.labels[left[0]])
    return Agreement(name, found, words, items, 2 * items, 2)


def _compared(given: Coded) -> tuple[FloatArray, Any, IntArray, tuple[int, int, int]]:
    """Return for each kind of item the share of unequal pairs and the shares of labels, how often it is, and counts."""
    from scipy.sparse import diags_array

    counts, times = patterns(given)
    sizes = np.asarray(counts.sum(axis=1)).ravel()
    equal = (np.asarray(counts.power(2).sum(axis=1)).ravel() - sizes) / (sizes * (sizes - 1))
    counted = (int(times.sum()), int(sizes @ times), seen(given, np.bincount(given.item) > 1))
    return 1 - equal, diags_array(1 / sizes) @ counts, times, counted


def _beyond_chance(
    parts: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    rows: Any,
    times: IntArray,
    how: tuple[np.random.Generator, float, int],
    farthest: float,
) -> Interval | None:
    """Bound 1 - observed / expected disagreement; None where no disagreement is to be expected."""
    rng, level, resamples = how
    observed, expected = parts(np.asarray(times.astype(float) @ rows).ravel()[None])
    if expected[0] <= 1e-12:
        return None
    drawn_observed, drawn_expected = parts(resampled(rows, times, rng, resamples))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.where(drawn_expected > 1e-12, 1 - drawn_observed / drawn_expected, np.nan)
    worst, estimate = farthest / float(expected[0]), float(1 - observed[0] / expected[0])
    return percentile(drawn, estimate, 1 - worst, level, int(times.sum()), worst)


def _the_two(names: tuple[str, ...]) -> tuple[str, str]:
    if len(names) != 2:
        raise InputError(f"{len(names)} raters, expected two", "name a pair, or use Fleiss' kappa or alpha for many")
    return names[0], names[1]


def _cells(given: Coded, one: str, two: str) -> IntArray:
    for who in (one, two):
        if who not in given.raters:
            raise InputError(f"rater {who!r} answered nothing", f"name two of: {', '.join(given.raters)}")
    values = np.full((2, int(given.item.max(initial=-1)) + 1), -1)
    for at, who in enumerate((one, two)):
        own = given.rater == given.raters.index(who)
        values[at, given.item[own]] = given.value[own]
    both = (values >= 0).all(axis=0)
    return np.asarray(values[0, both] * len(given.labels) + values[1, both])


def _apart(steps: int, weights: Weights) -> FloatArray:
    gap = np.abs(np.arange(steps)[:, None] - np.arange(steps)).astype(float)
    if weights not in {"none", "linear", "quadratic"}:
        raise InputError(f"weights {weights!r} are not known", "use none, linear or quadratic")
    return np.asarray({"none": gap > 0, "linear": gap, "quadratic": gap**2}[weights], dtype=float)

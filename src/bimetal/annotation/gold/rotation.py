"""Gold that has leaked: items answered ever faster and always right, or shown too often, leave the panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.gold.standing import Judged
from bimetal.errors import InputError
from bimetal.stats.paired import holm

if TYPE_CHECKING:
    from bimetal.types import FloatArray

FEWEST = 6  # exposures below which no order of times is strange enough: 1 / 6! is 0.0014


@dataclass(frozen=True, slots=True)
class Worn:
    """A gold item to take out: how often it was shown, the corrected p-value of its falling times, and why in words."""

    item: str
    exposures: int
    p: float
    words: str


def worn(
    judged: Iterable[Judged], alpha: float = 0.05, limit: int = 50, pace: Mapping[str, float] | None = None
) -> tuple[Worn, ...]:
    """Return the gold items to rotate out, each answer being one exposure; each person's first answer counts.

    Shown `limit` times; or leaked: the answer times, each divided by that person's usual seconds, fall over the
    exposures (Kendall's tau, one-sided, Holm's correction over items) and the later half of the answers are all right.
    Where an item has not leaked, all orders of its times are as likely, so all told one such item or more is taken out
    as leaked with probability `alpha` at most in one look. `pace` are the usual seconds by annotator, best from
    ordinary items; by default the median over the gold given. People who get faster with practice on everything look
    like a leak unless `pace` is recent.

    >>> from datetime import UTC, datetime, timedelta
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> often = [Judged("g", f"rater {i}", noon + timedelta(hours=i), True, 9.0) for i in range(50)]
    >>> worn(often)[0].words
    'shown 50 times, the limit is 50'
    """
    if not 0 < alpha < 1 or limit < 1:
        raise InputError(
            f"alpha {alpha} with a limit of {limit} is no rule", "give alpha between 0 and 1, limit from 1"
        )
    shown = _exposures(judged)
    pace = pace or _medians(shown)
    tested = {item: _falls(each, pace) for item, each in shown.items()}
    corrected = dict(zip(tested, holm(np.array(list(tested.values()))), strict=True)) if tested else {}
    found = (_worn(item, shown[item], float(p), alpha, limit) for item, p in corrected.items())
    return tuple(each for each in found if each)


def _exposures(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    first: dict[tuple[str, str], Judged] = {}
    for each in sorted(judged, key=lambda each: (each.at, each.item, each.annotator)):
        first.setdefault((each.item, each.annotator), each)
    shown: dict[str, list[Judged]] = {}
    for each in first.values():
        shown.setdefault(each.item, []).append(each)
    return shown


def _medians(shown: Mapping[str, list[Judged]]) -> dict[str, float]:
    seconds: dict[str, list[float]] = {}
    for each in (each for exposures in shown.values() for each in exposures):
        seconds.setdefault(each.annotator, []).append(each.seconds)
    return {who: float(np.median(values)) for who, values in seconds.items()}


def _falls(exposures: list[Judged], pace: Mapping[str, float]) -> float:
    """Return the chance of times that fall as much if their order meant nothing; 1 with too few to tell."""
    from scipy.stats import kendalltau

    usual = [(each.seconds, pace.get(each.annotator, 0.0)) for each in exposures]
    times: FloatArray = np.array([seconds / own for seconds, own in usual if own > 0])
    if len(times) < FEWEST or np.ptp(times) == 0:
        return 1.0
    return float(kendalltau(np.arange(len(times)), times, alternative="less").pvalue)


def _worn(item: str, exposures: list[Judged], p: float, alpha: float, limit: int) -> Worn | None:
    many = len(exposures)
    if many >= limit:
        return Worn(item, many, p, f"shown {many} times, the limit is {limit}")
    if p <= alpha and all(each.right for each in exposures[many // 2 :]):
        return Worn(item, many, p, f"answered faster from one to the next, and the last {many - many // 2} all right")
    return None

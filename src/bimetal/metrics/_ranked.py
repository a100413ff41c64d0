"""Average precision of ranked claims and what each item adds to it, whether items hold one claim or many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.metrics._pairs import centred

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray


def ranked_precision(hit: BoolArray, score: FloatArray, item: IntArray, wanted: FloatArray) -> FloatArray:
    """Return contributions of shape (items,) whose mean is the average precision of the claims.

    `hit`, `score` and `item` describe claims: whether each is right, how sure, and whose it is; `wanted` counts what
    there was to find in each item. Precision is summed over the steps of recall without interpolation, and claims of
    equal score are taken together. In terms of means over items AP is a sum of a ratio of such means, which gives the
    influence function: an item's own precision, and what its claims do to the precision of every hit ranked below.
    """
    if not len(score):
        return np.zeros(len(wanted))
    cuts, place = np.unique(-score, return_inverse=True)
    hits = np.bincount(place, hit, len(cuts))
    claims = np.bincount(place, minlength=len(cuts)).cumsum()
    precision = hits.cumsum() / claims
    metric = float((hits * precision).sum() / wanted.sum())
    gained = (hits / claims)[::-1].cumsum()[::-1]
    lost = (hits * precision / claims)[::-1].cumsum()[::-1]
    each = hit * (precision[place] + gained[place]) - lost[place]
    influence = np.bincount(item, each, len(wanted)) - metric * wanted
    return centred(metric, influence / wanted.mean())

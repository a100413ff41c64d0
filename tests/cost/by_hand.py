"""The lifecycle priced one draw at a time with plain numbers, as somebody would write it first: the tests' oracle."""

from __future__ import annotations

from math import exp, log
from statistics import NormalDist

P90 = NormalDist().inv_cdf(0.9)


def quantile(low: float, middle: float, high: float, u: float, *, share: bool = False) -> float:
    """Spell the split normal on its scale, by cases."""
    if low == high:
        return middle
    if low <= 0 or (share and high >= 1):
        to, back = (lambda x: x), (lambda x: min(max(x, 0.0), 1.0 if share else float("inf")))
    elif share:
        to, back = (lambda x: log(x / (1 - x))), (lambda x: 1 / (1 + exp(-x)))
    else:
        to, back = log, exp
    z = NormalDist().inv_cdf(u) / P90
    a, b, c = to(low), to(middle), to(high)
    return back(b + z * (b - a if z < 0 else c - b))


def total(v: dict[str, float], takes: tuple[float, float], chance: tuple[float, float], months: float, raters: int):
    """Price the eight lines of one strategy in one draw: it takes (labels, items), chance brings (drifts, late)."""
    (labels, items), (drifts, late) = takes, chance
    answer = v["label_price"] if "label_price" in v else v["wage"] / 3600 * v["seconds"]
    one_label = (raters * answer + v["review_share"] * answer) / (1 - v["rejected_share"])
    one_real = v["capture"] + v["access"]
    one_item = v["synthetic_item"] / (1 - v["synthetic_rejected"])
    generator = items > 0
    acquisition = labels * one_real + v["privacy_hours"] * v["expert_wage"]
    generation = items * one_item
    if generator:
        generation += v["generator_build"] + months * v["generator_upkeep"]
    annotation = labels * one_label + items * v["synthetic_review"] * answer
    training = v["training_runs"] * v["training_run"]
    evaluation = v["panel_items"] * (one_real + one_label)
    hours = v["audit_hours"] + (v["synthetic_audit_hours"] if generator else 0)
    audit = hours * months / 12 * v["expert_wage"]
    delay = v["detection_delay"] * (1 if labels > 0 else v["unseen_delay"])
    again = labels * (one_real + one_label) + items * (one_item + v["synthetic_review"] * answer) + evaluation
    rework = drifts * (delay * v["drift_loss"] + v["rework_share"] * again + v["training_run"])
    regulatory = late * v["regulatory_months"] * v["regulatory_month"]
    return [acquisition, generation, annotation, training, evaluation, audit, rework, regulatory]


def count(u: float, mean: float) -> int:
    """Read a Poisson count off a uniform, one probability after the other."""
    k, p = 0, exp(-mean)
    below = p
    while below < u:
        k, p = k + 1, p * mean / (k + 1)
        below += p
    return k

"""The eight lines of a lifecycle's cost, for three strategies: what each input contributes, as sums of products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import FloatArray

STRATEGIES = ("human only", "synthetic only", "hybrid")
LINES = ("acquisition", "generation", "annotation", "training", "evaluation", "audit", "rework", "regulatory")
SAID = {
    "acquisition": "acquisition of real data: capture, access, privacy review",
    "generation": "generation: building, upkeep, drawing",
    "annotation": "annotation, review included",
    "training": "training",
    "evaluation": "evaluation: a real, human-labelled panel",
    "audit": "audit",
    "rework": "rework after drift, its loss included",
    "regulatory": "regulatory delay",
}


@dataclass(frozen=True)
class Amounts:
    """What each strategy takes: human labels and synthetic items, shape (3, draws), in the order of STRATEGIES.

    `uses` says where a generator is built, `blind` where nobody labels real training items, `missed` where the target
    is out of reach: 0 or 1 in a draw, a probability in between where draws were averaged.
    """

    labels: FloatArray
    synthetic: FloatArray
    uses: FloatArray
    blind: FloatArray
    missed: FloatArray

    def averaged(self) -> Amounts:
        """Put the mean over the draws in place of every draw."""
        return Amounts(*(getattr(self, name).mean(axis=1, keepdims=True) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Luck:
    """What chance adds to the inputs: drifts within the horizon, shape (draws,), and late approvals, (3, draws)."""

    drifts: FloatArray
    late: FloatArray


def expected(values: Mapping[str, FloatArray], amounts: Amounts, months: float) -> Luck:
    """Put probabilities in place of chance: every line is linear in it, so its cost is then the expected one."""
    return Luck(values["hazard"] * months, late_probability(values, amounts))


def late_probability(values: Mapping[str, FloatArray], amounts: Amounts) -> FloatArray:
    """Say how probable a late approval is for each strategy, shape (3, draws)."""
    own, added = values["regulatory_probability"], values["synthetic_probability"] * amounts.uses
    late: FloatArray = 1 - (1 - own) * (1 - added)
    return late


def lines(
    values: Mapping[str, FloatArray], amounts: Amounts, luck: Luck, months: float, raters: float
) -> dict[str, FloatArray]:
    """Price every line, in money, shape (3, draws) each.

    Every term is a product of different inputs, so that its mean is the product of their means. `values` are the
    inputs by name, of shape (draws,), besides `answer`, the price of one person's answer, and `bought` and `drawn`,
    how often a label or an item is paid for until one is accepted.
    """
    each = dict(values)
    label = each["answer"] * (raters + each["review_share"]) * each["bought"]
    real = each["capture"] + each["access"]
    items = amounts.synthetic * each["drawn"] * each["synthetic_item"]
    looked = amounts.synthetic * each["synthetic_review"] * each["answer"]
    panel = each["panel_items"] * (real + label)
    redone = amounts.labels * (real + label) + items + looked + panel
    unnoticed = each["detection_delay"] * (1 + (each["unseen_delay"] - 1) * amounts.blind) * each["drift_loss"]
    hours = each["audit_hours"] + amounts.uses * each["synthetic_audit_hours"]
    found = {
        "acquisition": amounts.labels * real + each["privacy_hours"] * each["expert_wage"],
        "generation": amounts.uses * (each["generator_build"] + each["generator_upkeep"] * months) + items,
        "annotation": amounts.labels * label + looked,
        "training": each["training_run"] * each["training_runs"],
        "evaluation": panel,
        "audit": hours * each["expert_wage"] * (months / 12),
        "rework": luck.drifts * (unnoticed + each["rework_share"] * redone + each["training_run"]),
        "regulatory": luck.late * each["regulatory_months"] * each["regulatory_month"],
    }
    return dict(zip(found, np.broadcast_arrays(*found.values()), strict=True))

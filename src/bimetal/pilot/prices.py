"""What labels and synthetic items cost in money and weeks, and the limits a plan must keep to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import inf, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError
from bimetal.pilot.raters import label_worth

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

HOURS_A_WEEK = 168


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per annotation (one person's answer) and per synthetic item, and how much of each a week brings.

    `generator` is what building it costs once, paid where m > 0, and `generator_weeks` how long that takes; people and
    generator work side by side, training follows. `rater_accuracy` is one rater's, over `classes` classes. The pilot's
    labels had `pilot_raters` such raters each; 0 takes them as right. `currency` is an ISO 4217 code.
    Raises InputError for prices below zero, an annotation for nothing, or capacities that are not above zero.
    """

    annotation: float
    synthetic: float = 0.0
    generator: float = 0.0
    rater_accuracy: float = 1.0
    classes: int = 2
    pilot_raters: int = 0
    annotations_per_week: float = inf
    synthetic_per_week: float = inf
    generator_weeks: float = 0.0
    training_hours: float = 0.0
    currency: str = "EUR"

    def __post_init__(self) -> None:
        _refuse(self, above=("annotation", "annotations_per_week", "synthetic_per_week"), whole=("pilot_raters",))
        if self.label_worth(1) == 0:
            raise InputError(
                f"rater_accuracy is {self.rater_accuracy}, no better than guessing between {self.classes} classes",
                f"give more than {1 / self.classes:.3g}",
            )

    def label_worth(self, raters: int) -> float:
        """Pilot labels that one label of so many raters is worth."""
        worth = label_worth(raters, self.rater_accuracy, self.classes)
        return worth / (label_worth(self.pilot_raters, self.rater_accuracy, self.classes) if self.pilot_raters else 1)

    def money(self, n: ArrayLike, m: ArrayLike, raters: ArrayLike) -> Any:
        """Price n human labels of so many raters each and m synthetic items; broadcasts.

        >>> float(Prices(0.25, 0.001, generator=2000).money(400, 10_000, 3))
        2310.0
        """
        people = self.annotation * np.multiply(n, raters)
        return people + self.synthetic * np.asarray(m) + self.generator * (np.asarray(m) > 0)

    def weeks(self, n: ArrayLike, m: ArrayLike, raters: ArrayLike) -> Any:
        """Weeks until the trained model stands; broadcasts."""
        people = np.multiply(n, raters) / self.annotations_per_week
        made = np.where(np.asarray(m) > 0, self.generator_weeks + np.asarray(m) / self.synthetic_per_week, 0)
        return np.maximum(people, made) + self.training_hours / HOURS_A_WEEK


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan must keep to: money, weeks, people's share and floors.

    `min_human_share` is n / (n + m). Every one of `slices` slices gets `slice_floor` human labels and `regulated` rows
    carry human labels; a regulated row counts towards its slice. `worth` is what reaching the target is worth in money:
    by default the budget, without one the plan's own price. Raises InputError for limits nothing could keep to.
    """

    budget: float = inf
    weeks: float = inf
    min_human_share: float = 0.0
    slices: int = 0
    slice_floor: int = 0
    regulated: int = 0
    max_raters: int = 5
    max_labels: float = inf
    max_synthetic: float = inf
    worth: float | None = None

    def __post_init__(self) -> None:
        _refuse(self, above=("max_raters",), whole=("slices", "slice_floor", "regulated", "max_raters"))
        if self.min_human_share > 1:
            raise InputError(f"min_human_share is {self.min_human_share}", "give a share between 0 and 1")

    def fewest_labels(self, m: ArrayLike) -> Any:
        """Human labels that floors and share demand beside m synthetic items.

        >>> Limits(min_human_share=0.5, slices=4, slice_floor=25).fewest_labels([0, 400])
        array([100., 400.])
        """
        share = self.min_human_share
        beside = np.asarray(m) * (share / (1 - share)) if share < 1 else np.where(np.asarray(m) > 0, inf, 0.0)
        return np.maximum(beside, max(self.regulated, self.slices * self.slice_floor))


def _refuse(given: Prices | Limits, above: tuple[str, ...], whole: tuple[str, ...]) -> None:
    for name in (each.name for each in fields(given)):
        value = getattr(given, name)
        if value is None or isinstance(value, str):
            continue
        if isnan(value) or value < 0 or (name in above and value == 0):
            raise InputError(
                f"{name} is {value}", f"give a number {'above zero' if name in above else 'of zero or more'}"
            )
        if name in whole and value != int(value):
            raise InputError(f"{name} is {value}", "give a whole number")

"""What each strategy needs to reach the target: human labels and synthetic items, measured or assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.canonical import Json
from bimetal.cost.lines import Amounts
from bimetal.cost.spread import through
from bimetal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bimetal.types import FloatArray, IntArray

QUANTILES = 3  # so many numbers are P10, P50, P90; more are draws


@dataclass(frozen=True)
class Need:
    """Human labels and synthetic items: one number each, or P10, P50 and P90, or draws (NaN where out of reach).

    `reaches` is the probability that these amounts reach the target at all. Raises InputError where the two differ in
    length, or hold negative amounts.
    """

    labels: tuple[float, ...] = (0.0,)
    synthetic: tuple[float, ...] = (0.0,)
    reaches: float = 1.0

    def __post_init__(self) -> None:
        for name, given in (("labels", self.labels), ("synthetic", self.synthetic)):
            if not given or any(each < 0 for each in given):
                raise InputError(f"{name} is {given[:QUANTILES]!r}", "give numbers of 0 or more")
            if len(given) == QUANTILES and list(given) != sorted(given):
                raise InputError(f"{name} is {given!r}", "give P10, P50 and P90 in growing order")
        if not 0 <= self.reaches <= 1:
            raise InputError(f"reaches is {self.reaches}", "give a probability from 0 to 1")

    def at(self, u: FloatArray, order: IntArray | None) -> tuple[FloatArray, FloatArray]:
        """Read labels and synthetic items at ranks u; draws in the order all strategies share."""
        return _at(self.labels, u, order), _at(self.synthetic, u, order)

    def json(self) -> dict[str, Json]:
        middle = {name: _quantiles(getattr(self, name)) for name in ("labels", "synthetic")}
        return {**middle, "reaches": self.reaches * float(np.mean(np.isfinite(self.labels)))}


@dataclass(frozen=True)
class Needs:
    """Each strategy's need, None where it cannot reach the target, and who says so.

    Draws of different strategies belong together one by one; quantiles move together, as a hard problem is hard for
    all. `target` is the score 0-1 and `start` the score without training data; `pilot_labels` what the pilot used.
    """

    human: Need | None
    synthetic: Need | None
    hybrid: Need | None
    source: str
    target: float | None = None
    start: float = 0.0
    metric: str = "accuracy"
    pilot_labels: float | None = None
    caution: str = ""

    @property
    def all(self) -> tuple[Need | None, ...]:
        """In the order of STRATEGIES."""
        return self.human, self.synthetic, self.hybrid

    def json(self) -> dict[str, Json]:
        each = {name: getattr(self, name) for name in ("human", "synthetic", "hybrid")}
        plain = ("source", "target", "start", "metric", "pilot_labels", "caution")
        told = {name: need.json() if need else None for name, need in each.items()}
        return {**told, **{name: getattr(self, name) for name in plain}}


def amounts_of(needs: Needs, ranks: FloatArray, luck: FloatArray) -> Amounts:
    """Read every strategy's amounts at ranks (draws,); it reaches the target where `luck` lies below `reaches`."""
    order = _order(needs)
    pairs = [(0 * ranks + np.nan,) * 2 if need is None else need.at(ranks, order) for need in needs.all]
    reaches = np.array([[0.0 if need is None else need.reaches] for need in needs.all])
    labels, synthetic = (np.array(each) for each in zip(*pairs, strict=True))
    return _amounts(labels, synthetic, (luck >= reaches) | ~np.isfinite(labels + synthetic))


def at_volume(amounts: Amounts, volume: FloatArray) -> Amounts:
    """Let people alone need `volume` labels, synthetic items replacing as many of them as before."""
    people, alone, mixed = amounts.labels
    return _amounts(_rows(volume, alone, np.maximum(volume - (people - mixed), 0)), amounts.synthetic, amounts.missed)


def replacing(amounts: Amounts, replaced: FloatArray) -> Amounts:
    """Let synthetic items replace so many of the labels that people alone need."""
    people, alone, _ = amounts.labels
    return _amounts(_rows(people, alone, np.maximum(people - replaced, 0)), amounts.synthetic, amounts.missed)


def typical_amounts(values: Mapping[str, FloatArray], luck: FloatArray) -> Amounts:
    """Read the amounts off the table's rows, where nobody has measured them."""
    people, replaced, ratio = values["labels"], values["replaced_share"], values["synthetic_ratio"]
    none = np.zeros(1)
    labels = _rows(people, none, people * (1 - replaced))
    synthetic = _rows(none, people * ratio, people * replaced * ratio)
    fails = np.asarray(luck >= values["synthetic_reaches"], dtype=float)
    missed = _rows(none, fails, none)
    return _amounts(labels, synthetic, missed)


def _rows(*each: FloatArray) -> FloatArray:
    return np.array(np.broadcast_arrays(*each), dtype=float)


def _amounts(labels: FloatArray, synthetic: FloatArray, missed: Any) -> Amounts:
    labels, synthetic = np.nan_to_num(labels, posinf=0), np.nan_to_num(synthetic, posinf=0)
    uses, blind, never = (np.asarray(each, dtype=float) for each in (synthetic > 0, labels <= 0, missed))
    return Amounts(labels, synthetic, uses, blind, never)


def _order(needs: Needs) -> IntArray | None:
    """Sort the draws by the labels that synthetic items replace, unreached ones last."""
    human, hybrid = needs.human, needs.hybrid
    if human is None or hybrid is None or len(human.labels) != len(hybrid.labels) or len(human.labels) <= QUANTILES:
        return None
    return np.argsort(np.subtract(human.labels, hybrid.labels), kind="stable")


def _at(given: tuple[float, ...], u: FloatArray, order: IntArray | None) -> FloatArray:
    if len(given) == 1:
        return np.full(u.shape, float(given[0]))
    if len(given) == QUANTILES:
        return np.asarray(through(given, u), dtype=float)
    held = np.asarray(given, dtype=float)
    place = np.minimum((u * len(held)).astype(int), len(held) - 1)
    found: FloatArray = held[place if order is None or len(order) != len(held) else order[place]]
    return found


def _quantiles(given: tuple[float, ...]) -> list[Json]:
    if len(given) <= QUANTILES:
        return [*given]
    finite = [each for each in given if np.isfinite(each)]
    return [float(each) for each in np.quantile(finite or [0.0], [0.1, 0.5, 0.9])]

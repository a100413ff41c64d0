"""The plan's frontier: what each error costs with people alone and with the best mix, for the picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.canonical import Json
from bimetal.pilot.menu import Menu
from bimetal.pilot.prices import Limits, Prices

if TYPE_CHECKING:
    from bimetal.pilot.law import Law


@dataclass(frozen=True, slots=True)
class Rung:
    """A target, and the money it takes with people alone and with the best mix; None where the limits leave none."""

    target: float
    people: float | None
    mix: float | None

    def json(self) -> dict[str, Json]:
        return {"target": self.target, "people": self.people, "mix": self.mix}


def frontier(
    law: Law, prices: Prices, targets: Iterable[float], probability: float = 0.8, limits: Limits | None = None
) -> tuple[Rung, ...]:
    """Price every target at the same probability; the best mix may hold no synthetic items at all.

    >>> from bimetal.pilot.law import known_law
    >>> law = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
    >>> [(each.people, round(each.mix)) for each in frontier(law, Prices(0.25, 0.01), (0.9, 0.96))]
    [(20.25, 4), (144.0, 125)]
    """
    rungs = []
    for target in targets:
        menu = Menu(law, prices, limits or Limits(), 1 - target)
        money = menu.priced(menu.cheapest(probability)[:, :, None])
        rungs.append(Rung(target, _least(money[:1].min()), _least(money.min())))
    return tuple(rungs)


def _least(money: float) -> float | None:
    return float(money) if np.isfinite(money) else None

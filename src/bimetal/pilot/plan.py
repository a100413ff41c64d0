"""The plan: the cheapest labels, synthetic items and raters that reach a target, in money and weeks."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal

import numpy as np

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.pilot.closed_form import cheapest_mix
from bimetal.pilot.information import Marginal, marginal, perfect_information
from bimetal.pilot.law import Law, error
from bimetal.pilot.menu import MOST, Menu
from bimetal.pilot.plan_words import plan_words
from bimetal.pilot.prices import Limits, Prices

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Advice = Literal["buy", "generate", "both", "undecided at this budget"]
NO_LIMITS = Limits()
BEYOND = 4  # times the largest size measured: as far as bench/law.py has tried to foretell


@dataclass(frozen=True, slots=True)
class Option:
    """Something to buy: n human labels of `raters` answers each and m synthetic items, what it costs, how sure it is.

    `reached` is the share of the law's draws in which it reaches the target, `error` the error they expect on average.
    """

    n: int
    m: int
    raters: int
    money: float
    weeks: float
    reached: float
    error: float

    def json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Plan:
    """What to buy, what else was weighed, and what knowing more would be worth.

    `people` and `mix` are the cheapest ways without and with synthetic items, None where the limits leave none; where
    neither is left, `choice` is the surest way within the limits, None without a budget or time limit. `agreed` is the
    share of the law's draws that, known to be true, would give the same advice. `information` is the price, in money,
    that the next pilot round must stay below. `certain` is the price, by the closed form, were the law's estimates true
    and the target without limits; None where they do not reach it. `caution` is what the law says against itself.
    """

    target: float
    probability: float
    advice: Advice
    choice: Option | None
    people: Option | None
    mix: Option | None
    agreed: float
    information: float | None
    marginal: Marginal | None
    certain: float | None
    currency: str
    caution: str = ""

    def stop(self, price: float) -> bool:
        """Say whether a pilot round of this price costs more than it could ever tell."""
        return self.information is not None and self.information < price

    @property
    def answer(self) -> str:
        """The plan in one sentence, its money and its doubt included."""
        return plan_words(self)

    def json(self) -> dict[str, Json]:
        """Documented keys: answer, advice, target, probability, choice, people, mix, agreed, information, marginal,
        certain, currency, caution."""
        options = {name: getattr(self, name) for name in ("choice", "people", "mix")}
        return {
            "answer": self.answer,
            "advice": self.advice,
            "target": self.target,
            "probability": self.probability,
            **{name: option.json() if option else None for name, option in options.items()},
            "agreed": self.agreed,
            "information": self.information,
            "marginal": self.marginal.json() if self.marginal else None,
            "certain": self.certain,
            "currency": self.currency,
            "caution": self.caution,
        }


def plan(law: Law, prices: Prices, target: float, probability: float = 0.8, limits: Limits = NO_LIMITS) -> Plan:
    """Find the cheapest mix that reaches a target score in that share of the law's draws, within the limits.

    For each synthetic amount and number of raters the labels needed are a quantile over the draws, so that the search
    has one dimension; people alone are always compared. Where the law does not fit, or nothing within the limits is
    sure enough, the advice is "undecided at this budget". Raises InputError for a target or probability outside (0, 1).

    >>> from bimetal.pilot.law import known_law
    >>> law = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
    >>> found = plan(law, Prices(0.25, 0.01, generator=10), 0.96)
    >>> found.advice, found.choice.n, found.choice.m, round(found.choice.money)
    ('both', 469, 747, 135)
    """
    for name, value in (("target", target), ("probability", probability)):
        if not 0 < value < 1:
            raise InputError(f"{name} is {value}", "give a number between 0 and 1, such as 0.9")
    menu = Menu(law, prices, limits, 1 - target)
    n = menu.cheapest(probability)
    money = menu.priced(n[:, :, None])[:, :, 0]
    people, mix = _cheapest(menu, n, money, slice(0, 1)), _cheapest(menu, n, money, slice(1, None))
    found = min((each for each in (people, mix) if each), key=lambda each: each.money, default=None)
    choice = found or _surest(menu)
    advice: Advice = "undecided at this budget"
    if found and law.fits:
        advice = _kind(found.n, found.m)
    worth = _worth(limits, found)
    return Plan(
        target=target,
        probability=probability,
        advice=advice,
        choice=choice,
        people=people,
        mix=mix,
        agreed=_agreed(menu, found),
        information=None if worth is None else perfect_information(menu, worth),
        marginal=marginal(law, prices, choice.n, choice.m, choice.raters) if choice else None,
        certain=_certain(law, prices, 1 - target, limits.max_raters),
        currency=prices.currency,
        caution="; ".join(each for each in (law.why, _beyond(law, choice)) if each),
    )


def _beyond(law: Law, choice: Option | None) -> str:
    if choice is None or law.measured is None or choice.n <= BEYOND * law.measured:
        return ""
    return f"{choice.n:,} labels are far more than the {law.measured:,.0f} measured: run one more size before the order"


def _certain(law: Law, prices: Prices, err: float, max_raters: int) -> float | None:
    n, m, raters = cheapest_mix(law, prices, err, max_raters)
    return float(prices.money(n, min(m, MOST), raters)) if n < inf else None  # items for nothing have no best amount


def _worth(limits: Limits, found: Option | None) -> float | None:
    """What the target is worth: as stated, else the budget, else the least a buyer of the plan must think of it."""
    if limits.worth is not None:
        return limits.worth
    if limits.budget < inf:
        return limits.budget
    return found.money if found else None


def _cheapest(menu: Menu, n: FloatArray, money: FloatArray, part: slice) -> Option | None:
    if not money[part].size or not np.isfinite(money[part]).any():
        return None
    i, j = np.unravel_index(int(np.argmin(money[part])), money[part].shape)
    return _option(menu, float(n[part][i, j]), float(menu.synthetic[part][i]), menu.raters[j])


def _surest(menu: Menu) -> Option | None:
    """Spend the limits on the mix that reaches the target in most draws, of equals the one with the least error."""
    n = menu.affordable()
    if not np.isfinite(n).all() or (n < 0).all():
        return None
    labels = np.maximum(n, 0) * menu.worth
    reached = (labels[:, :, None] + menu.replaced[:, None, :] >= menu.needed - 1e-9).mean(axis=2)
    expected = error(menu.law.draws.T, labels[:, :, None], menu.synthetic[:, None, None], menu.law.guess).mean(axis=2)
    best = np.lexsort((expected.ravel(), -np.where(n < 0, -1, reached).ravel()))[0]
    i, j = np.unravel_index(int(best), n.shape)
    return _option(menu, float(n[i, j]), float(menu.synthetic[i]), menu.raters[j])


def _option(menu: Menu, n: float, m: float, raters: int) -> Option:
    labels = n * menu.prices.label_worth(raters)
    kappa, n_inf = menu.law.draws[:, 3], menu.law.draws[:, 4]
    total = labels + kappa * m / (1 + kappa * m / n_inf)
    return Option(
        n=int(n),
        m=int(m),
        raters=raters,
        money=float(menu.prices.money(n, m, raters)),
        weeks=float(menu.prices.weeks(n, m, raters)),
        reached=float(np.mean(total >= menu.needed * (1 - 1e-9))),
        error=float(np.mean(error(menu.law.draws.T, labels, m, menu.law.guess))),
    )


def _kind(n: float, m: float) -> Advice:
    if not m:
        return "buy"
    return "both" if n else "generate"


def _agreed(menu: Menu, found: Option | None) -> float:
    if found is None:
        return 0.0
    flat = menu.money.reshape(-1, menu.money.shape[2])
    best = flat.argmin(axis=0)
    draws = np.arange(flat.shape[1])
    amounts = menu.synthetic[best // len(menu.raters)]
    kinds = [_kind(*each) for each in zip(menu.own.reshape(flat.shape)[best, draws], amounts, strict=True)]
    reachable = np.isfinite(flat[best, draws])
    return float(np.mean([kind == _kind(found.n, found.m) for kind in kinds] & reachable))

"""A plan as one sentence: what to buy, what it costs in money and weeks, how sure it is, and against what."""

from __future__ import annotations

from math import inf
from typing import Protocol

from bimetal.report import count, money, number, percent


class Bought(Protocol):
    """What a sentence needs to know of an option."""

    @property
    def n(self) -> int: ...

    @property
    def m(self) -> int: ...

    @property
    def raters(self) -> int: ...

    @property
    def money(self) -> float: ...

    @property
    def weeks(self) -> float: ...

    @property
    def reached(self) -> float: ...


class Planned(Protocol):
    """What a sentence needs to know of a plan."""

    @property
    def target(self) -> float: ...

    @property
    def probability(self) -> float: ...

    @property
    def advice(self) -> str: ...

    @property
    def choice(self) -> Bought | None: ...

    @property
    def people(self) -> Bought | None: ...

    @property
    def mix(self) -> Bought | None: ...

    @property
    def currency(self) -> str: ...

    @property
    def caution(self) -> str: ...


def plan_words(plan: Planned) -> str:
    """Say a plan in one sentence."""
    aim = f"{percent(plan.target, 1 if plan.target * 100 % 1 else 0)}"
    found = plan.people is not None or plan.mix is not None
    if found and plan.advice.startswith("undecided"):
        return f"Undecided: the law behind the plan does not hold here ({plan.caution})."
    if plan.choice is None:
        sure = percent(plan.probability)
        return f"Undecided at this budget: no amount within the limits reaches {aim} with {sure} probability."
    price = f"{money(plan.choice.money, plan.currency)}{_weeks(plan.choice)}"
    if not found:
        return (
            f"Undecided at this budget: {bought_words(plan.choice)} for {price} would reach {aim} with "
            f"{percent(plan.choice.reached)} probability, {percent(plan.probability)} were asked."
        )
    return (
        f"{_capital(bought_words(plan.choice))}: that reaches {aim} with {percent(plan.choice.reached)} probability "
        f"for {price}{_against(plan)}."
    )


def bought_words(bought: Bought) -> str:
    """Say what is bought.

    >>> from bimetal.pilot.plan import Option
    >>> bought_words(Option(1200, 3000, 3, 0, 0, 0, 0))
    'buy 1,200 human labels of 3 raters each and generate 3,000 items'
    """
    each = f" of {bought.raters} raters each" if bought.raters > 1 else ""
    labels = f"buy {count(bought.n)} human labels{each}" if bought.n else ""
    made = f"generate {count(bought.m)} items" if bought.m else ""
    return " and ".join(part for part in (labels, made) if part) or "buy nothing"


def _weeks(bought: Bought) -> str:
    return f" and {number(bought.weeks, 1)} weeks" if 0 < bought.weeks < inf else ""


def _against(plan: Planned) -> str:
    if plan.people is None:
        return "; people alone cannot within the limits"
    if plan.mix is None:
        return "; no mix can within the limits"
    people, mix = (money(each.money, plan.currency) for each in (plan.people, plan.mix))
    return f"; the best mix would cost {mix}" if plan.choice == plan.people else f", against {people} with people alone"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

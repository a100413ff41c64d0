"""A standing of a pilot before labels exist, as sentences: what is known, what to do next, at what price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bimetal.pilot.plan_words import Bought
from bimetal.report import bounded, count, money, percent
from bimetal.types import Interval


class Ahead(Protocol):
    """A rung to come: labels it reaches, its price and what it is expected to save."""

    @property
    def labels(self) -> int: ...

    @property
    def price(self) -> float: ...

    @property
    def gain(self) -> float: ...

    @property
    def pays(self) -> bool: ...


class Stands(Protocol):
    """What the sentences need to know of a standing."""

    @property
    def labels(self) -> int: ...

    @property
    def spent(self) -> float: ...

    @property
    def target(self) -> float: ...

    @property
    def currency(self) -> str: ...

    @property
    def scores(self) -> Mapping[str, Interval]: ...

    @property
    def next(self) -> Ahead | None: ...

    @property
    def verdict(self) -> str | None: ...

    @property
    def purchase(self) -> Bought | None: ...

    @property
    def more(self) -> float: ...

    @property
    def alone(self) -> float | None: ...

    @property
    def why(self) -> str: ...


def standing_words(stands: Stands) -> str:
    """Say what to do, then how it stands."""
    first = _next(stands, stands.next) if stands.verdict is None and stands.next else _verdict(stands)
    scores = ", ".join(f"{arm} {bounded(each)}" for arm, each in stands.scores.items())
    return f"{first} With {count(stands.labels)} labels: {scores}. {money(stands.spent, stands.currency)} is spent."


def _next(stands: Stands, ahead: Ahead) -> str:
    price, gain = (money(each, stands.currency) for each in (ahead.price, ahead.gain))
    if not ahead.pays:
        return f"Not decided yet: {stands.why}; labels up to {count(ahead.labels)} cost {price}."
    return (
        f"Not decided yet: labels up to {count(ahead.labels)} cost {price} and are expected to save {gain} "
        "of what is still to be paid."
    )


def _verdict(stands: Stands) -> str:
    if stands.purchase is None:
        return f"Undecided at this budget: {stands.why}."
    target = percent(stands.target, 1 if stands.target * 100 % 1 else 0)
    reached = percent(stands.purchase.reached)
    head = {"buy": "Buy labels", "generate": "Generate", "both": "Do both"}[str(stands.verdict)]
    return f"{head}: {_still(stands, stands.purchase)} {target} is reached with {reached} probability ({stands.why})."


def _still(stands: Stands, bought: Bought) -> str:
    more = bought.n - stands.labels
    parts = [f"{count(more)} more human labels"] * bool(more) + [f"{count(bought.m)} synthetic items"] * bool(bought.m)
    at_hand = f"the {count(stands.labels)} labels at hand"
    if not parts:
        return f"{at_hand} are enough;"
    return f"with {' and '.join(parts)} beside {at_hand}, for {money(stands.more, stands.currency)},"


def _against(stands: Stands) -> str:
    if stands.verdict == "buy":
        return ""
    if stands.alone is None:
        return "; people alone cannot with the money left"
    return f", against {money(stands.alone, stands.currency)} with people alone"

"""Budgets in tokens and money that are not exceeded: what is in flight counts at its most until its price is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from bimetal.errors import EndpointError, InputError

if TYPE_CHECKING:
    from bimetal.endpoints.endpoint import Endpoint
    from bimetal.endpoints.ledger import Totals


@dataclass(frozen=True)
class Budget:
    """The most a ledger may come to, what it already holds included: tokens in and out, and money; None is no bound."""

    tokens: int | None = None
    money: float | None = None

    def __post_init__(self) -> None:
        for name in ("tokens", "money"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < inf:
                raise InputError(f"the budget of {name} is {value!r}, expected 0 or more", "leave it out for none")


@dataclass(frozen=True)
class Most:
    """The most a request can come to: its prompt's bytes as tokens (none is shorter), and the reply's bound."""

    tokens_in: int
    tokens_out: int

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


class Purse:
    """What is spent and promised under a budget; raises InputError where money bounds what has no price."""

    def __init__(self, budget: Budget, endpoint: Endpoint, spent: Totals) -> None:
        if budget.money is not None and not endpoint.priced:
            raise InputError(
                f"the budget is money and {endpoint.url} has no prices",
                "give price_in and price_out (money a million tokens), or a budget of tokens",
            )
        self._budget, self._endpoint = budget, endpoint
        self._tokens, self._money = spent.tokens, spent.money
        self._promised: dict[Most, int] = {}

    @property
    def promises(self) -> bool:
        return any(self._promised.values())

    def has_room(self, most: Most) -> bool:
        """Say whether one more request fits beside what is spent and what is in flight at its most."""
        flying = sum(each.tokens * count for each, count in self._promised.items())
        risked = sum(self._cost(each) * count for each, count in self._promised.items())
        tokens, money = self._budget.tokens, self._budget.money
        return (tokens is None or self._tokens + flying + most.tokens <= tokens) and (
            money is None or self._money + risked + self._cost(most) <= money
        )

    def promise(self, most: Most) -> None:
        self._promised[most] = self._promised.get(most, 0) + 1

    def settle(self, most: Most, tokens: int, money: float) -> None:
        """Put what a request came to in place of what was promised."""
        self._promised[most] -= 1
        if not self._promised[most]:
            del self._promised[most]
        self._tokens += tokens
        self._money += money

    def spent_out(self, most: Most) -> EndpointError:
        """Say what was spent, what the next request may take, and how to go on."""
        tokens, money = self._budget.tokens, self._budget.money
        bounds = [f"{tokens:,} tokens"] if tokens is not None else []
        bounds += [f"{money:,.4g} of money"] if money is not None else []
        priced = f" and {self._money:,.4g} of money" if self._endpoint.priced else ""
        return EndpointError(
            f"the budget of {' and '.join(bounds)} has no room for the next request, which may take"
            f" {most.tokens:,} tokens; spent so far: {self._tokens:,} tokens{priced}",
            "raise the budget and run the same command again: what is recorded is not bought twice",
        )

    def _cost(self, most: Most) -> float:
        return self._endpoint.cost(most.tokens_in, most.tokens_out)

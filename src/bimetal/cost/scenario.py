"""A scenario: horizon, money and prices that somebody puts in place of the table's, as [cost] in bimetal.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from bimetal.cost.table import inputs, kinds, nearest, priced

USUAL = "text class"
RANGE = "one number of 0 or more, or three growing ones (P10, P50, P90)"


@dataclass(frozen=True)
class Scenario:
    """What a lifecycle is priced for.

    `kind` is a kind of item (see `kinds`; "text class" where none is given), `rate` what one US dollar is in
    `currency`, `raters` the people who answer each item. `volume` is the human labels that people alone would need and
    `target` a score from 0 to 1: where they are not given, the pilot's stand. `inputs` puts one number or (P10, P50,
    P90), in `currency` where it is money, in place of a row of the table; without an entry in `sources` it counts as an
    assumption.

    >>> Scenario(kind="image box", inputs={"label_price": 0.05}).range("label_price")
    (0.05, 0.05, 0.05)
    """

    kind: str | None = None
    months: float = 24.0
    currency: str = "USD"
    rate: float = 1.0
    raters: int = 3
    volume: int | None = None
    target: float | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def item(self) -> str:
        """The kind of item that is priced."""
        return self.kind or USUAL

    def range(self, name: str) -> tuple[float, ...]:
        """An input's own P10, P50, P90."""
        given = self.inputs[name]
        numbers = tuple(map(float, given)) if isinstance(given, list | tuple) else (float(given),)
        return numbers * 3 if len(numbers) == 1 else numbers


def faults(scenario: Scenario) -> list[str]:
    """List what is wrong with a scenario, each fault with its path; none where it is sound.

    >>> faults(Scenario(inputs={"wage": [20, 10, 30]}))
    ['cost.inputs.wage: expected one number of 0 or more, or three growing ones (P10, P50, P90), got [20, 10, 30]']
    """
    volume, target, code = scenario.volume, scenario.target, scenario.currency
    rules = (
        ("kind", scenario.kind, f"one of {', '.join(kinds())}", scenario.item in kinds()),
        ("months", scenario.months, "a number above 0", scenario.months > 0 and isfinite(scenario.months)),
        ("currency", code, "an ISO 4217 code such as EUR", len(code) == 3 and code.isascii() and code.isupper()),
        ("rate", scenario.rate, "a number above 0", scenario.rate > 0 and isfinite(scenario.rate)),
        ("raters", scenario.raters, "1 or more", scenario.raters >= 1),
        ("volume", volume, "1 or more", volume is None or volume >= 1),
        ("target", target, "a score between 0 and 1", target is None or 0 < target < 1),
    )
    found = [f"cost.{name}: expected {words}, got {value!r}" for name, value, words, holds in rules if not holds]
    return found + _input_faults(scenario)


def _input_faults(scenario: Scenario) -> list[str]:
    known = inputs()
    found = [
        f"cost.{table}.{name}: no such input, {nearest(name, known)}expected one of {', '.join(known)}"
        for table, names in (("inputs", scenario.inputs), ("sources", scenario.sources))
        for name in names
        if name not in known
    ]
    for name, given in scenario.inputs.items():
        if name in known and not _growing(given):
            found.append(f"cost.inputs.{name}: expected {RANGE}, got {given!r}")
        elif name in known and _is_share(name) and max(scenario.range(name)) > 1:
            found.append(f"cost.inputs.{name}: expected a share from 0 to 1, got {given!r}")
    unstated = [name for name in scenario.sources if name in known and name not in scenario.inputs]
    return found + [f"cost.sources.{name}: a source without a number of its own in cost.inputs" for name in unstated]


def _growing(given: Any) -> bool:
    numbers = list(given) if isinstance(given, list | tuple) else [given]
    if len(numbers) not in {1, 3} or any(
        isinstance(each, bool) or not isinstance(each, int | float) for each in numbers
    ):
        return False
    return all(isfinite(each) and each >= 0 for each in numbers) and numbers == sorted(numbers)


def _is_share(name: str) -> bool:
    return priced(next(iter(kinds())))[name].share

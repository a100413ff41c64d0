"""Everything a lifecycle is priced from: a scenario's rows in its currency, and the amounts each strategy needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bimetal.cost.lines import Amounts, Luck, lines
from bimetal.cost.needs import Needs, amounts_of, at_volume, typical_amounts
from bimetal.cost.scenario import Scenario, faults
from bimetal.cost.spread import through
from bimetal.cost.table import Row, priced
from bimetal.errors import ConfigError

if TYPE_CHECKING:
    from bimetal.cost.spending import Spending
    from bimetal.types import FloatArray

TYPICAL = ("labels", "replaced_share", "synthetic_ratio", "synthetic_reaches")
BESIDE = ("computing", "pilot_labels")  # price what stands beside the eight lines
RANK, REACH = "rank", "reach"  # which of the amounts that are possible, and whether they do
HOUR = 3600.0
MOST_REJECTED = 0.99


@dataclass(frozen=True)
class Setting:
    """A scenario with its rows and needs; `needs` is None where the table's typical amounts stand in."""

    scenario: Scenario
    rows: Mapping[str, Row]
    needs: Needs | None
    at_market: bool

    @property
    def sampled(self) -> dict[str, Row]:
        """The rows whose values count in the lines."""
        unused = {*BESIDE, *(("seconds", "wage") if self.at_market else ("label_price",))}
        unused |= set(TYPICAL) if self.needs else set()
        return {name: row for name, row in self.rows.items() if name not in unused}

    def values(self, at: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Read every input at its own ranks (draws,), the medians where none are given, and what follows from them."""
        middle = np.array([0.5])
        rows = self.sampled.items()
        drawn = {name: through(row.range, at.get(name, middle), share=row.share) for name, row in rows}
        return self.derived(drawn)

    def derived(self, drawn: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Add what follows from the inputs: the price of an answer, and how often an accepted one is paid for."""
        answer = drawn["label_price"] if self.at_market else drawn["wage"] * drawn["seconds"] / HOUR
        bought = 1 / (1 - np.minimum(drawn["rejected_share"], MOST_REJECTED))
        made = 1 / (1 - np.minimum(drawn["synthetic_rejected"], MOST_REJECTED))
        return {**drawn, "answer": answer, "bought": bought, "drawn": made}

    def amounts(self, values: Mapping[str, FloatArray], ranks: FloatArray, reach: FloatArray) -> Amounts:
        """Read what each strategy needs, at ranks and reach (draws,)."""
        if self.needs is None:
            return typical_amounts(values, reach)
        found = amounts_of(self.needs, ranks, reach)
        volume = self.scenario.volume
        return found if volume is None else at_volume(found, np.array([float(volume)]))

    def price(self, values: Mapping[str, FloatArray], amounts: Amounts, luck: Luck) -> dict[str, FloatArray]:
        """Price every line of every strategy, shape (3, draws) each."""
        return lines(values, amounts, luck, self.scenario.months, self.scenario.raters)

    @property
    def answer(self) -> float:
        """The median price of one person's answer to one item."""
        return float(self.values({})["answer"][0])

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody set that has no effect."""
        told = []
        if self.at_market and "wage" in self.scenario.inputs:
            told.append("wage is set, but an answer is bought at label_price: set seconds too to price it by the hour")
        if self.needs:
            told += [f"{name} is set, but the pilot measured it" for name in TYPICAL if name in self.scenario.inputs]
        return tuple(told)


def setting(scenario: Scenario, needs: Needs | None = None, spending: Spending | None = None) -> Setting:
    """Put a scenario's own numbers, and what was metered, in place of the table's; raises ConfigError for its faults.

    >>> setting(Scenario(kind="image box", currency="EUR", rate=0.9)).rows["label_price"].median
    0.0441
    """
    found = faults(scenario)
    if found:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        raise ConfigError(f"the cost scenario has {count}", faults=tuple(found), hint="mend what is named")
    rows = {name: _converted(row, scenario) for name, row in priced(scenario.item).items()}
    stated = {name: _stated(rows[name], scenario) for name in scenario.inputs}
    if scenario.volume is not None:
        stated["labels"] = replace(
            rows["labels"], range=(float(scenario.volume),) * 3, source="stated", assumption=False
        )
    metered = spending.metered({**rows, **stated}) if spending else {}
    rows = {**rows, **stated, **{name: row for name, row in metered.items() if _replaces(name, scenario)}}
    by_hour = ("seconds" in stated or "seconds" in metered) and "label_price" not in stated
    return Setting(scenario, rows, needs, at_market=bool(rows["label_price"].range) and not by_hour)


def _replaces(name: str, scenario: Scenario) -> bool:
    """A number with a source is not replaced by the meter; an assumption is, whoever made it."""
    return not (name in scenario.inputs and name in scenario.sources)


def _converted(row: Row, scenario: Scenario) -> Row:
    """Turn a row's dollars into the scenario's currency."""
    if not row.money:
        return row
    unit = row.unit.replace("USD", scenario.currency, 1)
    return replace(row, range=tuple(each * scenario.rate for each in row.range), unit=unit)


def _stated(row: Row, scenario: Scenario) -> Row:
    source = scenario.sources.get(row.name, "")
    told = source or "stated, no source given"
    return replace(row, range=scenario.range(row.name), source=told, year=0, assumption=not source)

"""What has been spent so far, as it was metered, and the inputs that a measurement puts in place of an assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import TYPE_CHECKING

from bimetal.canonical import Json
from bimetal.cost.spread import P10

if TYPE_CHECKING:
    from bimetal.cost.table import Row

ENOUGH = 20  # answers whose mean time says more than an assumption
HOUR = 3600.0


@dataclass(frozen=True)
class Spending:
    """Metered amounts up to `as_of` (text, as a reader writes a day), `months` after the beginning.

    `answers` people gave, of which `timed` with active seconds of this mean and standard deviation; `drawn` synthetic
    items in `draw_seconds`; `paid` is money by line that was paid as such, as for tokens.
    """

    as_of: str = ""
    months: float = 0.0
    answers: int = 0
    timed: int = 0
    seconds: float = 0.0
    seconds_sd: float = 0.0
    drawn: int = 0
    draw_seconds: float = 0.0
    paid: Mapping[str, float] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.answers or self.drawn or self.paid)

    @property
    def strategy(self) -> str:
        """The strategy that this looks like so far."""
        if self.answers and self.drawn:
            return "hybrid"
        return "synthetic only" if self.drawn else "human only"

    def metered(self, rows: Mapping[str, Row]) -> dict[str, Row]:
        """Give the rows that measurements replace: seconds an answer, and what drawing an item costs."""
        found: dict[str, Row] = {}
        if self.timed >= ENOUGH:
            half = -P10 * self.seconds_sd / sqrt(self.timed)
            found["seconds"] = _measured(
                rows["seconds"],
                (max(self.seconds - half, 0), self.seconds, self.seconds + half),
                f"metered: {self.timed:,} answers",
            )
        if self.drawn and self.draw_seconds > 0:
            hours = self.draw_seconds / self.drawn / HOUR
            low, middle, high = (hours * each for each in rows["computing"].range)
            found["synthetic_item"] = _measured(
                rows["synthetic_item"], (low, middle, high), f"metered: {self.drawn:,} items, at the price of an hour"
            )
        return found

    def lines(self, rows: Mapping[str, Row], answer: float) -> dict[str, float]:
        """Price what was metered at the medians of the rows; `answer` is the price of one person's answer."""
        spent = dict(self.paid)
        people = self.answers * answer
        machine = self.draw_seconds / HOUR * rows["computing"].median
        for line, amount in (("annotation", people), ("generation", machine)):
            if amount:
                spent[line] = spent.get(line, 0.0) + amount
        return spent

    def json(self) -> dict[str, Json]:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "paid"}
        return {**plain, "paid": dict(self.paid)}


def _measured(row: Row, quantiles: tuple[float, ...], says: str) -> Row:
    return replace(row, range=quantiles, source=says, year=0, assumption=False)

"""When events happen: gaps that are drawn, and where a gap is of days, a time of day that is drawn too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.generators._table.columns import MISSING, Column, coded

if TYPE_CHECKING:
    from bimetal.generators._sequence.layout import Layout
    from bimetal.types import FloatArray

START, GAP, HOUR, CLOCK = "(start)", "(gap)", "(hour)", "(clock)"
DAY = {"s": 86_400.0, "ms": 86_400e3, "us": 86_400e6, "ns": 86_400e9}


@dataclass(frozen=True, slots=True)
class Times:
    """Times in their column's unit: `clock` codes them, `start` an entity's first, `gap` those since the one before.

    `hour` is the time of day of timestamps that have one; a day is `day` long, and `past` of it had gone at the
    clock's lowest time. Times are handed about as distances from that lowest, NaN for missing.
    """

    clock: Column | None = None
    start: Column | None = None
    gap: Column | None = None
    hour: Column | None = None
    day: float = 1.0
    past: float = 0.0

    @property
    def drawn(self) -> list[Column]:
        """Give what is drawn of an event's time."""
        return [each for each in (self.gap, self.hour) if each is not None]

    def next(self, last: FloatArray, known: dict[str, FloatArray]) -> FloatArray:
        """Give the times of events after `last`, from their gaps and hours; without a gap it is the first event's."""
        if self.gap is None:
            return np.full(len(last), np.nan)
        since = self.gap.numbers(known[GAP]) if GAP in known else np.zeros(len(last))
        times = last + since
        if self.hour is None or HOUR not in known:
            return times
        hours = self.hour.numbers(known[HOUR])
        free = ((since >= self.day) | (GAP not in known)) & ~np.isnan(hours)
        midnight = np.floor((times + self.past) / self.day) * self.day - self.past
        return np.where(free, midnight + hours, times)

    def hours(self, times: FloatArray) -> FloatArray:
        """Code the time of day."""
        assert self.hour is not None
        return np.where(np.isnan(times), MISSING, self.hour.coded((np.nan_to_num(times) + self.past) % self.day))

    def clocked(self, times: FloatArray) -> FloatArray:
        """Code times."""
        assert self.clock is not None
        assert self.clock.points is not None
        coded_times = np.interp(np.nan_to_num(times), self.clock.points, self.clock.ranks)
        return np.where(np.isnan(times), MISSING, coded_times)


def times(laid: Layout) -> Times:
    """Code the times of sorted seed rows; there are none where no column orders them, or all are missing."""
    if not laid.time:
        return Times()
    field = laid.rows.schema.field(laid.time)
    clock = coded(laid.rows[laid.time], field)
    if clock.points is None:
        return Times()
    start = coded(laid.rows[laid.time].take(laid.firsts), field.with_name(START))
    away = np.where(clock.codes >= 0, clock.points[clock.codes], np.nan)
    since = np.diff(away, prepend=np.nan)
    since[laid.firsts] = np.nan
    gap = _numbers(GAP, since)
    if not isinstance(field.type, pa.TimestampType) or clock.step % DAY[field.type.unit] == 0:
        return Times(clock, start, gap)
    day = DAY[field.type.unit]
    past = float(clock.levels[0].cast(pa.int64()).as_py() % int(day))
    return Times(clock, start, gap, _numbers(HOUR, (away + past) % day), day, past)


def _numbers(name: str, values: FloatArray) -> Column:
    return coded(pa.chunked_array([pa.array(values, mask=np.isnan(values))]), pa.field(name, pa.float64()))

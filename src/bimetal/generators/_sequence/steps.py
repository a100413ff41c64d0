"""What happens next: an entity's events one after the other, each drawn by trees given the entity and what was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.generators._sequence.times import CLOCK, HOUR, Times
from bimetal.generators._table.columns import MISSING, Column
from bimetal.generators._table.joint import GIVEN, dependence
from bimetal.generators._table.trees import Conditional, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bimetal.generators._sequence.layout import Layout
    from bimetal.types import FloatArray, IntArray

COUNT, PLACE, LEFT = "(events)", "(place)", "(left)"


@dataclass(frozen=True, slots=True)
class Steps:
    """A fitted course of events: the first by `first`, all later ones by `later`, a conditional a column.

    `columns` are those that later events look back on.
    """

    first: tuple[Conditional, ...]
    later: tuple[Conditional, ...]
    columns: tuple[Column, ...]
    longest: int
    times: Times

    def drawn(
        self, parents: Mapping[str, FloatArray], counts: IntArray, start: FloatArray, rng: np.random.Generator
    ) -> tuple[IntArray, dict[str, FloatArray]]:
        """Draw `counts` events an entity; gives each row's entity, entities in order, and coded values by column.

        `start` is the time of an entity's first event as a distance from the clock's lowest, NaN where it has none;
        so are the times given back under CLOCK.
        """
        past = _Past.of(self, start)
        who, made = [], []
        for place in range(int(counts.max(initial=0))):
            alive = np.flatnonzero(counts > place)
            known = {name: values[alive] for name, values in parents.items()}
            known |= {
                PLACE: np.full(len(alive), place / self.longest),
                LEFT: (counts[alive] - place - 1) / self.longest,
                **past.seen(alive),
            }
            for step in self.later if place else self.first:
                known[step.column.name] = step.drawn(known, len(alive), rng)
                if step.column.name == HOUR:  # after a short gap it is no choice
                    known[HOUR] = self.times.hours(self.times.next(past.time[alive], known))
            who.append(alive)
            made.append(past.extended(alive, known))
        rows = np.concatenate([*who, np.zeros(0, np.int64)])
        order = np.argsort(rows, kind="stable")
        names = [each.name for each in self.columns] + ([CLOCK] if self.times.clock else [])
        return rows[order], {
            name: np.concatenate([*(each[name] for each in made), np.zeros(0)])[order] for name in names
        }


@dataclass(frozen=True, slots=True)
class _Past:
    """What each entity has behind it: its last event, means of ordered columns so far, and the time."""

    steps: Steps
    last: dict[str, FloatArray]
    total: dict[str, FloatArray]
    held: dict[str, FloatArray]
    time: FloatArray

    @classmethod
    def of(cls, steps: Steps, start: FloatArray) -> _Past:
        def each(fill: float, names: list[str]) -> dict[str, FloatArray]:
            return {name: np.full(len(start), fill) for name in names}

        ordered = [column.name for column in steps.columns if column.ordered]
        return cls(
            steps, each(MISSING, [c.name for c in steps.columns]), each(0.0, ordered), each(0.0, ordered), start.copy()
        )

    def seen(self, alive: IntArray) -> dict[str, FloatArray]:
        """Give what the next event is drawn given."""
        seen = {before(name): values[alive] for name, values in self.last.items()}
        for name, total in self.total.items():
            held = self.held[name][alive]
            seen[sofar(name)] = np.where(held > 0, total[alive] / np.maximum(held, 1), MISSING)
        if self.steps.times.clock is not None:
            seen[CLOCK] = self.steps.times.clocked(self.time[alive])
        return seen

    def extended(self, alive: IntArray, known: dict[str, FloatArray]) -> dict[str, FloatArray]:
        """Add an event to each of some entities; gives its values."""
        nothing = np.full(len(alive), MISSING)  # the first event has no gap
        made = {name: known.get(name, nothing) for name in self.last}
        for name, values in made.items():
            self.last[name][alive] = values
            if name in self.total:
                self.total[name][alive] += np.where(values >= 0, values, 0)
                self.held[name][alive] += values >= 0
        if self.steps.times.clock is not None:
            times = self.steps.times.next(self.time[alive], known)
            self.time[alive] = np.where(np.isnan(times), self.time[alive], times)
            made[CLOCK] = times
        return made


def steps(
    laid: Layout, parents: Sequence[Column], events: Sequence[Column], times: Times, leaf: int, rng: np.random.Generator
) -> Steps:
    """Fit the course of events; the entity's columns have a code per seed row as the event's have."""
    places, counts = laid.places, laid.counts[laid.of]
    longest = int(counts.max())
    about = [*parents, feature(PLACE, places / longest), feature(LEFT, (counts - places - 1) / longest)]
    behind = [column for each in [*events, *times.drawn] for column in _behind(each, places)]
    if times.clock is not None:
        behind.append(_shifted(times.clock, places, CLOCK))
    firsts, laters = np.flatnonzero(places == 0), np.flatnonzero(places > 0)
    hour = [] if times.hour is None else [times.hour]
    first = _chain([*events[:1], *hour, *events[1:]], about, firsts, leaf, rng)
    later = _chain([*events[:1], *times.drawn, *events[1:]], [*about, *behind], laters, leaf, rng)
    return Steps(first, later, (*events, *times.drawn), longest, times)


def before(name: str) -> str:
    """Name a column of the event before."""
    return f"(before) {name}"


def sofar(name: str) -> str:
    """Name the mean of a column over all events before."""
    return f"(so far) {name}"


def feature(name: str, values: FloatArray) -> Column:
    """Give numbers from 0 to 1, or -1 for missing, as a column that trees can be given as they are."""
    levels, codes = np.unique(values, return_inverse=True)
    known = levels[levels >= 0]
    return Column(
        pa.field(name, pa.float64()), pa.array(known), codes.reshape(-1) - (len(levels) - len(known)), known, True
    )


def _chain(
    columns: Sequence[Column], given: Sequence[Column], rows: IntArray, leaf: int, rng: np.random.Generator
) -> tuple[Conditional, ...]:
    chain = []
    for place, column in enumerate(columns):
        known = [*given, *columns[:place]]
        if len(known) > GIVEN:
            known = sorted(known, key=lambda each: -dependence(each, column))[:GIVEN]
        chain.append(fitted(column, known, rows, leaf, rng))
    return tuple(chain)


def _behind(column: Column, places: IntArray) -> list[Column]:
    last = _shifted(column, places, before(column.name))
    if not column.ordered:
        return [last]
    values = column.values
    held = values >= 0
    firsts = np.flatnonzero(places == 0)
    total, count = np.cumsum(np.where(held, values, 0)), np.cumsum(held)
    base = np.repeat(firsts, np.diff(np.r_[firsts, len(places)]))
    ahead = [each - now - (each - now)[base] for each, now in ((total, np.where(held, values, 0)), (count, held))]
    means = np.where(ahead[1] > 0, np.clip(ahead[0], 0, None) / np.maximum(ahead[1], 1), MISSING)
    return [last, feature(sofar(column.name), np.where(means >= 0, np.clip(means, 0, 1), MISSING))]


def _shifted(column: Column, places: IntArray, name: str) -> Column:
    codes = np.where(places > 0, np.r_[-1, column.codes[:-1]], -1)
    return Column(
        column.field.with_name(name), column.levels, codes, column.ranks, column.ordered, column.points, column.step
    )

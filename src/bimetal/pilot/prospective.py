"""A pilot before labels exist: a panel and rungs of labels bought one by one, while the next is worth its price.

>>> from bimetal.pilot import Prices, Terms, begin
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json, digest
from bimetal.errors import InputError
from bimetal.payload import payload_columns
from bimetal.pilot import tables
from bimetal.pilot.data import PilotData
from bimetal.pilot.design import Design
from bimetal.pilot.drawing import Population, drawn_from
from bimetal.pilot.run import Mapper, OnCell, run_pilot
from bimetal.pilot.sources import learns
from bimetal.pilot.standing import Standing, standing
from bimetal.pilot.terms import FEWEST, FEWEST_ITEMS, Terms

EVERYONE = Population()


@dataclass(frozen=True)
class Prospective:
    """Where a pilot stands: its terms, rows, draw, and what people answered; every step makes a new one.

    `rows` have an `id` column of distinct texts. `panel` and `order` are row numbers; labels of the first
    `terms.rungs[rung]` rows of `order` are bought. `labels` are people's by id, `skipped` the ids they gave up on.
    """

    terms: Terms
    rows: pa.Table
    panel: tuple[int, ...]
    order: tuple[int, ...]
    population: Population = EVERYONE
    labels: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    rung: int = 0

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Every row's id."""
        return tuple(map(str, self.rows["id"].to_pylist()))

    @property
    def asked(self) -> tuple[str, ...]:
        """Ids of every item sent to people so far, panel first."""
        return self._ids((*self.panel, *self.order[: self._bought(self.rung)]))

    @property
    def waiting(self) -> tuple[str, ...]:
        """Ids of items that nobody has answered yet."""
        return tuple(each for each in self.asked if each not in self.labels and each not in self.skipped)

    @property
    def questions(self) -> pa.Table:
        """The waiting items with their payload alone, shuffled: nobody sees which of them are the panel."""
        waiting = set(self.waiting)
        rows = np.array([at for at, each in enumerate(self.ids) if each in waiting], int)
        shuffled = np.random.default_rng([self.terms.rng_seed, 11, self.rung]).permutation(rows)
        apart = self.population.apart
        shown = [name for name in payload_columns(self.rows) if name not in apart]
        return self.rows.select(["id", *shown]).take(shuffled)

    @property
    def labelled(self) -> tuple[int, ...]:
        """Row numbers of the labels bought for training."""
        return tuple(row for row in self.order[: self._bought(self.rung)] if self.ids[row] in self.labels)

    @property
    def panel_labels(self) -> tuple[str, ...]:
        """Labels of the panel items that got one."""
        return tuple(self.labels[each] for each in self._ids(self.panel) if each in self.labels)

    @property
    def spent(self) -> float:
        """Money for the answers so far; a skipped item is paid for, too."""
        return self.terms.label_price * (len(self.asked) - len(self.waiting))

    @property
    def ahead(self) -> tuple[int, ...]:
        """Numbers of labels that the rungs still ahead would reach, as far as the table goes."""
        reached = len(self.order)
        return tuple(each for each in self.terms.rungs[self.rung + 1 :] if each <= reached)

    def advance(self, labels: Mapping[str, str], skipped: Iterable[str] = ()) -> Prospective:
        """Take answers in; raises InputError for items nobody was asked about."""
        skipped = frozenset(skipped)
        strange = sorted({*labels, *skipped} - set(self.asked))
        if strange:
            raise InputError(
                f"{len(strange)} answers are to items nobody was asked about: {', '.join(strange[:5])}",
                "answer the questions that were written",
            )
        known = {**self.labels, **labels}
        return replace(self, labels=known, skipped=(self.skipped | skipped) - frozenset(known))

    def wider(self) -> Prospective:
        """Ask for the next rung; raises InputError where there is none."""
        if not self.ahead:
            raise InputError("there is no further rung", "begin a pilot with more rungs, or with a larger table")
        return replace(self, rung=self.rung + 1)

    def data(self, synthetic: Any) -> PilotData:
        """Spell the answers as what a pilot with labels at hand is given; the other rows are unlabelled."""
        _refuse_unready(self)
        apart, own = (self.population.group, self.population.time), list(self.labelled)
        kept = [name for name in self.rows.column_names if name not in self.population.apart or name in apart]
        rows = self.rows.select(kept)
        real = rows.append_column("label", pa.array([self.labels.get(each) for each in self.ids], pa.string()))
        panel = [row for row in self.panel if self.ids[row] in self.labels]
        bought = set(own)
        rest = [row for row in self.order if row not in bought]
        unlabelled = rows.take(rest) if rest else None
        return PilotData(real.take(own), real.take(panel), synthetic, "label", unlabelled, *apart)

    @property
    def design(self) -> Design:
        """What is fitted on the labels there are."""
        return self.terms.design(len(self.labelled))

    def judge(self, learner: Any, synthetic: Any, run: Mapper = map, on_cell: OnCell | None = None) -> Standing:
        """Fit every arm on the labels there are and say where it stands: a verdict, or that the next rung pays."""
        result = run_pilot(self.data(synthetic), learner, self.design, run, on_cell)
        return standing(self, result, learned_by_any(synthetic))

    @property
    def digest(self) -> str:
        """A digest of what was registered: terms, rows, panel and order."""
        rows = tables.payload_digests(self.rows.select(["id", *payload_columns(self.rows)]))
        drawn: dict[str, Json] = {"panel": list(self.panel), "order": list(self.order)}
        return digest({"terms": self.terms.json(), "ids": self.ids, "rows": rows, **drawn})

    def _bought(self, rung: int) -> int:
        return min(self.terms.rungs[rung], len(self.order))

    def _ids(self, rows: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.ids[row] for row in rows)


def begin(rows: Any, terms: Terms, population: Population = EVERYONE) -> Prospective:
    """Draw the panel and the order of the rungs from a table that stands for the declared target population.

    Rows without an `id` column are called row-0, row-1 and so on. Raises InputError for rows that are synthetic, that
    repeat an id, or that are too few.

    >>> import pyarrow as pa
    >>> from bimetal.pilot.prices import Prices
    >>> pilot = begin(pa.table({"x": range(100)}), Terms(0.9, Prices(0.1), 20, panel=40, rungs=(10, 20)))
    >>> pilot.questions.num_rows, pilot.spent
    (50, 0.0)
    >>> pilot = pilot.advance({each: "a" for each in pilot.waiting})
    >>> len(pilot.labelled), pilot.spent, len(pilot.wider().waiting)
    (10, 5.0, 10)
    """
    table = _named(tables.arrow(rows, "the table"))
    table = table.drop_columns([name for name in ("label",) if name in table.column_names])
    tables.refuse_synthetic(table, "given")
    if table.num_rows < terms.panel + terms.rungs[0]:
        raise InputError(
            f"the table has {table.num_rows} rows, the panel and the first rung take {terms.panel + terms.rungs[0]}",
            "pass more rows, or ask for a smaller panel",
        )
    panel, order = drawn_from(table, terms.panel, population, np.random.default_rng([terms.rng_seed, 10]))
    if len(order) < terms.rungs[0]:
        raise InputError(
            f"beside the panel {len(order)} rows are left that do not repeat it, the first rung takes {terms.rungs[0]}",
            "pass more rows, or ask for a smaller panel",
        )
    return Prospective(terms, table, tuple(panel.tolist()), tuple(order.tolist()), population)


def learned_by_any(synthetic: Any) -> bool:
    """Say whether some source of synthetic rows fits itself to the labels of each cell."""
    return any(map(learns, synthetic.values() if isinstance(synthetic, Mapping) else [synthetic]))


def _named(rows: pa.Table) -> pa.Table:
    if "id" not in rows.column_names:
        return rows.append_column("id", pa.array([f"row-{at}" for at in range(rows.num_rows)], pa.string()))
    ids = [None if each is None else str(each) for each in rows["id"].to_pylist()]
    twice = [str(each) for each, times in Counter(ids).items() if times > 1 and each is not None]
    if twice or None in ids:
        what = f"ids repeat: {', '.join(twice[:5])}" if twice else "a row has no id"
        raise InputError(f"the table's {what}", "give each row an id of its own, or drop the id column")
    return rows.set_column(rows.column_names.index("id"), "id", pa.array(ids, pa.string()))


def _refuse_unready(pilot: Prospective) -> None:
    if pilot.waiting:
        raise InputError(
            f"{len(pilot.waiting)} of {len(pilot.asked)} items wait for an answer", "answer them, or skip them"
        )
    got = {"training": (len(pilot.labelled), FEWEST), "the panel": (len(pilot.panel_labels), FEWEST_ITEMS)}
    for what, (labels, needed) in got.items():
        if labels < needed:
            raise InputError(
                f"{labels} items for {what} got a label, {needed} are needed", "have more of them answered"
            )
